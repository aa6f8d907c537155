// The short form of `npm run chaos -- --dead N` (issue 4, "Done means" 3): the same nine nodes in one process, over a
// transport in memory, with ten and twelve of 33 seats dead from the start. (With eleven: test/node/many-nodes.test.ts.)
import { afterEach, expect, it } from 'vitest';
import type { MemoryCouncil } from '../../src/node/memory-council.ts';
import { DEAD_NODES, gapProblems, gapsIn, SEATS_BY_NODE } from '../chaos/dead-seats.ts';
import {
  approve,
  decideEverywhere,
  memoryCouncil,
  sourceAbout,
  TEST_PACE,
  until,
} from '../rigs/instant-council.ts';

/** Nine nodes on one thread are slower than any network. */
const PACE = { ...TEST_PACE, viewMs: 1_000, maxViewMs: 8_000 };
const CHARTER = { windows: { commitMs: 1_200, revealMs: 600 } };

let council: MemoryCouncil | undefined;
afterEach(async () => {
  await council?.close();
  council = undefined;
});

async function withDead(
  dead: number,
): Promise<{ all: MemoryCouncil; first: number; deadNodes: readonly number[] }> {
  const deadNodes = DEAD_NODES[dead] ?? expect.fail();
  const all = await memoryCouncil(SEATS_BY_NODE, approve, { pace: PACE, charter: CHARTER });
  council = all;
  const living = SEATS_BY_NODE.map((_, i) => i).filter((i) => !deadNodes.includes(i));
  for (const i of living) await all.start(i);
  return { all, first: living[0] ?? expect.fail(), deadNodes };
}

it('ten dead: decisions keep coming, and each dead leader costs one timeout and is passed over for n views', async () => {
  const { all, first } = await withDead(10);
  for (const subject of ['first', 'second']) {
    const [decision] = await decideEverywhere(all, sourceAbout(subject));
    expect(decision).toMatchObject({ outcome: 'approved', tally: { approve: 23, missing: 10 } });
  }
  const { ledger } = all.place(first);
  await until(() => gapsIn((path) => ledger.read(path)).views > 0);
  const passed = gapsIn((path) => ledger.read(path));
  const dead = new Set([1, 2, 3, 4, 28, 29, 30, 31, 32, 33]);
  expect(Object.keys(passed.gaps).some((seat) => dead.has(Number(seat)))).toBe(true);
  expect(gapProblems(passed).filter((problem) => dead.has(Number(/\d+/.exec(problem)?.[0])))).toEqual([]);
}, 180_000);

it('twelve dead: nothing is opened, a node says why, and it goes on when one returns', async () => {
  const { all, first, deadNodes } = await withDead(12);
  await expect(all.submit(sourceAbout('twelve'))).rejects.toThrow(/receipts/);
  await until(() => all.node(first).status().heard.length === 21);
  expect(all.node(first).status().why).toContain('21 of 22 needed seats heard');
  await all.start(deadNodes[0] ?? expect.fail());
  const [decision] = await decideEverywhere(all, sourceAbout('twelve'));
  expect(decision).toMatchObject({ outcome: 'approved', tally: { approve: 25 } });
}, 180_000);
