import { describe, expect, test } from 'vitest';
import type { Header, Height, View } from '../consensus/block.ts';
import type { Certificate } from '../consensus/certificates.ts';
import { digestOfHeader } from '../consensus/digests.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { Signature } from '../consensus/statements.ts';
import { textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { allSeats, asSeatId } from '../signing/seat-id.ts';
import { certificateOf, sealOf } from './commit-seal.ts';
import {
  BLOCKS_A_FILE,
  PublishedBlocksWriter,
  publishedBlockOf,
  publishedBlocks,
} from './published-blocks.ts';

const QUORUM = quorumOf(4);

const headerAt = (height: number): Header => ({
  epoch: 1 as Epoch,
  view: height as View,
  height: height as Height,
  parent: digestOf(height - 1),
  proposer: asSeatId((height % 4) + 1),
  timeMs: height,
  payloadRoot: digestOf('payload'),
  ledgerSize: height,
  ledgerRoot: digestOf('root'),
});

const commitOf = (header: Header, seats = allSeats(QUORUM.q)): Certificate => ({
  kind: 'commit',
  epoch: header.epoch,
  view: header.view,
  height: header.height,
  block: digestOfHeader(header),
  signatures: seats.map((seat) => ({
    seat,
    signature: toBase64(new Uint8Array(64).fill(seat)) as Signature,
  })),
});

const blockAt = (height: number) =>
  publishedBlockOf(headerAt(height), 1, height % 3 === 0 ? null : commitOf(headerAt(height)), QUORUM);

class Folder {
  readonly files = new Map<string, Uint8Array>();
  readonly read = (path: string) => this.files.get(path);

  publish(writer: PublishedBlocksWriter): void {
    const { files, outdated } = writer.publish();
    for (const { path, bytes } of files) this.files.set(path, bytes);
    for (const folder of outdated) {
      for (const path of this.files.keys()) if (path.startsWith(`${folder}/`)) this.files.delete(path);
    }
  }
}

function published(count: number): Folder {
  const folder = new Folder();
  const writer = PublishedBlocksWriter.empty();
  for (let height = 1; height <= count; height++) writer.append(blockAt(height));
  folder.publish(writer);
  return folder;
}

describe('published blocks', () => {
  test('are read back as they were written, however the publication was cut and resumed', () => {
    const folder = new Folder();
    let writer = PublishedBlocksWriter.empty();
    for (let height = 1; height <= 2 * BLOCKS_A_FILE + 5; height++) {
      writer.append(blockAt(height));
      if (height % 7 === 0) folder.publish(writer);
      if (height % 21 === 0) writer = PublishedBlocksWriter.resume(height, folder.read);
    }
    folder.publish(writer);
    const expected = Array.from({ length: 2 * BLOCKS_A_FILE + 5 }, (_, i) => blockAt(i + 1));
    expect([...publishedBlocks(folder.read)]).toEqual(expected);
    expect([...folder.files.keys()].filter((path) => !path.includes('.p/'))).toEqual([
      'blocks/000',
      'blocks/001',
    ]);
  });

  test('of no ledger are none', () => {
    expect([...publishedBlocks(() => undefined)]).toEqual([]);
  });

  test('out of order are not taken', () => {
    const writer = PublishedBlocksWriter.empty();
    expect(() => writer.append(blockAt(2))).toThrow(/ascending/);
  });

  test('with a line that is cut, respelled or has an unknown field are refused', () => {
    for (const change of [
      (text: string) => text.slice(0, -1),
      (text: string) => text.slice(0, -30),
      (text: string) => text.replace('"entries":1', '"entries": 1'),
      (text: string) => text.replace('"entries":1', '"entries":1,"extra":1'),
      (text: string) => text.replace('"height":2', '"height":0'),
      (text: string) => text.replace('"seats":"07"', '"seats":7'),
      (text: string) => text.replace('\n', '\n\n'),
      (text: string) => `${text}${text.slice(text.lastIndexOf('\n', text.length - 2) + 1)}`,
      (text: string) => `${text}\n`,
    ]) {
      const folder = published(3);
      const path = 'blocks/000.p/3';
      const text = textOf(folder.read(path) ?? new Uint8Array());
      expect(change(text)).not.toBe(text);
      folder.files.set(path, utf8(change(text)));
      expect(() => [...publishedBlocks(folder.read)]).toThrow();
    }
  });
});

describe('a commit seal', () => {
  test('gives back the certificate it was made of, cut down to a quorum', () => {
    const header = headerAt(5);
    const all = commitOf(header, allSeats(4));
    const restored = certificateOf(header, digestOfHeader(header), sealOf(all, QUORUM), QUORUM);
    expect(restored).toEqual(commitOf(header));
  });

  test('of fewer or more seats than a quorum is refused', () => {
    const header = headerAt(5);
    const seal = sealOf(commitOf(header), QUORUM);
    const block = digestOfHeader(header);
    for (const altered of [
      { ...seal, seats: '03' },
      { ...seal, seats: '0f' },
      { ...seal, seats: '17' },
      { ...seal, signatures: toBase64(new Uint8Array(64 * 2)) },
      { ...seal, signatures: toBase64(new Uint8Array(64 * 4)) },
    ]) {
      expect(() => certificateOf(header, block, altered, QUORUM)).toThrow();
    }
  });
});
