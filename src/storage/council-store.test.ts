import { describe, expect, it } from 'vitest';
import type { Block, Entry, Header, Height, View } from '../consensus/block.ts';
import type { Certificate } from '../consensus/certificates.ts';
import { digestOfHeader, payloadRoot } from '../consensus/digests.ts';
import { MAX_BLOCKS_SENT } from '../consensus/limits.ts';
import type { Signature } from '../consensus/statements.ts';
import { noVotes } from '../consensus/voting-rules.ts';
import { toBase64, utf8 } from '../signing/bytes.ts';
import { type Digest, digestOf, digestOfBytes } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { CouncilStore } from './council-store.ts';
import { MemoryStore } from './memory-store.ts';

const genesis = digestOf('genesis');
const epoch = 1 as Epoch;
const signature = toBase64(new Uint8Array(64).fill(5)) as Signature;

function entry(text: string): Entry {
  const bytes = utf8(text);
  return { bytes, digest: digestOfBytes(bytes) };
}

function blockAt(height: number, parent: Digest, entries: readonly Entry[] = [entry(`e${height}`)]): Block {
  const header: Header = {
    epoch,
    view: (2 * height) as View,
    height: height as Height,
    parent,
    proposer: asSeatId(1),
    timeMs: height,
    payloadRoot: payloadRoot(entries),
    ledgerSize: 2 * height,
    ledgerRoot: digestOf(height),
  };
  return { digest: digestOfHeader(header), header, entries };
}

function commitOf({ digest, header: { view, height } }: Block): Certificate {
  return {
    kind: 'commit',
    epoch,
    view,
    height,
    block: digest,
    signatures: [{ seat: asSeatId(2), signature }],
  };
}

/** A chain whose blocks are certified as told, each through its body first and then its commit. */
function chainOf(certified: readonly boolean[]): {
  memory: MemoryStore;
  store: CouncilStore;
  blocks: Block[];
} {
  const memory = new MemoryStore();
  const store = new CouncilStore(memory);
  const blocks: Block[] = [];
  let parent = genesis;
  certified.forEach((own, i) => {
    const block = blockAt(i + 1, parent);
    parent = block.digest;
    blocks.push(block);
    const proposed = store.batch();
    proposed.persist({ kind: 'block', key: `block/${block.digest}`, block });
    store.write(proposed);
    const batch = store.batch();
    const leaves = [...block.entries.map(({ bytes }) => bytes), utf8(`derived ${i + 1}`)];
    batch.commit({ block, commit: own ? commitOf(block) : null, leaves, suffix: [] });
    batch.forget(`block/${block.digest}`);
    store.write(batch);
  });
  return { memory, store, blocks };
}

describe('what a node of a council keeps', () => {
  it('the committed chain comes back block by block, after a restart too', () => {
    const { memory, blocks } = chainOf([true, false, true]);
    const again = new CouncilStore(memory.reopened());
    const chain = [...again.chain(genesis)];
    expect(chain.map(({ block }) => block)).toEqual(blocks);
    expect(chain.map(({ commit }) => commit !== null)).toEqual([true, false, true]);
    expect(chain.map(({ derived }) => new TextDecoder().decode(derived[0]))).toEqual([
      'derived 1',
      'derived 2',
      'derived 3',
    ]);
    expect(again.height).toBe(3);
    expect(again.at(4)).toBeUndefined();
  });

  it('a committed body stays when the engine forgets it; one that lost its view goes', () => {
    const { memory, store, blocks } = chainOf([true]);
    const orphan = blockAt(2, blocks[0]?.digest ?? genesis, []);
    const batch = store.batch();
    batch.persist({ kind: 'block', key: `block/${orphan.digest}`, block: orphan });
    store.write(batch);
    expect(new CouncilStore(memory.reopened()).durable(genesis).blocks).toEqual([orphan]);
    const next = store.batch();
    next.forget(`block/${orphan.digest}`);
    next.forget(`block/${blocks[0]?.digest}`);
    store.write(next);
    expect(store.durable(genesis).blocks).toEqual([]);
    expect([...store.chain(genesis)]).toHaveLength(1);
  });

  it('a block that came by catching up is kept with its commit', () => {
    const memory = new MemoryStore();
    const store = new CouncilStore(memory);
    const block = blockAt(1, genesis);
    const batch = store.batch();
    const leaves = block.entries.map(({ bytes }) => bytes);
    batch.commit({ block, commit: commitOf(block), leaves, suffix: [] });
    store.write(batch);
    expect(memory.syncs).toBe(1);
    expect(new CouncilStore(memory.reopened()).at(1)?.block).toEqual(block);
  });

  it('a batch without anything in it costs no sync', () => {
    const memory = new MemoryStore();
    const store = new CouncilStore(memory);
    store.write(store.batch());
    expect(memory.syncs).toBe(0);
  });

  it('votes come back exactly, the later ones', () => {
    const memory = new MemoryStore();
    const store = new CouncilStore(memory);
    const votes = { ...noVotes(asSeatId(3), epoch), lastTimeout: 9 as View };
    for (const held of [noVotes(asSeatId(3), epoch), votes]) {
      const batch = store.batch();
      batch.persist({ kind: 'votes', key: 'votes/3', votes: held });
      store.write(batch);
    }
    expect(new CouncilStore(memory.reopened()).durable(genesis).votes).toEqual([votes]);
  });

  it('an answer to a peer ends with a block that has its own certificate', () => {
    const { store, blocks } = chainOf([true, false, false, true, false]);
    expect(store.blocksAbove(0 as Height)).toMatchObject({
      blocks: blocks.slice(0, 4),
      commit: { height: 4 },
    });
    expect(store.blocksAbove(2 as Height)?.blocks).toEqual(blocks.slice(2, 4));
    expect(store.blocksAbove(4 as Height)).toBeUndefined();
    expect(store.blocksAbove(5 as Height)).toBeUndefined();
  });

  it('an answer to a peer is bounded', () => {
    const { store } = chainOf(new Array(MAX_BLOCKS_SENT + 10).fill(true));
    expect(store.blocksAbove(0 as Height)?.blocks).toHaveLength(MAX_BLOCKS_SENT);
  });

  it.each([
    ['a gap in the chain', 'chain/000000000002', undefined],
    ['a link that is damaged', 'chain/000000000002', utf8('nonsense')],
  ])('%s is noticed', (_, key, value) => {
    const { memory } = chainOf([true, true, true]);
    memory.write(
      value === undefined ? { puts: [], deletes: [key] } : { puts: [{ key, value }], deletes: [] },
    );
    expect(() => [...new CouncilStore(memory.reopened()).chain(genesis)]).toThrow(
      expect.objectContaining({ code: 'storage', message: expect.stringContaining('lost something') }),
    );
  });

  it('any byte of a body changed is noticed', () => {
    const { memory, blocks } = chainOf([true]);
    const key = `block/${blocks[0]?.digest}`;
    const whole = memory.get(key) ?? new Uint8Array();
    for (let at = 0; at < whole.length; at++) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      memory.write({ puts: [{ key, value: bytes }], deletes: [] });
      expect(() => [...new CouncilStore(memory.reopened()).chain(genesis)], `byte ${at}`).toThrow();
    }
  });
});
