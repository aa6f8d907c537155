// What `conclave simulate` and researchers call: schedules of one kind, by seed, and what came of them. A seed that
// found something is played again with its trace, and plays the same.
import { quorumOf } from '../consensus/quorum.ts';
import { ConclaveError } from '../errors.ts';
import { DIRECTED_SCENARIOS } from './directed.ts';
import { BALLOT_BEHAVIOURS, type BallotBehaviour } from './judging/ballot-liars.ts';
import { runCouncil } from './judging/council-schedule.ts';
import { CONSENSUS_BEHAVIOURS, type ConsensusBehaviour } from './liars/behaviours.ts';
import { runTimed } from './timed.ts';
import { ROUND_READINGS, type RoundReading, runTwinsScenario } from './twins.ts';
import { parseTwins } from './twins-file.ts';
import { runUntimed } from './untimed.ts';
import type { Violation } from './violation.ts';
import type { World } from './world.ts';

export const SIMULATION_KINDS = ['timed', 'untimed', 'council', 'directed'] as const;
export type SimulationKind = (typeof SIMULATION_KINDS)[number];

export type Behaviour = ConsensusBehaviour | BallotBehaviour | 'twins';
export const BEHAVIOURS: readonly Behaviour[] = [...CONSENSUS_BEHAVIOURS, 'twins', ...BALLOT_BEHAVIOURS];

export const MAX_SIMULATED_SEATS = 100;

export interface SimulateOptions {
  readonly kind: SimulationKind;
  readonly seats: number;
  /** how many seats lie: as many as are tolerated unless said */
  readonly byzantine?: number;
  /** how they lie: a mix drawn from the seed unless said */
  readonly behaviour?: Behaviour;
  /** in timed schedules: does the roster change now and then? */
  readonly epochs?: boolean;
  /** how many schedules, from which seed on */
  readonly seeds: number;
  readonly firstSeed?: number;
  /** keeps the trace of every schedule, not only of those that failed */
  readonly tracing?: boolean;
  /** stops at the first violation */
  readonly untilFirst?: boolean;
  readonly onSchedule?: (done: number, violations: number) => void;
}

export interface FoundViolation extends Violation {
  readonly seed: number;
  /** the directed scenario, when it is one */
  readonly scenario: string | undefined;
  readonly trace: readonly string[];
}

export interface SimulationReport {
  readonly kind: SimulationKind;
  readonly seats: number;
  readonly byzantine: number;
  /** are there few enough liars that nothing may go wrong? */
  readonly tolerated: boolean;
  readonly behaviour: Behaviour;
  readonly schedules: number;
  readonly violations: readonly FoundViolation[];
  /** what the schedules went through, summed */
  readonly views: number;
  readonly blocks: number;
  readonly events: number;
  /** of the last schedule, when tracing was asked for */
  readonly trace: readonly string[];
}

export function simulate(options: SimulateOptions): SimulationReport {
  const { kind, seats, behaviour = 'any', seeds, firstSeed = 0 } = options;
  check(options);
  if (kind === 'directed') return simulateDirected(options);
  const { f } = quorumOf(seats);
  const violations: FoundViolation[] = [];
  let [views, blocks, events, schedules] = [0, 0, 0, 0];
  let trace: readonly string[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const world = play(options, seed, options.tracing === true);
    schedules++;
    views += world.views;
    blocks += world.blocks;
    events += world.events;
    trace = world.trace;
    const [first] = world.violations;
    if (first !== undefined) {
      const told = options.tracing === true ? world : play(options, seed, true);
      violations.push({ ...first, seed, scenario: undefined, trace: told.trace });
    }
    options.onSchedule?.(schedules, violations.length);
    if (first !== undefined && options.untilFirst === true) break;
  }
  const byzantine = options.byzantine ?? f;
  const tolerated = byzantine <= f;
  return {
    kind,
    seats,
    byzantine,
    tolerated,
    behaviour,
    schedules,
    violations,
    views,
    blocks,
    events,
    trace,
  };
}

interface Played {
  readonly violations: readonly Violation[];
  readonly views: number;
  readonly blocks: number;
  readonly events: number;
  readonly trace: readonly string[];
}

function play(options: SimulateOptions, seed: number, tracing: boolean): Played {
  const { kind, seats, byzantine, behaviour = 'any' } = options;
  const chosen = { seed, seats, tracing, ...(byzantine === undefined ? {} : { byzantine }) };
  if (kind === 'untimed') return played(runUntimed(chosen));
  if (isBallotBehaviour(behaviour)) return played(runCouncil({ ...chosen, ballotBehaviour: behaviour }));
  if (kind === 'timed') return played(runTimed({ ...chosen, behaviour, epochs: options.epochs === true }));
  return played(runCouncil({ ...chosen, behaviour: behaviour === 'twins' ? 'any' : behaviour }));
}

function played<State>(world: World<State>): Played {
  return {
    violations: world.violations,
    views: world.tap.maxView,
    blocks: Math.max(...world.honest.map(({ disk }) => disk.committed.length), 0),
    events: world.eventsSeen,
    trace: world.trace?.lines() ?? [],
  };
}

function simulateDirected(options: SimulateOptions): SimulationReport {
  const violations: FoundViolation[] = [];
  let [views, blocks, events] = [0, 0, 0];
  for (const [seed, scenario] of DIRECTED_SCENARIOS.entries()) {
    const { world } = scenario.run(false);
    const { violations: found, ...went } = played(world);
    views += went.views;
    blocks += went.blocks;
    events += went.events;
    const broke = found.some(({ kind }) => kind === 'agreement');
    if (scenario.mustBreak === true ? !broke : found.length > 0) {
      const missed: Violation = {
        kind: 'missed',
        text: `nothing found: ${scenario.claim}`,
        atMs: world.nowMs,
      };
      const trace = scenario.run(true).world.trace?.lines() ?? [];
      violations.push({ ...(found[0] ?? missed), seed, scenario: scenario.name, trace });
    }
    options.onSchedule?.(seed + 1, violations.length);
  }
  const schedules = DIRECTED_SCENARIOS.length;
  const about = {
    kind: options.kind,
    seats: options.seats,
    byzantine: 0,
    tolerated: true,
    behaviour: 'any',
  } as const;
  return { ...about, schedules, violations, views, blocks, events, trace: [] };
}

function isBallotBehaviour(behaviour: Behaviour): behaviour is BallotBehaviour {
  return BALLOT_BEHAVIOURS.some((name) => name === behaviour);
}

function check({ kind, seats, byzantine, behaviour = 'any', epochs, seeds }: SimulateOptions): void {
  const usage = (message: string): ConclaveError => new ConclaveError('usage', message);
  if (!Number.isInteger(seats) || seats < 1 || seats > MAX_SIMULATED_SEATS) {
    throw usage(`expected 1 to ${MAX_SIMULATED_SEATS} seats, found ${seats}`);
  }
  if (byzantine !== undefined && (byzantine < 0 || byzantine >= seats)) {
    throw usage(`expected 0 to ${seats - 1} of ${seats} seats to lie, found ${byzantine}`);
  }
  if (seeds < 1) throw usage(`expected at least one schedule, found ${seeds}`);
  if (!BEHAVIOURS.includes(behaviour)) {
    throw usage(`expected a behaviour (${BEHAVIOURS.join(', ')}), found "${behaviour}"`);
  }
  if (kind !== 'council' && isBallotBehaviour(behaviour)) {
    throw usage(`"${behaviour}" is a way to lie at the ballot: it needs --kind council`);
  }
  if (epochs === true && kind !== 'timed') throw usage('rosters change in --kind timed');
  if (kind === 'untimed' && behaviour !== 'any') {
    throw usage('the untimed adversary does everything at once: it takes no --behaviour');
  }
  if (kind === 'untimed' && (byzantine ?? quorumOf(seats).f) < 1) {
    throw usage('the untimed adversary needs a seat to speak for: at least 4 seats, or --byzantine');
  }
  if (kind === 'council' && behaviour === 'twins') throw usage('twins take part in --kind timed and --twins');
}

export interface TwinsViolation extends Violation {
  /** counted from 1, as in the file */
  readonly scenario: number;
  readonly reading: RoundReading;
  readonly trace: readonly string[];
}

export interface TwinsReport {
  readonly file: string;
  readonly seats: number;
  readonly twins: number;
  readonly tolerated: boolean;
  readonly scenarios: number;
  /** each scenario is played once for each way to read a round */
  readonly runs: number;
  readonly violations: readonly TwinsViolation[];
  /** the most views it took after healing until everything was committed */
  readonly mostViewsToCommit: number;
}

/** Plays every scenario of a file's text, rounds read by view and by time. */
export function runTwins(
  text: string,
  file: string,
  onScenario?: (done: number, violations: number) => void,
): TwinsReport {
  const parsed = parseTwins(text, file);
  const violations: TwinsViolation[] = [];
  let mostViewsToCommit = 0;
  for (let scenario = 0; scenario < parsed.scenarios.length; scenario++) {
    for (const reading of ROUND_READINGS) {
      const run = runTwinsScenario(parsed, scenario, reading);
      mostViewsToCommit = Math.max(mostViewsToCommit, run.viewsToCommit);
      if (run.violation === undefined) continue;
      const { trace } = runTwinsScenario(parsed, scenario, reading, true);
      violations.push({ ...run.violation, scenario: scenario + 1, reading, trace });
    }
    onScenario?.(scenario + 1, violations.length);
  }
  const { nodes: seats, twins, scenarios } = parsed;
  const tolerated = twins <= quorumOf(seats).f;
  const runs = scenarios.length * ROUND_READINGS.length;
  return { file, seats, twins, tolerated, scenarios: scenarios.length, runs, violations, mostViewsToCommit };
}
