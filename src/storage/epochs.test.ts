// A chain that goes on through several epochs, as it is kept and handed on (protocol 6.1).
import { expect, it } from 'vitest';
import type { Block, Header, Height, View } from '../consensus/block.ts';
import type { Certificate } from '../consensus/certificates.ts';
import { digestOfHeader, payloadRoot } from '../consensus/digests.ts';
import { MAX_BLOCKS_SENT } from '../consensus/limits.ts';
import type { Signature } from '../consensus/statements.ts';
import { textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { decodeLink, encodeLink } from './council-records.ts';
import { CouncilStore } from './council-store.ts';
import { MemoryStore } from './memory-store.ts';

const genesis = digestOf('genesis');
const signature = toBase64(new Uint8Array(64).fill(5)) as Signature;

function blockOn(parent: Digest, epoch: number, view: number, height: number): Block {
  const header: Header = {
    epoch: epoch as Epoch,
    view: view as View,
    height: height as Height,
    parent,
    proposer: asSeatId(1),
    timeMs: view,
    payloadRoot: payloadRoot([]),
    ledgerSize: 0,
    ledgerRoot: digestOf('empty'),
  };
  return { digest: digestOfHeader(header), header, entries: [] };
}

function commitOf({ digest: block, header: { epoch, view, height } }: Block): Certificate {
  return { kind: 'commit', epoch, view, height, block, signatures: [{ seat: asSeatId(2), signature }] };
}

/** Two blocks in epoch 1, the second proven by two that were built on it; then some of epoch 2. */
function twoEpochs(later = 2) {
  const memory = new MemoryStore();
  const store = new CouncilStore(memory);
  const first = blockOn(genesis, 1, 1, 1);
  const end = blockOn(first.digest, 1, 2, 2);
  const one = blockOn(end.digest, 1, 4, 3);
  const suffix = [one, blockOn(one.digest, 1, 6, 4)];
  const chain = [first, end];
  for (let i = 0; i < later; i++) chain.push(blockOn(chain.at(-1)?.digest ?? genesis, 2, 3 + i, 3 + i));
  for (const block of chain) {
    const batch = store.batch();
    const isEnd = block === end;
    const certified = isEnd ? suffix.at(-1) : block;
    const commit = certified === undefined || block === first ? null : commitOf(certified);
    batch.commit({ block, commit, leaves: [], suffix: isEnd ? suffix : [] });
    store.write(batch);
  }
  return { memory, store, chain, end, suffix };
}

it('the blocks that prove the last one of an epoch come back with it, and are no part of the chain', () => {
  const { memory, chain, suffix } = twoEpochs();
  const again = new CouncilStore(memory.reopened());
  expect([...again.chain(genesis)].map(({ block }) => block)).toEqual(chain);
  expect([...again.chain(genesis)].map((stored) => stored.suffix)).toEqual([[], suffix, [], []]);
  expect(again.height).toBe(4);
});

it('a link of a block that ends no epoch is spelled as it always was', () => {
  const block = blockOn(genesis, 1, 1, 1);
  const link = { block: block.digest, commit: null, derived: [utf8('leaf')], suffix: [] };
  const text = `{"block":"${block.digest}","commit":null}`;
  expect(textOf(encodeLink(link)).includes(text)).toBe(true);
  expect(encodeLink(link)).toHaveLength(4 + text.length + 4 + 4);
  expect(decodeLink(encodeLink(link))).toEqual(link);
});

it('what proves the end of an epoch is empty, or it is not what was written', () => {
  const { end, suffix } = twoEpochs();
  const link = { block: end.digest, commit: null, derived: [], suffix };
  expect(decodeLink(encodeLink(link))).toEqual(link);
  const full = suffix.map((block) => ({ ...block, header: { ...block.header, payloadRoot: digestOf('x') } }));
  expect(() => decodeLink(encodeLink({ ...link, suffix: full }))).toThrow('without entries');
});

it('an answer to a peer ends where the epoch ends, with what proves it; the next begins there', () => {
  const { store, chain, suffix } = twoEpochs();
  const told = store.blocksAbove(0 as Height);
  expect(told?.blocks).toEqual([...chain.slice(0, 2), ...suffix]);
  expect(told?.commit?.block).toBe(suffix.at(-1)?.digest);
  expect(store.blocksAbove(2 as Height)?.blocks).toEqual(chain.slice(2));
  const many = twoEpochs(MAX_BLOCKS_SENT + 5);
  expect(many.store.blocksAbove(2 as Height)?.blocks).toHaveLength(MAX_BLOCKS_SENT);
});

it('the end of each epoch is found, and none of the one that goes on', () => {
  const { store, end } = twoEpochs();
  expect(store.endOf(1 as Epoch)?.block).toEqual(end);
  expect(store.endOf(2 as Epoch)).toBeUndefined();
  expect(store.endOf(3 as Epoch)).toBeUndefined();
  expect(new CouncilStore(new MemoryStore()).endOf(1 as Epoch)).toBeUndefined();
});
