// Runs Twins scenarios: `round_leaders` stands in for leader(v). A round can be read in two ways, and both are
// run: the view the sender is in, or a stretch of time. After the last round the network heals, and everything
// that waits must be committed.
import type { LeaderSchedule } from '../consensus/leaders.ts';
import { NO_EXCLUSIONS } from '../consensus/leaders.ts';
import { invariant } from '../errors.ts';
import { allSeats, type SeatId } from '../signing/seat-id.ts';
import { CounterApplication, type CounterState } from './counter-application.ts';
import { SignatureTable } from './signature-table.ts';
import type { TwinsFile, TwinsScenario } from './twins-file.ts';
import type { Violation } from './violation.ts';
import { SIMULATED_PACE, World } from './world.ts';

export type RoundReading = 'by-view' | 'by-time';

export const ROUND_READINGS: readonly RoundReading[] = ['by-view', 'by-time'];

export interface TwinsRun {
  /** counted from 0 */
  readonly scenario: number;
  readonly reading: RoundReading;
  readonly violation: Violation | undefined;
  /** how many views after healing until everything was committed */
  readonly viewsToCommit: number;
  readonly trace: readonly string[];
}

const ROUND_MS = 2 * SIMULATED_PACE.viewMs;
const ENTRIES_A_NODE = 2;
const COMMITS_WITHIN_MS = 20_000;

export function runTwinsScenario(
  file: TwinsFile,
  scenario: number,
  reading: RoundReading,
  tracing = false,
): TwinsRun {
  const chosen = file.scenarios[scenario];
  invariant(chosen !== undefined, `a scenario ${scenario}`);
  const world = twinsWorld(file, chosen, scenario, tracing);
  let healed = false;
  const { application } = world;
  const roundOf = (node: number): number =>
    reading === 'by-view'
      ? (world.world.node(node).engine?.status().view ?? 0)
      : 1 + Math.floor(world.world.nowMs / ROUND_MS);
  world.world.network.filter = (from, to) => healed || canTalk(chosen, roundOf(from), from, to);
  const run = world.world;
  run.start();
  for (const node of run.nodes) {
    const entries = Array.from({ length: ENTRIES_A_NODE }, (_, i) =>
      application.entry(`n${node.index}x${i}`),
    );
    run.submit(node, entries);
  }
  run.run(ROUND_MS * (chosen.rounds + 1));
  healed = true;
  const viewBefore = run.tap.maxView;
  if (run.violations.length === 0) commitsAll(run, application);
  return {
    scenario,
    reading,
    violation: run.violations[0],
    viewsToCommit: run.tap.maxView - viewBefore,
    trace: run.trace?.lines() ?? [],
  };
}

function commitsAll(world: World<CounterState>, application: CounterApplication): void {
  const [first] = world.honest;
  if (first !== undefined) world.submit(first, [application.entry('healed')]);
  const wanted = world.honest.flatMap(({ index }) =>
    Array.from({ length: ENTRIES_A_NODE }, (_, i) => `n${index}x${i}`),
  );
  wanted.push('healed');
  const done = (): boolean =>
    world.honest.every(({ engine }) => wanted.every((name) => engine?.state.done.has(name) ?? false));
  if (world.run(world.nowMs + COMMITS_WITHIN_MS, done) || world.violations.length > 0) return;
  world.violate('stall', `not everything committed ${COMMITS_WITHIN_MS} ms after healing`);
}

function canTalk({ partitions, firewall }: TwinsScenario, round: number, from: number, to: number): boolean {
  const groups = partitions.get(round);
  if (groups !== undefined && !groups.some((group) => group.has(from) && group.has(to))) return false;
  return firewall.get(round)?.get(from)?.has(to) !== true;
}

function twinsWorld(
  { nodes: n, twins }: TwinsFile,
  { leaders }: TwinsScenario,
  seed: number,
  tracing: boolean,
): { world: World<CounterState>; application: CounterApplication } {
  const seats = allSeats(n);
  const application = new CounterApplication();
  const twinned = seats.slice(0, twins);
  const world = new World<CounterState>(
    {
      seed,
      seats: n,
      nodes: [...seats, ...twinned].map((seat) => [seat]),
      byzantine: new Set(twinned),
      twins: true,
      tracing,
      leadersOf: (node) => roundLeaders(leaders, n, node),
    },
    { application, signatures: new SignatureTable() },
  );
  world.network.weather.delayMs = [1, 3];
  return { world, application };
}

/** A node leads the rounds that name it; it follows the seats of all nodes that a round names. */
function roundLeaders(leaders: TwinsScenario['leaders'], n: number, self: number): LeaderSchedule {
  const seatOf = (node: number): number => (node % n) + 1;
  const isOwn = (seat: SeatId): boolean => seatOf(self) === seat;
  return {
    leads: (seat, view) => {
      const named = leaders.get(view);
      if (named === undefined) return seat === (view % n) + 1;
      return isOwn(seat) ? named.has(self) : [...named].some((node) => seatOf(node) === seat);
    },
    after: () => NO_EXCLUSIONS,
  };
}
