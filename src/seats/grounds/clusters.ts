// Reasons of one side of one criterion, gathered by meaning: agglomerative, average linkage, under a threshold. Pure and
// deterministic: the order in which statements come changes nothing. Findings gate first: statements with another
// finding or about another criterion are never even compared, and two that deny each other never share a cluster, however
// near an embedder puts them.
import type { Finding } from '../../council/quantise.ts';
import { invariant } from '../../errors.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { cosine } from './embedder.ts';
import { link, linked, linkOf } from './linkage.ts';
import { type Opposition, oppositionOf, type Reading, readingOf } from './negation.ts';
import type { Statement } from './statements.ts';

/** Different wordings compared within a side; comparing takes the cube of it. Further ones stay alone. */
export const MAX_COMPARED = 200;

/** Two grounds contradict each other when this share of the pairs between them do. */
const DENIED_SHARE = 1 / 3;

export interface Cluster {
  readonly criterion: string;
  readonly finding: Finding;
  /** by seat */
  readonly statements: readonly Statement[];
  /** the statement that is nearest to all others */
  readonly medoid: Statement;
}

/** Two clusters of one side that are about the same thing and cannot both be true, as far as their words tell. */
export interface Contradiction {
  readonly clusters: readonly [Cluster, Cluster];
  readonly statements: readonly [Statement, Statement];
  readonly opposition: Opposition;
}

export interface Gathered {
  /** the largest first */
  readonly clusters: readonly Cluster[];
  readonly contradictions: readonly Contradiction[];
  /** statements beyond MAX_COMPARED, each left in a cluster of its own */
  readonly uncompared: number;
}

/** `vectors` by text, each of length 1. A text without one is near nothing but itself. */
export function gather(
  statements: readonly Statement[],
  vectors: ReadonlyMap<string, Float32Array>,
  threshold: number,
): Gathered {
  const sides = new Map<string, Statement[]>();
  for (const statement of [...statements].sort(bySeat)) {
    const side = `${statement.criterion}\n${statement.finding}`;
    const known = sides.get(side);
    if (known === undefined) sides.set(side, [statement]);
    else known.push(statement);
  }
  const gathered = [...sides.values()].map((side) => gatherSide(side, vectors, threshold));
  return {
    clusters: gathered.flatMap(({ clusters }) => clusters).sort(bySize),
    contradictions: gathered.flatMap(({ contradictions }) => contradictions),
    uncompared: gathered.reduce((sum, { uncompared }) => sum + uncompared, 0),
  };
}

/** What all statements with the same wording share. */
interface Wording {
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly vector: Float32Array | undefined;
  readonly reading: Reading;
}

function gatherSide(
  side: readonly Statement[],
  vectors: ReadonlyMap<string, Float32Array>,
  threshold: number,
): Gathered {
  const byText = new Map<string, Statement[]>();
  for (const statement of side) {
    const known = byText.get(statement.text);
    if (known === undefined) byText.set(statement.text, [statement]);
    else known.push(statement);
  }
  // In the order of the texts, so that which ones are compared depends on nothing else.
  const wordings = [...byText]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([text, list]) => ({ text, statements: list, vector: vectors.get(text) }));
  const compared: Wording[] = wordings
    .slice(0, MAX_COMPARED)
    .map((wording) => ({ ...wording, reading: readingOf(wording.text) }));
  const near = nearnesses(compared);
  const against = oppositions(compared);
  const alike = against.filter(([i, j]) => isAlike(compared, near, i, j, threshold));
  for (const [i, j] of against) link(near, i, j, Number.NEGATIVE_INFINITY);
  const groups = linked(near, threshold);
  const made = groups.map((members) => clusterOf(members, compared, near));
  const alone = wordings
    .slice(MAX_COMPARED)
    .flatMap(({ statements }) => statements.slice(0, 1).map((medoid) => cluster(statements, medoid)));
  return {
    clusters: [...made, ...alone],
    contradictions: contradictionsOf(groups, made, compared, alike),
    uncompared: wordings.slice(MAX_COMPARED).length,
  };
}

function nearnesses(wordings: readonly Wording[]): readonly Float64Array[] {
  const rows = wordings.map(() => new Float64Array(wordings.length).fill(1));
  for (const [i, a] of wordings.entries()) {
    for (let j = i + 1; j < wordings.length; j++) link(rows, i, j, nearness(a, wordings[j]));
  }
  return rows;
}

function nearness({ vector: a }: Wording, other: Wording | undefined): number {
  const b = other?.vector;
  return a === undefined || b === undefined || a.length !== b.length ? -1 : cosine(a, b);
}

type Against = readonly [number, number, Opposition];

function oppositions(wordings: readonly Wording[]): readonly Against[] {
  return wordings.flatMap((a, i) =>
    wordings.slice(i + 1).flatMap((b, offset): Against[] => {
      const opposition = oppositionOf(a.reading, b.reading);
      return opposition === undefined ? [] : [[i, i + 1 + offset, opposition]];
    }),
  );
}

function clusterOf(
  members: readonly number[],
  wordings: readonly Wording[],
  near: readonly Float64Array[],
): Cluster {
  let medoid: Statement | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const i of members) {
    let sum = 0;
    for (const j of members) sum += (near[i]?.[j] ?? 0) * (wordings[j]?.statements.length ?? 0);
    if (sum > most) {
      most = sum;
      medoid = wordings[i]?.statements[0];
    }
  }
  const statements = members.flatMap((i) => wordings[i]?.statements ?? []);
  return cluster(statements, medoid ?? statements[0]);
}

function cluster(statements: readonly Statement[], medoid: Statement | undefined): Cluster {
  invariant(medoid !== undefined, 'a cluster without a statement');
  return {
    criterion: medoid.criterion,
    finding: medoid.finding,
    statements: [...statements].sort(bySeat),
    medoid,
  };
}

/** Whether two wordings are about the same thing, as far as can be told. */
function isAlike(
  wordings: readonly Wording[],
  near: readonly Float64Array[],
  i: number,
  j: number,
  threshold: number,
): boolean {
  const known = wordings[i]?.vector !== undefined && wordings[j]?.vector !== undefined;
  return !known || linkOf(near, i, j) >= threshold;
}

/**
 * Clusters between which a good part of the wordings are near in meaning and deny each other. A single denial between two
 * large grounds is more often a misreading than a contradiction.
 */
function contradictionsOf(
  groups: readonly (readonly number[])[],
  clusters: readonly Cluster[],
  wordings: readonly Wording[],
  against: readonly Against[],
): readonly Contradiction[] {
  const home = new Map(groups.flatMap((members, at) => members.map((i) => [i, at] as const)));
  const between = new Map<string, Against[]>();
  for (const one of against) {
    const key = [home.get(one[0]), home.get(one[1])].sort((a, b) => Number(a) - Number(b)).join(' ');
    const known = between.get(key);
    if (known === undefined) between.set(key, [one]);
    else known.push(one);
  }
  return [...between].flatMap(([key, [first, ...more]]): Contradiction[] => {
    const [one, other] = key.split(' ').map(Number);
    const [a, b] = [clusters[one ?? -1], clusters[other ?? -1]];
    if (a === undefined || b === undefined || first === undefined) return [];
    const pairs = (groups[one ?? -1]?.length ?? 0) * (groups[other ?? -1]?.length ?? 0);
    if (1 + more.length < pairs * DENIED_SHARE) return [];
    const [i, j, opposition] = first;
    const [said, denied] = [wordings[i]?.statements[0], wordings[j]?.statements[0]];
    if (said === undefined || denied === undefined) return [];
    const inOrder = a.statements.includes(said);
    return [{ clusters: inOrder ? [a, b] : [b, a], statements: [said, denied], opposition }];
  });
}

function bySeat(a: Statement, b: Statement): number {
  return a.seat - b.seat || order(a.criterion, b.criterion) || order(a.text, b.text);
}

function bySize(a: Cluster, b: Cluster): number {
  return (
    order(a.criterion, b.criterion) ||
    order(a.finding, b.finding) ||
    b.statements.length - a.statements.length ||
    bySeat(a.medoid, b.medoid)
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The seats of a cluster, each once. */
export function seatsOf({ statements }: Pick<Cluster, 'statements'>): readonly SeatId[] {
  return [...new Set(statements.map(({ seat }) => seat))];
}

export function developersOf({ statements }: Pick<Cluster, 'statements'>): readonly string[] {
  return [...new Set(statements.map(({ developer }) => developer))].sort();
}
