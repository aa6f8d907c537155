// Semantic consensus: which grounds are shared by how many seats and vendors, which approvals rest on reasons that cannot
// both be true, and what the dissents say. Worked out after the reveal, off the ledger, for people. It never fails for
// want of an embedder: then only identical reasons are put together, and the report says so.
import { FINDINGS, type Finding } from '../../council/quantise.ts';
import { badInput } from '../../errors.ts';
import { type Cluster, type Contradiction, developersOf, gather, seatsOf } from './clusters.ts';
import type { Embedder } from './embedder.ts';
import { flagsOf } from './grounds-flags.ts';
import type {
  CriterionGrounds,
  DeveloperSeats,
  Dissent,
  Ground,
  GroundsReport,
  Incompatibility,
  Quote,
  Side,
} from './grounds-report.ts';
import { MAX_STATEMENTS, type Statement } from './statements.ts';

export interface GroundsOptions {
  /** how many seats the panel has; those that abstained make no statement */
  readonly panel: number;
}

export interface GroundsDependencies {
  /** none where no embeddings can be had */
  readonly embedder?: Embedder;
  readonly signal?: AbortSignal;
}

const MAX_QUOTE_CHARS = 500;
/** Cosines go no higher: without vectors nothing is near anything else. */
const OUT_OF_REACH = 2;

const ADVISORY =
  'Advisory: the findings were counted, the reasons were not. Likeness of reasons never overrules a finding and changes no decision.';
const SAYINGS =
  'Reasons are what the models say about their findings; they do not show how a model came to its finding.';
const WORDS_ONLY =
  'Denials are looked for in the words. A contradiction in wholly different words is missed, and some that are seen are none; the quotes are there to be read.';
const LEXICAL =
  'No embedding model was at hand: reasons were compared by their words, so the same ground in other words counts as another ground.';
const UNTUNED =
  'The threshold of this embedder is assumed, not chosen on labelled pairs; grounds may be too coarse or too fine.';
const ONE_MAKER = 'All seats are of one maker: that they share grounds says nothing about independent minds.';

/** Rejects only for more statements than any council makes. */
export async function groundsOf(
  statements: readonly Statement[],
  options: GroundsOptions,
  { embedder, signal }: GroundsDependencies,
): Promise<GroundsReport> {
  if (embedder === undefined) return groundsWithoutEmbeddings(statements, options, 'none was at hand');
  boundedStatements(statements);
  const texts = [...new Set(statements.map(({ text }) => text))].filter((text) => text !== '').sort();
  const vectors = new Map<string, Float32Array>();
  try {
    const found = await embedder.embed(texts, signal);
    texts.forEach((text, i) => {
      const vector = found[i];
      if (vector !== undefined) vectors.set(text, vector);
    });
  } catch (error) {
    // An embedder speaks of its server's status, never of the texts or the key (embedder.ts).
    const why = error instanceof Error ? error.message : 'it failed';
    return groundsWithoutEmbeddings(statements, options, why.slice(0, MAX_QUOTE_CHARS));
  }
  const { name, kind, threshold, tuned } = embedder;
  const caveats = [
    ADVISORY,
    SAYINGS,
    WORDS_ONLY,
    ...(kind === 'lexical' ? [LEXICAL] : []),
    ...(tuned ? [] : [UNTUNED]),
  ];
  return reportOf(statements, options, vectors, { name, kind, threshold, tuned }, caveats);
}

/** Only identical reasons share a ground; everything else the report says still holds. */
export function groundsWithoutEmbeddings(
  statements: readonly Statement[],
  options: GroundsOptions,
  why: string,
): GroundsReport {
  boundedStatements(statements);
  const none = { name: 'none', kind: 'none', threshold: null, tuned: false } as const;
  const caveat = `No embeddings (${why}): only identical reasons were put together, so shared grounds are undercounted.`;
  return reportOf(statements, options, new Map(), none, [ADVISORY, SAYINGS, WORDS_ONLY, caveat]);
}

function boundedStatements({ length }: readonly Statement[]): void {
  if (length > MAX_STATEMENTS)
    throw badInput(`grounds: expected at most ${MAX_STATEMENTS} reasons, found ${length}`);
}

function reportOf(
  statements: readonly Statement[],
  { panel }: GroundsOptions,
  vectors: ReadonlyMap<string, Float32Array>,
  embedder: GroundsReport['embedder'],
  caveats: readonly string[],
): GroundsReport {
  const { clusters, contradictions, uncompared } = gather(
    statements,
    vectors,
    embedder.threshold ?? OUT_OF_REACH,
  );
  const criteria = [...new Set(statements.map(({ criterion }) => criterion))].map((criterion) =>
    criterionOf(
      criterion,
      clusters.filter((cluster) => cluster.criterion === criterion),
      contradictions.filter((one) => one.clusters[0].criterion === criterion),
    ),
  );
  return {
    schemaVersion: 1,
    advisory: true,
    panel,
    embedder,
    criteria,
    flags: criteria.flatMap((criterion) => flagsOf(criterion, panel)),
    caveats: [
      ...caveats,
      ...(new Set(statements.map(({ developer }) => developer)).size === 1 ? [ONE_MAKER] : []),
      ...(uncompared === 0 ? [] : [`${uncompared} wordings were too many to be compared and stand alone.`]),
    ],
  };
}

function criterionOf(
  criterion: string,
  clusters: readonly Cluster[],
  contradictions: readonly Contradiction[],
): CriterionGrounds {
  const ids = new Map<Cluster, string>();
  const sides = FINDINGS.flatMap((finding): Side[] => {
    const own = clusters.filter((cluster) => cluster.finding === finding);
    return own.length === 0 ? [] : [sideOf(finding, own, ids)];
  });
  // The later ones in FINDINGS are no approvals: not approving is the default (protocol 4.7).
  const leading = sides.reduce((first, side) => (side.seats.length >= first.seats.length ? side : first));
  const dissents = clusters
    .filter(({ finding }) => finding !== leading.finding)
    .flatMap((cluster) => cluster.statements.map((statement) => dissentOf(statement, ids.get(cluster))));
  return {
    criterion,
    leading: leading.finding,
    sides,
    incompatible: contradictions.flatMap((contradiction) => incompatibilityOf(contradiction, ids)),
    dissents: dissents.sort((a, b) => a.seat - b.seat),
  };
}

function sideOf(finding: Finding, clusters: readonly Cluster[], ids: Map<Cluster, string>): Side {
  const reasoned = clusters.filter(({ medoid }) => medoid.text !== '');
  const grounds = reasoned.map((cluster, i): Ground => {
    const id = `${finding}-${i + 1}`;
    ids.set(cluster, id);
    return {
      id,
      seats: seatsOf(cluster),
      developers: developersOf(cluster),
      quote: quoteOf(cluster.medoid),
    };
  });
  const all = { statements: clusters.flatMap(({ statements }) => statements) };
  const without = { statements: all.statements.filter(({ text }) => text === '') };
  return {
    finding,
    seats: [...seatsOf(all)].sort((a, b) => a - b),
    developers: tally(all.statements),
    grounds,
    unreasoned: seatsOf(without),
  };
}

function incompatibilityOf(
  { clusters: [one, other], statements: [a, b], opposition }: Contradiction,
  ids: ReadonlyMap<Cluster, string>,
): readonly Incompatibility[] {
  const [first, second] = [ids.get(one), ids.get(other)];
  if (first === undefined || second === undefined) return [];
  return [
    {
      finding: one.finding,
      grounds: [first, second],
      seats: [...new Set([...seatsOf(one), ...seatsOf(other)])].sort((x, y) => x - y),
      quotes: [quoteOf(a), quoteOf(b)],
      opposition,
    },
  ];
}

function dissentOf(statement: Statement, ground: string | undefined): Dissent {
  const dissent = { ...quoteOf(statement), finding: statement.finding };
  return ground === undefined ? dissent : { ...dissent, ground };
}

function quoteOf({ seat, developer, text }: Statement): Quote {
  const quoted = text.length <= MAX_QUOTE_CHARS ? text : `${text.slice(0, MAX_QUOTE_CHARS - 1)}…`;
  return { seat, developer, text: quoted };
}

/** Those with the most seats first. */
function tally(statements: readonly Statement[]): readonly DeveloperSeats[] {
  return developersOf({ statements })
    .map((developer) => {
      const own = statements.filter((statement) => statement.developer === developer);
      return { developer, seats: seatsOf({ statements: own }).length };
    })
    .sort((a, b) => b.seats - a.seats);
}
