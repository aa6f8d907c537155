import { expect, test } from 'vitest';
import { blockOn, genesisPrepare, seat, view } from '../../test/rigs/ordering.ts';
import { NO_EXCLUSIONS, RoundRobin } from './leaders.ts';
import { quorumOf } from './quorum.ts';

const four = new RoundRobin(quorumOf(4));
const headerAt = (at: number, proposer: number) => blockOn(genesisPrepare, at, seat(proposer)).header;

test('seats lead in turn', () => {
  const turns = [1, 2, 3, 4, 5].map((v) => four.leader(view(v), NO_EXCLUSIONS));
  expect(turns).toEqual([2, 3, 4, 1, 2]);
});

test('every seat leads once in n views, and the seats of a node not one after the other', () => {
  for (const n of [1, 2, 3, 4, 5, 7, 10, 12, 33, 34, 100]) {
    const all = new RoundRobin(quorumOf(n));
    const turns = Array.from({ length: n }, (_, v) => all.leader(view(v + 1), NO_EXCLUSIONS));
    expect(new Set(turns).size).toBe(n);
  }
  const wide = new RoundRobin(quorumOf(33));
  // A node of eight seats: never two views in a row.
  const lost = Array.from({ length: 66 }, (_, v) => Number(wide.leader(view(v + 1), NO_EXCLUSIONS)) >= 26);
  expect(lost.filter((own, i) => own && lost[i + 1] === true)).toEqual([]);
});

test('a leader whose view passed without a block is passed over for 2n views', () => {
  const after = four.after(NO_EXCLUSIONS, view(0), headerAt(2, 3)); // view 1 was led by seat 2
  expect(after).toEqual(new Map([[2, 1 + 8]]));
  for (let v = 3; v < 9; v++) expect(four.leader(view(v), after)).not.toBe(2);
  expect([9, 10, 11, 12].map((v) => four.leader(view(v), after))).toContain(2);
});

test('in a gap of several views those are passed over who led them, as their parent told', () => {
  const wide = new RoundRobin(quorumOf(33));
  const led = [1, 2, 3].map((v) => wide.leader(view(v), NO_EXCLUSIONS));
  expect([...wide.after(NO_EXCLUSIONS, view(0), headerAt(4, 5)).keys()]).toEqual(led);
  // And in a later one, which begins with seats excluded already.
  const before = wide.after(NO_EXCLUSIONS, view(0), headerAt(4, 5));
  const next = [5, 6].map((v) => wide.leader(view(v), before));
  const after = wide.after(before, view(4), headerAt(7, 12));
  expect([...after.keys()].filter((of) => !before.has(of))).toEqual(next);
});

test('leading a certified block clears', () => {
  const after = four.after(NO_EXCLUSIONS, view(0), headerAt(2, 3));
  expect(four.after(after, view(2), headerAt(3, 2)).has(seat(2))).toBe(false);
});

test('at most f seats, the latest, are passed over at once', () => {
  const many = new Map([1, 2, 3].map((s) => [seat(s), 100 + s]));
  const leaders = new Set([10, 11, 12, 13, 14, 15].map((v) => four.leader(view(v), many)));
  expect(leaders).toEqual(new Set([1, 2, 4]));
  const crowd = new Map(Array.from({ length: 33 }, (_, i) => [seat(i + 1), 1_000 + i]));
  const wide = new RoundRobin(quorumOf(33));
  const left = new Set(Array.from({ length: 66 }, (_, v) => wide.leader(view(v + 1), crowd)));
  expect(left.size).toBe(23);
});

test('no gap and nobody excluded costs nothing', () => {
  expect(four.after(NO_EXCLUSIONS, view(4), headerAt(5, 2))).toBe(NO_EXCLUSIONS);
});
