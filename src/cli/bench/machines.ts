// Figures of a council of several processes over Redis (`bench --redis`): what it orders, and what that costs the server.
import { join } from 'node:path';
import { DecidingCouncil } from './deciding-council.ts';
import { type Measured, median, percentile } from './figure.ts';
import type { BenchWorld, Measurement } from './measurements.ts';
import { type CouncilOrdered, orderOverRedis } from './ordering-council.ts';
import { billed } from './redis-bill.ts';

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
  yield {
    ...same,
    name: 'Redis commands a block',
    value: of(({ redis, blocks }) => redis.commands / blocks),
    unit: '',
  };
  yield {
    ...same,
    name: 'through Redis an entry, in and out',
    value: of(({ redis, entries }) => (redis.bytesIn + redis.bytesOut) / entries / KILOBYTE),
    unit: 'KB',
  };
}

const SIZES = [4, 10] as const;
const IN_FLIGHT = 10;

/** What a decision costs at one size of council. */
interface DecisionCosts {
  readonly nodes: number;
  readonly cpuMsANode: number;
  readonly commands: number;
  readonly bytes: number;
}

async function* decidingBy(
  nodes: number,
  servers: readonly string[],
  { scale, folder, note }: BenchWorld,
  costs: DecisionCosts[],
): AsyncGenerator<Measured> {
  const [cases, single] = scale === 'full' ? [60, 40] : [10, 5];
  note(`${nodes} processes start`);
  const council = await DecidingCouncil.start({
    nodes,
    servers,
    folder: join(folder, `${nodes}`),
    inFlight: IN_FLIGHT,
  });
  try {
    // The first cases pay for compiling the code they run.
    await council.decide({ cases: IN_FLIGHT, inFlight: IN_FLIGHT, name: 'warming-up' }, () => undefined);
    const told = (done: number): void => note(`${nodes} processes, ${done} cases`);
    const cpuBefore = await council.cpuMs();
    const started = performance.now();
    const [, redis] = await billed(servers, () =>
      council.decide({ cases, inFlight: IN_FLIGHT, name: 'in-flight' }, told),
    );
    const tookMs = performance.now() - started;
    const cpu = (await council.cpuMs()).map((after, node) => after - (cpuBefore[node] ?? 0));
    const cost: DecisionCosts = {
      nodes,
      cpuMsANode: cpu.reduce((sum, each) => sum + each, 0) / nodes / cases,
      commands: redis.commands / cases,
      bytes: (redis.bytesIn + redis.bytesOut) / cases,
    };
    costs.push(cost);
    const by = `by ${nodes} processes`;
    yield {
      name: `decisions a second ${by}`,
      workload: `33 seats in ${nodes} node processes over one Redis server, seats that answer at once, 10 criteria, ${IN_FLIGHT} cases in flight, from submission to the certificate at every node`,
      n: cases,
      value: (cases * 1000) / tookMs,
      unit: '/s',
    };
    const same = { workload: 'the same', n: cases };
    yield { ...same, name: `CPU a decision, a node ${by}`, value: cost.cpuMsANode, unit: 'ms' };
    yield { ...same, name: `Redis commands a decision ${by}`, value: cost.commands, unit: '' };
    yield { ...same, name: `through Redis a decision ${by}`, value: cost.bytes / KILOBYTE, unit: 'KB' };

    const alone = await council.decide({ cases: single, inFlight: 1, name: 'one-by-one' }, told);
    const afterCommitment = alone.map(({ commitmentToCertificateMs }) => commitmentToCertificateMs);
    const afterAnswer = alone.map(({ answerToCertificateMs }) => answerToCertificateMs);
    const late = { n: single, unit: 'ms' };
    const sinceCommitment = {
      ...late,
      workload:
        'one case at a time, from the last commitment on its ledger to the certificate, the slowest node',
    };
    yield {
      ...sinceCommitment,
      name: `commitment to certificate ${by}, p50`,
      value: median(afterCommitment),
      ...(nodes === SIZES[0] ? { goal: { bound: 'at most', value: 80 } } : {}),
    };
    yield {
      ...sinceCommitment,
      name: `commitment to certificate ${by}, p99`,
      value: percentile(afterCommitment, 99),
    };
    yield {
      ...late,
      workload: "the same, from the last seat's answer: sealing and ordering the commitments are in it",
      name: `answer to certificate ${by}, p50`,
      value: median(afterAnswer),
    };
  } finally {
    await council.close();
  }
}

async function* deciding(servers: readonly string[], world: BenchWorld): AsyncGenerator<Measured> {
  const costs: DecisionCosts[] = [];
  for (const nodes of SIZES) yield* decidingBy(nodes, servers, world, costs);
  const [few, many] = costs;
  if (few === undefined || many === undefined) return;
  const about = {
    workload: `what a decision costs with ${many.nodes} node processes, compared with ${few.nodes}`,
    n: costs.length,
    unit: '×',
  };
  const growth = (of: (cost: DecisionCosts) => number): number => of(many) / of(few);
  yield { ...about, name: 'growth of CPU a node', value: growth(({ cpuMsANode }) => cpuMsANode) };
  yield { ...about, name: 'growth of Redis commands', value: growth(({ commands }) => commands) };
  yield { ...about, name: 'growth of bytes through Redis', value: growth(({ bytes }) => bytes) };
}

export function machineMeasurements(servers: readonly string[]): readonly Measurement[] {
  return [
    { about: 'decisions over redis', measure: (world) => deciding(servers, world) },
    ...SIZES.map((nodes) => ({
      about: `ordering by ${nodes} processes over redis`,
      measure: (world: BenchWorld) => orderingOver(nodes, servers, world),
    })),
  ];
}
