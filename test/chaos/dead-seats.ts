// Seats that are dead from the start (issue 4, "Done means" 3): nine nodes of three or four seats, so that ten, eleven and
// twelve dead seats are whole nodes that are never started. With ten and eleven the council decides; each dead leader
// costs it one timeout and is then passed over. With twelve nothing is approved, a node says why, and it goes on when
// one returns.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { View } from '../../src/consensus/block.ts';
import { NO_EXCLUSIONS, RoundRobin } from '../../src/consensus/leaders.ts';
import { quorumOf } from '../../src/consensus/quorum.ts';
import { publishedBlocks } from '../../src/ledger/published-blocks.ts';
import type { LogRead } from '../../src/ledger/tiles.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import { RunningCouncil, type RunningNode, runCommand } from '../rigs/running-council.ts';
import { CaseWriter, type Submission, submitBy } from './caseload.ts';
import { Clerk } from './clerk.ts';
import { inquire, settled } from './inquest.ts';

export interface DeadOptions {
  readonly seed: number;
  readonly dead: number;
  /** before latency is measured */
  readonly warmUpMs: number;
  /** cases whose latency is measured, one after the other */
  readonly cases: number;
  readonly say?: (text: string) => void;
  readonly keep?: boolean;
}

export interface DeadReport {
  readonly dead: number;
  /** from the start of the command to a certificate on disk */
  readonly latenciesMs: readonly number[];
  readonly medianMs: number | undefined;
  /** views that passed without a block, by whose they were */
  readonly gaps: Readonly<Record<number, readonly number[]>>;
  readonly views: number;
  readonly blocks: number;
  readonly decided: number;
  /** what a node says while it cannot go on */
  readonly why: string | undefined;
  readonly problems: readonly string[];
  readonly root: string;
}

export const SEATS_BY_NODE = [4, 4, 4, 4, 4, 4, 3, 3, 3] as const;
export const DEAD_NODES: Readonly<Record<number, readonly number[]>> = {
  0: [],
  10: [0, 7, 8],
  11: [0, 1, 8],
  12: [0, 1, 2],
};
const WINDOWS = { commitMs: 6_000, revealMs: 4_000 };
const CERTIFIED_WITHIN_MS = 120_000;
const STILL_FOR_MS = 15_000;

export async function withDeadSeats(options: DeadOptions): Promise<DeadReport> {
  const { seed, dead, say = () => {} } = options;
  const deadNodes = DEAD_NODES[dead];
  if (deadNodes === undefined) throw new Error(`expected ${Object.keys(DEAD_NODES).join(', ')} dead seats`);
  const root = mkdtempSync(join(tmpdir(), `conclave-dead-${dead}-`));
  mkdirSync(join(root, 'logs'));
  const council = await RunningCouncil.found({ root, nodes: SEATS_BY_NODE.length, seed, windows: WINDOWS });
  const living = council.nodes.filter((_, i) => !deadNodes.includes(i));
  const problems: string[] = [];
  try {
    const readies = await Promise.all(
      council.nodes.map((_, i) => (deadNodes.includes(i) ? undefined : council.start(i))),
    );
    say(`${living.length} nodes of ${SEATS_BY_NODE.length} are up`);
    const writer = new CaseWriter(root, seed);
    const clerk = await Clerk.join(council);
    const submissions: Submission[] = [];
    const one = async (): Promise<number> => {
      const began = performance.now();
      const submission = await submitBy(clerk, writer.write());
      submissions.push(submission);
      if (submission.caseId === undefined)
        throw new Error(`${submission.subject} is not acknowledged: ${submission.why}`);
      await certificateOf(living[0], submission.caseId);
      const tookMs = Math.round(performance.now() - began);
      say(`${submission.subject} certified after ${tookMs} ms`);
      return tookMs;
    };
    const { q, n } = quorumOf(33);
    let why: string | undefined;
    if (n - dead < q) {
      why = await nothingHappens(
        council,
        readies.find((ready) => ready?.http != null)?.http ?? undefined,
        writer,
        problems,
      );
      say(`it says: ${why}`);
      for (const { folder } of living)
        if (existsSync(join(folder, 'certificates')) && readdirSync(join(folder, 'certificates')).length > 0)
          problems.push('something was certified without a quorum');
      const back = deadNodes[0] ?? 0;
      await council.start(back);
      living.push(council.node(back));
      say(`${council.node(back).name} returns`);
    }
    const warmUntil = performance.now() + options.warmUpMs;
    while (performance.now() < warmUntil) await one();
    const latenciesMs: number[] = [];
    for (let i = 0; i < options.cases; i++) latenciesMs.push(await one());
    await clerk.close();
    const caseIds = submissions.flatMap(({ caseId }) => caseId ?? []);
    const unsettled = await settled(living, caseIds, CERTIFIED_WITHIN_MS);
    if (unsettled !== undefined) problems.push(unsettled);
    for (const { name, process: running } of living)
      if (running.unmeant.length > 0) problems.push(`${name} died by itself`);
    await council.drainAll();
    const found = await inquire(council, living, submissions);
    problems.push(...found.problems);
    const passed = gapsIn(readOf(living[0]));
    problems.push(...gapProblems(passed));
    return {
      dead,
      latenciesMs,
      medianMs: medianOf(latenciesMs),
      ...passed,
      blocks: found.blocks,
      decided: found.decisions.length,
      why,
      problems,
      root,
    };
  } catch (error) {
    problems.push(String(error));
    throw new Error(`${dead} dead: ${String(error)} (see ${root})`, { cause: error });
  } finally {
    await council.close();
    if (problems.length === 0 && options.keep !== true) rmSync(root, { recursive: true, force: true });
  }
}

/** Submits in vain for a while, and returns how a node explains itself. */
async function nothingHappens(
  council: RunningCouncil,
  http: string | undefined,
  writer: CaseWriter,
  problems: string[],
): Promise<string | undefined> {
  const written = writer.write();
  const began = performance.now();
  const words = ['submit', written.file, '--council', council.folder, '--redis', council.redisUrls];
  const run = await runCommand(council.root, words, STILL_FOR_MS);
  if (run.exit === 0) problems.push(`${written.subject} was acknowledged without a quorum`);
  const restMs = STILL_FOR_MS - (performance.now() - began);
  if (restMs > 0) await delay(restMs);
  const status = await runCommand(council.root, [
    ...['status', '--council', council.folder, '--redis', council.redisUrls],
  ]);
  const said = JSON.stringify(status.result);
  const why = /"why":"([^"]*)"/.exec(said)?.[1] ?? /"why":\["([^"]*)"/.exec(said)?.[1];
  if (http !== undefined) {
    const health = await fetch(new URL('/healthz', http)).catch(() => undefined);
    if (health?.ok === true)
      problems.push(`a node without a quorum calls itself healthy: ${await health.text()}`);
  }
  return why ?? said.slice(0, 400);
}

async function certificateOf(node: RunningNode | undefined, caseId: string): Promise<void> {
  const file = join(node?.folder ?? '', 'certificates', `${caseId}.intoto.jsonl`);
  const end = performance.now() + CERTIFIED_WITHIN_MS;
  while (!existsSync(file)) {
    if (performance.now() > end)
      throw new Error(`${caseId} was not certified within ${CERTIFIED_WITHIN_MS} ms`);
    await delay(20);
  }
}

/** Whose views passed without a block, read from the published chain alone (protocol 3.1). */
export function gapsIn(read: LogRead): Pick<DeadReport, 'gaps' | 'views'> {
  const leaders = new RoundRobin(quorumOf(33));
  const gaps: Record<number, number[]> = {};
  let exclusions = NO_EXCLUSIONS;
  let parentView = 0 as View;
  for (const { header } of publishedBlocks(read)) {
    for (let view = parentView + 1; view < header.view; view++) {
      const leader: SeatId | undefined = leaders.leader(view as View, exclusions);
      if (leader !== undefined) gaps[leader] = [...(gaps[leader] ?? []), view];
    }
    exclusions = leaders.after(exclusions, parentView, header);
    parentView = header.view;
  }
  return { gaps, views: parentView };
}

function readOf(node: RunningNode | undefined): LogRead {
  return (path) => {
    const file = join(node?.folder ?? '', 'ledger', path);
    return existsSync(file) ? readFileSync(file) : undefined;
  };
}

function medianOf(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** What is wrong with how dead leaders were passed over: each may cost one timeout in n views. */
export function gapProblems({ gaps }: Pick<DeadReport, 'gaps'>, { n, f } = quorumOf(33)): string[] {
  const lost = Object.entries(gaps).flatMap(([seat, views]) => views.map((view) => ({ seat, view })));
  return Object.entries(gaps).flatMap(([seat, views]) =>
    views.flatMap((view, i) => {
      const before = views[i - 1];
      if (before === undefined || view - before >= n) return [];
      // At most f, the latest, are passed over at once: f others that lost a view since let it lead again.
      const since = lost.filter((other) => other.seat !== seat && other.view > before && other.view < view);
      if (new Set(since.map((other) => other.seat)).size >= f) return [];
      return [
        `seat ${seat} let view ${view} pass, and view ${before} before it: it was not passed over for ${n} views`,
      ];
    }),
  );
}

export function deadText({
  dead,
  medianMs,
  latenciesMs,
  gaps,
  views,
  blocks,
  ...report
}: DeadReport): string {
  const lost = Object.values(gaps).reduce((sum, passed) => sum + passed.length, 0);
  return [
    `${dead} seats dead: ${report.decided} decided; ${latenciesMs.length} cases certified in ${medianMs} ms (median of ${latenciesMs.join(', ')})`,
    `  ${blocks} blocks in ${views} views, ${lost} of them lost: ${JSON.stringify(gaps)}`,
    ...(report.why === undefined ? [] : [`  without a quorum a node says: ${report.why}`]),
    ...report.problems.map((problem) => `  WRONG: ${problem}`),
    ...(report.problems.length === 0 ? [] : [`  logs and directories: ${report.root}`]),
  ].join('\n');
}
