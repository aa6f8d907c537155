import { expect, test } from 'vitest';
import { entry } from '../../test/rigs/ordering.ts';
import type { Application } from './application.ts';
import { Mempool } from './mempool.ts';

const application: Pick<Application<null>, 'admits' | 'authorOf'> = {
  admits: () => 'now',
  authorOf: () => 'somebody',
};

function mempoolOf(names: readonly string[]): Mempool<null> {
  const mempool = new Mempool<null>(application as Application<null>);
  for (const name of names) expect(mempool.add(null, entry(name))).toBe(true);
  return mempool;
}

const names = ['a', 'b', 'c', 'd', 'e'];
const digests = (of: readonly { digest: string }[]): string[] => of.map(({ digest }) => digest);

test('repeats what waits in turn, so that everything is repeated', () => {
  const mempool = mempoolOf(names);
  const all = digests(names.map((name) => entry(name)));
  const said = [mempool.some(2, 1_000), mempool.some(2, 1_000), mempool.some(2, 1_000)].map(digests);
  expect(said).toEqual([all.slice(0, 2), all.slice(2, 4), [all[4], all[0]]]);
});

test('repeats no more bytes than it may, but always one entry', () => {
  const size = entry('a').bytes.length;
  const mempool = mempoolOf(names);
  expect(mempool.some(64, 3 * size)).toHaveLength(3);
  expect(mempool.some(64, size - 1)).toHaveLength(1);
  expect(mempoolOf([]).some(64, 1_000)).toEqual([]);
});

test('goes on in turn when entries have left', () => {
  const mempool = mempoolOf(names);
  mempool.some(4, 1_000);
  for (const name of ['a', 'b', 'c', 'd']) mempool.remove(entry(name).digest);
  expect(digests(mempool.some(4, 1_000))).toEqual([entry('e').digest]);
});
