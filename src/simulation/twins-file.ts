// Files of Twins scenarios (Bano et al. 2021): who leads each round and who can talk to whom, with some seats
// sitting twice. Two formats are read: that of asonnino/twins-simulator and that of relab/hotstuff. A file is a
// stranger's data: it is checked here, and only here.
import * as z from 'zod';
import { badInput } from '../errors.ts';
import { MAX_SEATS } from '../signing/seat-id.ts';

export interface TwinsScenario {
  /** by round, the nodes that lead it; several when twins lead together */
  readonly leaders: ReadonlyMap<number, ReadonlySet<number>>;
  /** by round, groups that can talk; groups may overlap */
  readonly partitions: ReadonlyMap<number, readonly ReadonlySet<number>[]>;
  /** by round, by sender, those that it cannot reach */
  readonly firewall: ReadonlyMap<number, ReadonlyMap<number, ReadonlySet<number>>>;
  readonly rounds: number;
}

export interface TwinsFile {
  /** nodes 0…n−1, each with its own seat */
  readonly nodes: number;
  /** nodes n…n+t−1, twins of 0…t−1 */
  readonly twins: number;
  readonly scenarios: readonly TwinsScenario[];
}

export const MAX_SCENARIOS = 100_000;
export const MAX_ROUNDS = 1_000;

const count = z.int().min(0).max(MAX_SEATS);
const round = z.string().regex(/^[1-9][0-9]{0,3}$/);
const index = z.string().regex(/^(0|[1-9][0-9]{0,2})$/);

const firstFormat = z.strictObject({
  num_of_nodes: count.min(1),
  num_of_twins: count,
  scenarios: z
    .array(
      z.strictObject({
        round_leaders: z.record(round, z.array(count).min(1)),
        round_partitions: z.record(round, z.array(z.array(count))),
        firewall: z.record(round, z.record(index, z.array(count))).optional(),
      }),
    )
    .min(1)
    .max(MAX_SCENARIOS),
});

const replica = z.object({ ReplicaID: count.min(1) });

const secondFormat = z.object({
  num_nodes: count.min(1),
  num_twins: count,
  scenarios: z
    .array(
      z
        .array(z.object({ leader: count.min(1), partitions: z.array(z.array(replica)) }))
        .min(1)
        .max(MAX_ROUNDS),
    )
    .min(1)
    .max(MAX_SCENARIOS),
});

export function parseTwins(text: string, file: string): TwinsFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badInput('expected a Twins scenario file in JSON, found text that is not JSON', { file });
  }
  const second = secondFormat.safeParse(value);
  const parsed = second.success ? fromSecond(second.data) : fromFirst(value, file);
  for (const [at, scenario] of parsed.scenarios.entries()) checkScenario(parsed, scenario, at, file);
  return parsed;
}

function fromFirst(value: unknown, file: string): TwinsFile {
  const parsed = firstFormat.safeParse(value);
  if (!parsed.success) {
    throw badInput(
      `expected Twins scenarios (num_of_nodes, num_of_twins, scenarios):\n${z.prettifyError(parsed.error)}`,
      {
        file,
      },
    );
  }
  const { num_of_nodes: nodes, num_of_twins: twins, scenarios } = parsed.data;
  return {
    nodes,
    twins,
    scenarios: scenarios.map(({ round_leaders, round_partitions, firewall = {} }) => {
      const leaders = new Map(Object.entries(round_leaders).map(([at, who]) => [Number(at), new Set(who)]));
      const partitions = new Map(
        Object.entries(round_partitions).map(([at, groups]) => [
          Number(at),
          groups.map((group) => new Set(group)),
        ]),
      );
      const walls = new Map(
        Object.entries(firewall).map(([at, links]) => [
          Number(at),
          new Map(Object.entries(links).map(([from, to]) => [Number(from), new Set(to)])),
        ]),
      );
      const rounds = Math.max(1, ...leaders.keys(), ...partitions.keys(), ...walls.keys());
      return { leaders, partitions, firewall: walls, rounds };
    }),
  };
}

function fromSecond({ num_nodes, num_twins, scenarios }: z.infer<typeof secondFormat>): TwinsFile {
  return {
    nodes: num_nodes,
    twins: num_twins,
    scenarios: scenarios.map((views) => ({
      leaders: new Map(views.map(({ leader }, at) => [at + 1, new Set([leader - 1])])),
      partitions: new Map(
        views.map(({ partitions }, at) => [
          at + 1,
          partitions.map((group) => new Set(group.map(({ ReplicaID }) => ReplicaID - 1))),
        ]),
      ),
      firewall: new Map(),
      rounds: views.length,
    })),
  };
}

function checkScenario({ nodes, twins }: TwinsFile, scenario: TwinsScenario, at: number, file: string): void {
  if (twins > nodes)
    throw badInput(`expected at most as many twins as nodes, found ${twins} of ${nodes}`, { file });
  if (scenario.rounds > MAX_ROUNDS)
    throw badInput(`expected at most ${MAX_ROUNDS} rounds in a scenario`, { file });
  const named = [
    ...[...scenario.leaders.values()].flatMap((who) => [...who]),
    ...[...scenario.partitions.values()].flatMap((groups) => groups.flatMap((group) => [...group])),
    ...[...scenario.firewall.values()].flatMap((links) => [...links].flatMap(([from, to]) => [from, ...to])),
  ];
  const stranger = named.find((node) => node >= nodes + twins);
  if (stranger !== undefined) {
    throw badInput(
      `scenario ${at + 1} names node ${stranger}, but there are only nodes 0 to ${nodes + twins - 1}`,
      {
        file,
      },
    );
  }
}
