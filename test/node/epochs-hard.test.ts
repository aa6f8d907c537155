// Epochs that end while things go wrong (protocol 3.8, 5.2, 6.1): the power fails at every step of a change, and a seat
// that lied is left out.
import { afterEach, describe, expect, it } from 'vitest';
import { type Statement, statementBytes } from '../../src/consensus/statements.ts';
import { sealEntry } from '../../src/council/entry.ts';
import { rosterInForce } from '../../src/council/state.ts';
import { ConclaveError } from '../../src/errors.ts';
import { MemoryCouncil } from '../../src/node/memory-council.ts';
import { toBase64 } from '../../src/signing/bytes.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import type { Epoch } from '../../src/signing/purpose.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import type { Store } from '../../src/storage/store.ts';
import {
  approve,
  CHARTER,
  decideEverywhere,
  sourceAbout,
  TEST_PACE,
  until,
} from '../rigs/instant-council.ts';

let council: MemoryCouncil | undefined;
afterEach(() => council?.close());

const seat = asSeatId;

/** A disk whose power fails at a write: before it is there, or just after. */
class Power {
  left = Number.POSITIVE_INFINITY;
  isWritten = false;

  wrap(store: Store): Store {
    return {
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
      keys: (prefix) => store.keys(prefix),
      close: () => store.close(),
      write: (batch) => {
        this.left -= 1;
        if (this.left > 0) return store.write(batch);
        if (this.left === 0 && this.isWritten) store.write(batch);
        throw new ConclaveError('storage', 'the power is gone');
      },
    };
  }
}

/** A change takes a node some so many writes; beyond them it is over before the power fails. */
const STEPS = 7;

it('the power may fail at every write of a change: the node comes back and the council goes on from the same block', async () => {
  const power = new Power();
  const all = await MemoryCouncil.found(
    { nodes: [1, 1, 1, 1], charter: CHARTER, pace: TEST_PACE },
    { judge: approve, wrapStore: (store, node) => (node === 3 ? power.wrap(store) : store) },
  );
  council = all;
  await all.startAll();
  let epoch = 1;
  for (const isWritten of [false, true]) {
    for (let step = 1; step <= STEPS; step++) {
      power.isWritten = isWritten;
      power.left = step;
      all.swap(seat(1), digestOf(`${step} ${isWritten}`));
      epoch += 1;
      const others = all.up.slice(0, 3);
      await until(() => others.every(({ state }) => state.epoch === epoch));
      await until(() => all.node(3).stopped !== undefined || all.node(3).state.epoch === epoch);
      power.left = Number.POSITIVE_INFINITY;
      await all.stop(3);
      await all.start(3);
      await until(() => all.node(3).state.epoch === epoch);
    }
  }
  const [decision] = await decideEverywhere(all, sourceAbout('after all that'));
  expect(decision?.epoch).toBe(epoch);
  expect(decision?.ballots.map(({ seat: of }) => of)).toEqual([1, 2, 3, 4]);
  const heads = all.up.map(({ store }) => store.endOf((epoch - 1) as Epoch)?.block.digest);
  expect(new Set(heads).size).toBe(1);
}, 60_000);

describe('a seat that contradicted itself', () => {
  it('is left out from the next epoch on, and the council goes on with a vacant chair', async () => {
    const all = await MemoryCouncil.found(
      { nodes: [1, 1, 1, 1], charter: CHARTER, pace: TEST_PACE },
      { judge: approve },
    );
    council = all;
    await all.startAll();
    const { councilId } = all.founding;
    const { epoch } = all.node(0).state;
    const said = (block: string) => {
      const about = { epoch, view: 999, height: 5, block: digestOf(block) };
      const statement = { kind: 'vote-1', ...about } as Statement;
      const secret = all.keysOf(seat(4)).ed25519.secret;
      const signature = toBase64(fastestEd25519.sign(secret, statementBytes(councilId, statement)));
      return { seat: 4, phase: 1, ...about, signature };
    };
    const evidence = { kind: 'two-votes', first: said('one'), second: said('other') };
    const entry = sealEntry({ kind: 'evidence.found', by: 'seat/1', epoch, evidence }, councilId, (message) =>
      toBase64(fastestEd25519.sign(all.keysOf(seat(1)).ed25519.secret, message)),
    );
    all.node(0).submit([entry]);
    await until(() => all.up.every(({ state }) => state.marks.size === 1));
    all.swap(seat(2), digestOf('swapped'));
    await until(() => all.up.every(({ state }) => state.epoch === 2));
    expect(rosterInForce(all.node(0).state).seats.map(({ vacant }) => vacant)).toEqual([
      undefined,
      undefined,
      undefined,
      true,
    ]);
    const [decision] = await decideEverywhere(all, sourceAbout('with three'));
    expect(decision?.outcome).toBe('approved');
    expect(decision?.ballots.map(({ seat: of }) => of)).toEqual([1, 2, 3]);
    // Whoever hosted it follows the council and says nothing.
    expect(all.node(3).status().seats).toEqual([]);
    await all.stop(3);
    const back = await all.start(3);
    await until(() => back.status().height === all.node(0).status().height);
  });
});
