// Every figure that is asked of a machine, in the order in which they are measured: memory first, while nothing else
// has used any.
import { join } from 'node:path';
import { measureTraffic, type Traffic } from '../../simulation/judging/traffic.ts';
import { simulate } from '../../simulation/simulate.ts';
import { certificateTimesMs, decideCases, instantCouncil, sizesIn } from './deciding.ts';
import { type Measured, median, percentile } from './figure.ts';
import { ORDERING_WORKLOAD, orderEntries } from './ordering.ts';
import { coldReviewTimesMs, everyBackend, verifyTimesMs } from './verifying.ts';

/** `quick` is for trying the bench itself. */
export type Scale = 'full' | 'quick';

export interface BenchWorld {
  readonly scale: Scale;
  /** a folder of its own, removed afterwards */
  readonly folder: string;
  readonly note: (progress: string) => void;
}

export interface Measurement {
  readonly about: string;
  readonly measure: (world: BenchWorld) => AsyncIterable<Measured>;
}

const IN_FLIGHT = 10;
const MEGABYTE = 1024 * 1024;

async function* deciding({ scale, folder, note }: BenchWorld): AsyncGenerator<Measured> {
  const [cases, single] = scale === 'full' ? [1_000, 100] : [60, 20];
  const instant = await instantCouncil(join(folder, 'council'));
  const { council } = instant;
  try {
    // The first cases pay for compiling the code they run.
    await decideCases(
      council,
      { cases: IN_FLIGHT, inFlight: IN_FLIGHT, name: 'warming-up' },
      () => undefined,
    );
    const { tookMs } = await decideCases(
      council,
      { cases, inFlight: IN_FLIGHT, name: 'in-flight' },
      (done) => {
        if (done % 10 === 0) note(`${done} of ${cases} cases`);
      },
    );
    const workload = `33 seats in one process that answer at once, 10 criteria, ${IN_FLIGHT} cases in flight; every ballot, commitment and certificate signed and verified by its own key`;
    yield {
      name: 'decisions a second',
      workload,
      n: cases,
      value: (cases * 1000) / tookMs,
      unit: '/s',
      goal: { bound: 'at least', value: 120, least: 40 },
    };
    yield {
      name: `resident memory after ${cases.toLocaleString('en-US')} cases`,
      workload: 'the same process',
      n: 1,
      value: process.memoryUsage.rss() / MEGABYTE,
      unit: 'MB',
      goal: { bound: 'at most', value: 300 },
    };
    const times = await certificateTimesMs(instant, single);
    const oneByOne =
      "one case at a time, from the last seat's answer: sealing, committing, opening, counting and signing are in it";
    const late = { n: single, unit: 'ms', workload: oneByOne };
    yield {
      ...late,
      name: 'certificate on disk, p50',
      value: median(times),
      goal: { bound: 'at most', value: 50 },
    };
    yield {
      ...late,
      name: 'certificate on disk, p99',
      value: percentile(times, 99),
      goal: { bound: 'at most', value: 200 },
    };
    const decided = cases + single + IN_FLIGHT;
    const { certificateBytes, ledgerBytesACase } = sizesIn(council, decided);
    yield {
      name: 'certificate',
      workload: 'the largest of all, 33 seats, 10 criteria, epoch 1',
      n: decided,
      value: certificateBytes / 1024,
      unit: 'KB',
      goal: { bound: 'at most', value: 28 },
    };
    yield {
      name: 'ledger a case',
      workload: 'tiles, blocks and checkpoint on disk by the number of cases, 33 seats, 10 criteria',
      n: decided,
      value: ledgerBytesACase / 1024,
      unit: 'KB',
      goal: { bound: 'at most', value: 90 },
    };
  } finally {
    await council.close();
  }
}

async function* ordering({ scale, folder, note }: BenchWorld): AsyncGenerator<Measured> {
  const [runs, entries] = scale === 'full' ? [5, 20_000] : [2, 5_000];
  const rates: number[] = [];
  // Once more than is counted: the first run pays for compiling the code.
  for (let run = 0; run <= runs; run++) {
    note(`run ${run} of ${runs}`);
    const { tookMs } = await orderEntries(entries, join(folder, `store-${run}`));
    if (run > 0) rates.push((entries * 1000) / tookMs);
  }
  yield {
    name: 'ordered entries a second',
    workload: `${ORDERING_WORKLOAD}; ${entries.toLocaleString('en-US')} entries a run`,
    n: runs,
    value: median(rates),
    unit: '/s',
    goal: { bound: 'at least', value: 10_000, least: 5_000 },
  };
}

async function* starting({ scale, note }: BenchWorld): AsyncGenerator<Measured> {
  const runs = scale === 'full' ? 7 : 2;
  note('a process of its own each time');
  yield {
    name: 'cold review',
    workload: 'conclave review of a sample case in a new process and a new directory, the founding included',
    n: runs,
    value: median(await coldReviewTimesMs(runs)) / 1000,
    unit: 's',
    goal: { bound: 'at most', value: 3 },
  };
}

async function* verifying({ scale, folder }: BenchWorld): AsyncGenerator<Measured> {
  const runs = scale === 'full' ? 15 : 3;
  const { council } = await instantCouncil(join(folder, 'council'));
  try {
    const { caseIds } = await decideCases(
      council,
      { cases: 1, inFlight: 1, name: 'to-verify' },
      () => undefined,
    );
    const [caseId] = caseIds;
    if (caseId === undefined) return;
    for (const { name, ...backends } of await everyBackend()) {
      const times = await verifyTimesMs(council.files(caseId), council.founding.councilId, backends, runs);
      yield {
        name: `verifying, ${name}`,
        workload:
          'every check of a certificate of 33 seats: 33 + 22 Ed25519, the BLS aggregate, 33 proofs of possession',
        n: runs,
        value: median(times),
        unit: 'ms',
      };
    }
  } finally {
    await council.close();
  }
}

async function* simulating({ scale, note }: BenchWorld): AsyncGenerator<Measured> {
  for (const [seats, seeds] of scale === 'full'
    ? ([
        [4, 600],
        [33, 24],
      ] as const)
    : ([
        [4, 40],
        [33, 2],
      ] as const)) {
    const started = performance.now();
    const { violations } = simulate({
      kind: 'timed',
      seats,
      seeds,
      onSchedule: (done) => note(`${seats} seats, ${done} of ${seeds}`),
    });
    yield {
      name: `simulated schedules a second, n = ${seats}`,
      workload: `timed schedules with as many liars as are tolerated; ${violations.length} violations`,
      n: seeds,
      value: (seeds * 1000) / (performance.now() - started),
      unit: '/s',
    };
  }
}

/** Linear in n means: what a seat has to say for a decision does not grow with the number of seats. */
const LINEAR = 1.5;

async function* traffic({ scale, note }: BenchWorld): AsyncGenerator<Measured> {
  const decisions = scale === 'full' ? 5 : 1;
  const sizes = scale === 'full' ? [4, 10, 33, 100] : [4, 10, 33];
  const costs: Traffic[] = [];
  for (const seats of sizes) {
    note(`${seats} seats`);
    const cost = measureTraffic(seats, decisions);
    costs.push(cost);
    const delivered = `${cost.deliveries.toLocaleString('en-US')} deliveries of ${Math.round(cost.deliveredBytes / 1024).toLocaleString('en-US')} KB to all others together`;
    const workload = `one seat a node, simulated, as the real encoding carries it; ${delivered}`;
    yield {
      name: `messages a decision, n = ${seats}`,
      workload,
      n: decisions,
      value: cost.publications,
      unit: '',
    };
    const value = cost.publishedBytes / 1024;
    yield {
      name: `published a decision, n = ${seats}`,
      workload: 'the same',
      n: decisions,
      value,
      unit: 'KB',
    };
  }
  const [small, large] = [costs[1], costs.at(-1)];
  if (small === undefined || large === undefined) return;
  const growth = (of: (cost: Traffic) => number): number =>
    of(large) / large.seats / (of(small) / small.seats);
  const about = {
    workload: `what a seat publishes for a decision at n = ${large.seats}, compared with n = ${small.seats}`,
    n: decisions,
    unit: '×',
    goal: { bound: 'at most', value: LINEAR },
  } as const;
  yield { ...about, name: 'growth of messages a seat', value: growth(({ publications }) => publications) };
  yield { ...about, name: 'growth of bytes a seat', value: growth(({ publishedBytes }) => publishedBytes) };
}

export const MEASUREMENTS: readonly Measurement[] = [
  { about: 'decisions, memory, certificates, ledger', measure: deciding },
  { about: 'ordering of entries', measure: ordering },
  { about: 'cold review', measure: starting },
  { about: 'verifying', measure: verifying },
  { about: 'simulation', measure: simulating },
  { about: 'messages', measure: traffic },
];
