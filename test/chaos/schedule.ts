// What befalls a council, when and for how long: all of it drawn from one seed before anything runs, so that a run can
// be had again and a failure can show what led to it. Most of the time no more is broken at once than the protocol
// goes on under (one node of four); now and then more is, and then safety must hold and progress return.
import { Random } from '../../src/simulation/random.ts';

/** Each with how often it is drawn, against the others. */
const WEIGHTS = {
  /** SIGKILL, and started again */
  'kill-node': 6,
  /** SIGTERM, and started again */
  'drain-node': 2,
  /** SIGSTOP, and SIGCONT: a machine that hangs, and believes that no time went by */
  'freeze-node': 4,
  /** its connections end, and new ones are refused */
  cut: 4,
  /** its connections stay and carry nothing */
  blackhole: 4,
  delay: 2,
  throttle: 1,
  /** connections torn in the middle of messages */
  resets: 3,
  /** SIGKILL of a Redis, started again with what it had */
  'kill-redis': 3,
  'freeze-redis': 1,
  /** killed, and started again with nothing */
  'empty-redis': 2,
  /** not a byte can be written any more */
  'full-disk': 4,
  /** by minutes, either way */
  'clock-step': 4,
} as const;

export type FaultKind = keyof typeof WEIGHTS;
export const FAULT_KINDS = Object.keys(WEIGHTS) as readonly FaultKind[];

export interface Fault {
  readonly number: number;
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
  /** which node, or which Redis; counted from 0 */
  readonly target: number;
  /** how late, how slow, how far; 0 where the kind has no measure */
  readonly amount: number;
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly faults: number;
  /** that faults may befall */
  readonly nodes: number;
  readonly redisServers: number;
  /** kinds that cannot be had here */
  readonly without?: readonly FaultKind[];
  /** shortens and lengthens everything */
  readonly pace?: number;
}

/** How often a fault comes before the one before it is over and got over. */
const OVERLAPPING = 0.15;
/** A node that was away needs a moment to be of use again. */
const RECOVERY_MS = 1_500;

const ON_REDIS: ReadonlySet<FaultKind> = new Set(['kill-redis', 'freeze-redis', 'empty-redis']);
/** A node under one of these still takes part, only worse: nobody has to wait for the next fault. */
const MILD: ReadonlySet<FaultKind> = new Set(['delay', 'throttle', 'resets']);

/** By ascending time. */
export function scheduleOf(options: ScheduleOptions): readonly Fault[] {
  const { seed, nodes, redisServers, without = [], pace = 1 } = options;
  const random = new Random(seed, 21);
  const lots = FAULT_KINDS.filter((kind) => !without.includes(kind)).flatMap((kind) =>
    new Array<FaultKind>(WEIGHTS[kind]).fill(kind),
  );
  const faults: Fault[] = [];
  let nowMs = 500;
  let freeMs = 0;
  for (let number = 1; number <= options.faults; number++) {
    const kind = random.pick(lots);
    const mild = MILD.has(kind);
    nowMs += random.between(100, 700) * pace;
    if (!mild && !random.chance(OVERLAPPING)) nowMs = Math.max(nowMs, freeMs);
    const forMs = Math.round(durationOf(kind, random) * pace);
    const target = random.between(0, (ON_REDIS.has(kind) ? redisServers : nodes) - 1);
    faults.push({ number, kind, atMs: Math.round(nowMs), forMs, target, amount: amountOf(kind, random) });
    if (!mild) freeMs = nowMs + forMs + RECOVERY_MS * pace;
  }
  return faults;
}

function durationOf(kind: FaultKind, random: Random): number {
  switch (kind) {
    case 'kill-node':
    case 'drain-node':
    case 'kill-redis':
    case 'empty-redis':
      // How long it stays down; at once is the hardest to tell from never.
      return random.pick([0, 100, 500, 1_500, 3_000]);
    case 'freeze-redis':
      return random.between(300, 2_500);
    case 'full-disk':
      return random.between(500, 2_500);
    case 'freeze-node':
    case 'cut':
    case 'blackhole':
      // Some longer than a node is thought alive.
      return random.pick([400, 1_000, 2_000, 4_000, 7_000]);
    case 'clock-step':
      return random.between(1_000, 4_000);
    case 'delay':
    case 'throttle':
    case 'resets':
      return random.between(1_000, 5_000);
    default:
      return kind satisfies never;
  }
}

function amountOf(kind: FaultKind, random: Random): number {
  switch (kind) {
    case 'delay':
      return random.pick([20, 100, 400, 1_000]);
    case 'throttle':
      return random.pick([20_000, 100_000, 400_000]);
    case 'resets':
      return random.pick([500, 5_000, 50_000, 500_000]);
    case 'clock-step':
      return random.pick([-600_000, -90_000, -5_000, 1_500, 5_000, 90_000, 600_000]);
    case 'full-disk':
      // How much is left of it: nothing, or too little for long.
      return random.pick([0, 0, 4_096, 65_536]);
    case 'kill-node':
    case 'drain-node':
    case 'kill-redis':
    case 'empty-redis':
    case 'freeze-redis':
    case 'freeze-node':
    case 'cut':
    case 'blackhole':
      return 0;
    default:
      return kind satisfies never;
  }
}

export function faultText({ number, kind, atMs, forMs, target, amount }: Fault): string {
  const whose = ON_REDIS.has(kind) ? `redis-${target + 1}` : `node-${target + 1}`;
  const measure = amount === 0 ? '' : ` (${amount})`;
  return `${String(number).padStart(3)}  ${(atMs / 1_000).toFixed(1).padStart(6)} s  ${kind} ${whose}${measure} for ${forMs} ms`;
}

export function countsByKind(faults: readonly Fault[]): Readonly<Partial<Record<FaultKind, number>>> {
  const counts: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of faults) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
