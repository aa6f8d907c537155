// The short form of `npm run chaos` (issue 4, "Done means" 2): four faults of one seed on real processes, the last of them
// while a node lies. And the claims about seeds: the same one draws the same schedule, and every kind is drawn.
import { expect, it } from 'vitest';
import { reportText, unleashChaos } from './chaos-run.ts';
import { countsByKind, FAULT_KINDS, faultText, scheduleOf } from './schedule.ts';

it('a seed is a schedule: the same again, and another for another', () => {
  const options = { faults: 50, nodes: 4, redisServers: 1 };
  const text = (seed: number): string =>
    scheduleOf({ ...options, seed })
      .map(faultText)
      .join('\n');
  expect(text(7)).toBe(text(7));
  expect(text(8)).not.toBe(text(7));
});

it('a long schedule has faults of every kind, in the order of their time, and none that is left out', () => {
  const schedule = scheduleOf({ seed: 1, faults: 200, nodes: 4, redisServers: 2, without: ['full-disk'] });
  expect(schedule).toHaveLength(200);
  expect(schedule.map(({ atMs }) => atMs)).toEqual(
    schedule.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
  );
  const kinds = Object.keys(countsByKind(schedule)).toSorted();
  expect(kinds).toEqual(FAULT_KINDS.filter((kind) => kind !== 'full-disk').toSorted());
});

it('four faults and a liar later every acknowledged case is decided once, by equal ledgers and valid certificates', async () => {
  const report = await unleashChaos({
    seed: 3,
    faults: 4,
    lyingShare: 0.25,
    pace: 0.4,
    windows: { commitMs: 2_500, revealMs: 1_500 },
    submitEveryMs: 2_500,
    settleWithinMs: 60_000,
  });
  expect(report.problems, reportText(report)).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(2);
  expect(report.decided).toBeGreaterThanOrEqual(report.acknowledged);
  expect(report.certificates).toBe(3 * report.decided);
}, 240_000);
