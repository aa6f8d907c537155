// What a node publishes after its disk failed it (protocol 7.1): a checkpoint names nothing that is not there, and what
// got lost is made again from the store. Found by `npm run chaos -- --seed 23`: a disk that was full for a second.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConclaveError } from '../../src/errors.ts';
import { auditLedger } from '../../src/ledger/audit.ts';
import { BLOCKS_A_FILE } from '../../src/ledger/published-blocks.ts';
import { TILE_WIDTH } from '../../src/ledger/tiles.ts';
import type { MemoryCouncil } from '../../src/node/memory-council.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import {
  approve,
  decideEverywhere,
  eventOf,
  memoryCouncil,
  sourceAbout,
  until,
} from '../rigs/instant-council.ts';

const FIRST_BUNDLE = 'tile/entries/000';

let council: MemoryCouncil;
beforeEach(async () => {
  council = await memoryCouncil([9, 8, 8, 8], approve);
  await council.startAll();
});
afterEach(() => council.close());

function audited(index: number) {
  const { ledger } = council.place(index);
  return auditLedger(council.founding, (path) => ledger.read(path), { ed25519: fastestEd25519 });
}

const sizeAt = (index: number): number => council.node(index).status().ledger.size;

const fillsBundle = (): boolean => sizeAt(0) > TILE_WIDTH;
const fillsAll = (): boolean => fillsBundle() && council.node(0).status().height > BLOCKS_A_FILE;

/** Decides cases until node 0 has published so much, whatever becomes of another node. */
async function growUntil(isLarge: () => boolean): Promise<void> {
  for (let i = 0; !isLarge(); i++) {
    const subject = `case-${i}`;
    const fits = ({ decision }: { decision: { subject: string } }) => decision.subject === subject;
    await Promise.all([eventOf(council.node(0), 'certified', fits), council.submit(sourceAbout(subject))]);
  }
}

it('a disk that is full for a moment stops the node, and leaves no checkpoint over a file that was never written', async () => {
  const { ledger } = council.place(3);
  const write = ledger.write.bind(ledger);
  ledger.write = async (files) => {
    if (!files.some(({ path }) => path === FIRST_BUNDLE)) return write(files);
    ledger.write = write;
    throw new ConclaveError('storage', 'no space left on device');
  };
  const stopped = until(() => council.node(3).stopped !== undefined, 60_000);
  await growUntil(fillsBundle);
  await stopped;
  await council.stop(3);
  expect(audited(3)).toMatchObject({ clean: true });

  await council.start(3);
  await decideEverywhere(council, sourceAbout('afterwards'));
  await council.stop(3);
  expect(ledger.read(FIRST_BUNDLE)).toBeDefined();
  expect(audited(3)).toMatchObject({ clean: true, size: sizeAt(0) });
});

it('a file that is gone at a start is made again, of whatever kind it is', async () => {
  await growUntil(fillsAll);
  await until(() => sizeAt(3) === sizeAt(0));
  await council.stop(3);
  const { ledger } = council.place(3);
  for (const path of [FIRST_BUNDLE, 'tile/0/000', 'blocks/000']) {
    await ledger.remove([path]);
    expect(audited(3), path).toMatchObject({ clean: false });
    await council.start(3);
    await council.stop(3);
    expect(audited(3), path).toMatchObject({ clean: true, size: sizeAt(0) });
  }
});
