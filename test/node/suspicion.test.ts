// Suspicion from end to end in a council in memory: seats say whom they do not hear, a quorum of them marks a seat as
// suspected on every ledger, cases stop waiting for it, and it is taken off once it is heard (protocol 4.5, 5.3).
import { afterEach, describe, expect, it } from 'vitest';
import type { MemoryCouncil } from '../../src/node/memory-council.ts';
import type { Suspicion } from '../../src/node/presence/suspicion.ts';
import { TICKS_OF_SILENCE } from '../../src/node/presence/suspicion.ts';
import { suspicionOf } from '../../src/node/presence/suspicion-of-node.ts';
import { asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import {
  approve,
  decideEverywhere,
  memoryCouncil,
  seatsANode,
  sourceAbout,
  until,
} from '../rigs/instant-council.ts';

const DEAD = asSeatId(4);
/** Longer than the test: a case that waited for the deadline would not be decided in it. */
const WINDOWS = { commitMs: 600_000, revealMs: 600_000 };

let council: MemoryCouncil | undefined;
afterEach(async () => {
  await council?.close();
  council = undefined;
});

/** Whom each node hears is what the test says; the entries, their signatures and their order are real. */
function watching(all: MemoryCouncil, heard: () => readonly SeatId[]): readonly Suspicion[] {
  let ticks = 0;
  const lastHeard = (seat: SeatId): number | undefined => (heard().includes(seat) ? ticks++ : undefined);
  return all.up.map((node) => {
    const seats = new Map(node.status().seats.map((seat) => [seat, all.secretOf(seat)]));
    const { councilId } = all.founding;
    return suspicionOf({ councilId, seats: () => seats, heartbeatMs: 1_000 }, { node, signs: [lastHeard] });
  });
}

const tick = (some: readonly Suspicion[], times: number): void => {
  for (let i = 0; i < times; i++) for (const one of some) one.tick();
};

describe('a seat that is not heard', () => {
  it('is suspected by a quorum on every ledger; cases do not wait for it; heard again it is taken off', async () => {
    const all = await memoryCouncil(seatsANode(4), approve, { charter: { windows: WINDOWS } });
    council = all;
    await all.startAll();
    await all.stop(3);
    let heard = [1, 2, 3].map(asSeatId);
    const suspicions = watching(all, () => heard);
    tick(suspicions, TICKS_OF_SILENCE);
    expect(all.up.map((node) => node.state.suspected)).toEqual([[], [], []]);
    tick(suspicions, 1);
    await until(() => all.up.every((node) => node.state.suspected.includes(DEAD)));
    expect(all.up.map((node) => node.status().suspected)).toEqual([[DEAD], [DEAD], [DEAD]]);

    const [decision] = await decideEverywhere(all, sourceAbout('without it'));
    expect(decision).toMatchObject({ outcome: 'approved', tally: { approve: 3, missing: 1 } });

    await all.start(3);
    heard = [1, 2, 3, 4].map(asSeatId);
    tick(suspicions, 2);
    await until(() => all.up.every((node) => node.state.suspected.length === 0));
    const [together] = await decideEverywhere(all, sourceAbout('with it'));
    expect(together).toMatchObject({ tally: { approve: 4, missing: 0 } });
  });

  it('is not suspected on the word of fewer than a quorum', async () => {
    const all = await memoryCouncil(seatsANode(4), approve);
    council = all;
    await all.startAll();
    // Two nodes of four do not hear the fourth; three would be needed.
    const heard = [1, 2, 3].map(asSeatId);
    tick(watching(all, () => heard).slice(0, 2), TICKS_OF_SILENCE + 1);
    await until(() => all.up.every((node) => node.state.opinions.size === 2));
    await decideEverywhere(all, sourceAbout('after it'));
    for (const { state } of all.up) expect(state.suspected).toEqual([]);
  });
});
