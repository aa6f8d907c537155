// The call that the command line makes.
import { describe, expect, it } from 'vitest';
import { ConclaveError } from '../errors.ts';
import { BEHAVIOURS, type SimulateOptions, simulate } from './simulate.ts';

describe('simulate', () => {
  it('counts schedules and reports them as they go', () => {
    const seen: number[] = [];
    const report = simulate({ kind: 'timed', seats: 4, seeds: 3, onSchedule: (done) => seen.push(done) });
    expect(seen).toEqual([1, 2, 3]);
    expect(report).toMatchObject({ schedules: 3, byzantine: 1, tolerated: true, violations: [] });
  });

  it('replays a seed that found something, with its trace', () => {
    const wanted: SimulateOptions = { kind: 'untimed', seats: 4, byzantine: 2, seeds: 200, untilFirst: true };
    const [found] = simulate(wanted).violations;
    expect(found?.trace.length).toBeGreaterThan(5);
    const again = simulate({ ...wanted, firstSeed: found?.seed ?? 0, seeds: 1, tracing: true });
    expect(again.violations[0]).toEqual(found);
    expect(again.trace).toEqual(found?.trace);
  });

  it('keeps the trace of a good schedule when asked', () => {
    expect(simulate({ kind: 'timed', seats: 4, seeds: 1, tracing: true }).trace.length).toBeGreaterThan(50);
  });

  it.for([
    { seats: 0 },
    { seats: 4.5 },
    { seats: 101 },
    { byzantine: 4 },
    { byzantine: -1 },
    { seeds: 0 },
    { kind: 'timed', behaviour: 'withhold-reveals' },
    { kind: 'untimed', behaviour: 'silent' },
    { kind: 'untimed', byzantine: 0 },
    { kind: 'council', behaviour: 'twins' },
  ] as const)('refuses %j as wrong usage', (change) => {
    const wanted: SimulateOptions = { kind: 'timed', seats: 4, seeds: 1, ...change };
    expect(() => simulate(wanted)).toThrowError(ConclaveError);
  });

  it('names every behaviour once', () => {
    expect(new Set(BEHAVIOURS).size).toBe(BEHAVIOURS.length);
  });
});
