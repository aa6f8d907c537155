// One run of chaos (issue 4, "Done means" 2): four nodes of 33 seats, real processes over a real Redis, faults by a seeded
// schedule, cases submitted all along. Halfway one node turns: it stops, and a liar speaks with its keys for the rest. In
// the calm that follows everything must come right (inquest.ts), without anybody's help but a supervisor's.
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunningCouncil } from '../rigs/running-council.ts';
import { Caseload } from './caseload.ts';
import { inquire, settled } from './inquest.ts';
import { Liar } from './liar.ts';
import { countsByKind, type Fault, type FaultKind, faultText, scheduleOf } from './schedule.ts';
import { type Death, Storm } from './storm.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly faults: number;
  /** which share of the faults comes while a node lies */
  readonly lyingShare?: number;
  readonly redisServers?: number;
  /** shortens and lengthens faults and pauses */
  readonly pace?: number;
  /** how long seats may judge and open their ballots: longer than a freeze, unless told otherwise */
  readonly windows?: { readonly commitMs: number; readonly revealMs: number };
  readonly submitEveryMs?: number;
  readonly submitTogether?: number;
  readonly settleWithinMs?: number;
  readonly say?: (text: string) => void;
  /** kept when something was wrong, and when asked for */
  readonly keep?: boolean;
}

export interface ChaosReport {
  readonly seed: number;
  readonly counts: Readonly<Partial<Record<FaultKind | 'lying', number>>>;
  readonly submitted: number;
  readonly acknowledged: number;
  readonly decided: number;
  readonly approved: number;
  readonly blocks: number;
  readonly certificates: number;
  /** lies told, by kind */
  readonly lies: Readonly<Record<string, number>>;
  readonly deaths: readonly Death[];
  readonly problems: readonly string[];
  readonly schedule: readonly Fault[];
  readonly tookMs: number;
  readonly root: string;
}

const NODES = 4;
const LIAR = 3;
const DISK_MEGABYTES = 96;
/** Longer than a freeze, shorter than patience: cases end at their deadline now and then. */
const WINDOWS = { commitMs: 5_000, revealMs: 3_000 };

export async function unleashChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, faults, lyingShare = 0.4, redisServers = 1, pace = 1, say = () => {} } = options;
  const began = performance.now();
  const root = mkdtempSync(join(tmpdir(), `conclave-chaos-${seed}-`));
  mkdirSync(join(root, 'logs'));
  const log = (text: string): void => {
    appendFileSync(join(root, 'logs', 'chaos.log'), `${text}\n`);
    say(text);
  };
  const council = await RunningCouncil.found({
    root,
    nodes: NODES,
    seed,
    windows: options.windows ?? WINDOWS,
    redisServers,
    diskMegabytes: DISK_MEGABYTES,
  });
  let storm: Storm | undefined;
  const liar = new Liar(council, council.node(LIAR), seed);
  const problems: string[] = [];
  try {
    const without: FaultKind[] = council.nodes.every(({ disk }) => disk !== undefined) ? [] : ['full-disk'];
    if (without.length > 0) log('no disk of its own can be mounted here: full disks are left out');
    const lyingFaults = Math.round(faults * lyingShare);
    const shared = { redisServers, without, pace };
    const first = scheduleOf({ ...shared, seed, faults: faults - lyingFaults, nodes: NODES });
    const second = scheduleOf({ ...shared, seed: seed + 1_000_000, faults: lyingFaults, nodes: NODES - 1 });
    const honest = lyingFaults === 0 ? council.nodes : council.nodes.filter((_, i) => i !== LIAR);

    await council.startAll();
    log(`          ${council.nodes.length} nodes are up`);
    storm = new Storm(council, log);
    const caseload = new Caseload(council, { seed, everyMs: options.submitEveryMs ?? 2_500, log });
    await caseload.begin(options.submitTogether);
    await storm.rage(first);
    if (lyingFaults > 0) {
      await storm.calm(council.nodes);
      storm.hold(council.node(LIAR));
      await council.node(LIAR).process.kill();
      liar.start();
      log(`          ${council.node(LIAR).name} lies from now on`);
      await storm.rage(second);
    }
    await caseload.stop();
    await storm.calm(honest);
    log('          calm');
    // What the calm must still bring, with the liar lying on.
    for (let i = 0; i < 2; i++) await caseload.oneByCommand();
    if (caseload.submissions.slice(-2).some(({ caseId }) => caseId === undefined))
      problems.push('a case that was submitted in the calm was not acknowledged');
    const caseIds = caseload.acknowledged.flatMap(({ caseId }) => caseId ?? []);
    const unsettled = await settled(honest, caseIds, options.settleWithinMs ?? 120_000);
    if (unsettled !== undefined) problems.push(unsettled);
    storm.end();
    const lies = { ...(await liar.stop()), 'found out by clients': caseload.lies };
    for (const node of honest) {
      const ending = await node.process.drain(20_000);
      if (ending?.code !== 0) problems.push(`${node.name} did not drain: ${ending?.signal ?? ending?.code}`);
    }
    for (const { node, code, signal, diskWasFull, atMs } of storm.deaths)
      if (!diskWasFull) problems.push(`${node} died by itself (${signal ?? code}) at ${atMs} ms`);
    const found = await inquire(council, honest, caseload.submissions);
    problems.push(...found.problems);
    const report: ChaosReport = {
      seed,
      counts: { ...countsByKind([...first, ...second]), ...(lyingFaults > 0 ? { lying: 1 } : {}) },
      submitted: caseload.submissions.length,
      acknowledged: caseIds.length,
      decided: found.decisions.length,
      approved: found.decisions.filter(({ outcome }) => outcome === 'approved').length,
      blocks: found.blocks,
      certificates: found.certificates,
      lies,
      deaths: storm.deaths,
      problems,
      schedule: [...first, ...second],
      tookMs: Math.round(performance.now() - began),
      root,
    };
    return report;
  } finally {
    storm?.end();
    await liar.stop();
    await council.close();
    if (problems.length === 0 && options.keep !== true) rmSync(root, { recursive: true, force: true });
  }
}

export function reportText(report: ChaosReport): string {
  const { seed, counts, submitted, acknowledged, decided, approved, blocks, certificates } = report;
  const { lies, deaths, problems, schedule, tookMs, root } = report;
  const listed = (numbers: Readonly<Record<string, number | undefined>>): string =>
    Object.entries(numbers)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = [
    `seed ${seed}: ${schedule.length} faults in ${Math.round(tookMs / 1_000)} s: ${listed(counts)}`,
    `  ${submitted} cases submitted, ${acknowledged} acknowledged, ${decided} decided, ${approved} approved, ${blocks} blocks`,
    `  ${certificates} certificates valid; ${deaths.filter(({ diskWasFull }) => diskWasFull).length} nodes died of a full disk`,
    ...(Object.keys(lies).length === 0 ? [] : [`  lies told: ${listed(lies)}`]),
  ];
  if (problems.length === 0) return [...lines, '  nothing wrong'].join('\n');
  return [
    ...lines,
    ...problems.map((problem) => `  WRONG: ${problem}`),
    `  again: npm run chaos -- --seed ${seed} --faults ${schedule.length}`,
    `  logs and directories: ${root}`,
    ...schedule.map((fault) => `    ${faultText(fault)}`),
  ].join('\n');
}
