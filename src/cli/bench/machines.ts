// Figures of a council of several processes over Redis (`bench --redis`): what it orders, and what that costs the server.
import { join } from 'node:path';
import { type Measured, median } from './figure.ts';
import type { BenchWorld, Measurement } from './measurements.ts';
import { type CouncilOrdered, orderOverRedis } from './ordering-council.ts';

const KILOBYTE = 1024;

async function* orderingOver(
  nodes: number,
  servers: readonly string[],
  { scale, folder, note }: BenchWorld,
): AsyncGenerator<Measured> {
  const [runs, entriesAnAuthor] = scale === 'full' ? [5, 1_200] : [1, 150];
  const ordered: CouncilOrdered[] = [];
  for (let run = 0; run < runs; run++) {
    note(`${nodes} processes, run ${run + 1} of ${runs}`);
    ordered.push(
      await orderOverRedis(nodes, entriesAnAuthor, { servers, folder: join(folder, `${nodes}-${run}`) }),
    );
  }
  const of = (figure: (run: CouncilOrdered) => number): number => median(ordered.map(figure));
  const entries = ordered[0]?.entries ?? 0;
  const workload = `33 seats in ${nodes} processes over one Redis server, ${entries.toLocaleString('en-US')} entries of 200 bytes a run, fed by all, until the last process has committed all`;
  const about = { workload, n: runs };
  yield {
    ...about,
    name: `ordered entries a second, ${nodes} processes`,
    value: of((run) => (run.entries * 1000) / run.tookMs),
    unit: '/s',
    ...(nodes === 4 ? { goal: { bound: 'at least', value: 8_000, least: 3_500 } } : {}),
  };
  const same = { workload: 'the same', n: runs };
  yield {
    ...same,
    name: 'CPU an entry, all processes',
    value: of(({ cpuMs, entries }) => (cpuMs * 1000) / entries),
    unit: 'µs',
  };
  yield { ...same, name: 'entries a block', value: of(({ entries, blocks }) => entries / blocks), unit: '' };
  const sum = (run: CouncilOrdered, what: 'commands' | 'bytesOut' | 'bytesIn'): number =>
    run.redis.reduce((all, stats) => all + stats[what], 0);
  yield {
    ...same,
    name: 'Redis commands a block',
    value: of((run) => sum(run, 'commands') / run.blocks),
    unit: '',
  };
  yield {
    ...same,
    name: 'through Redis an entry, in and out',
    value: of((run) => (sum(run, 'bytesOut') + sum(run, 'bytesIn')) / run.entries / KILOBYTE),
    unit: 'KB',
  };
}

export function machineMeasurements(servers: readonly string[]): readonly Measurement[] {
  return [4, 10].map((nodes) => ({
    about: `ordering by ${nodes} processes over redis`,
    measure: (world) => orderingOver(nodes, servers, world),
  }));
}
