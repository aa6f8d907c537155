// How independent voters are, all of it at once: what `conclave eval diversity` says of a file of verdicts, and what suites say of
// the voters they ran with.
import { type Quorum, quorumOf } from '../../consensus/quorum.ts';
import { badInput } from '../../errors.ts';
import { Random } from '../../simulation/random.ts';
import { completeTable, DOMAINS, type Domain, type VerdictTable } from '../verdicts/verdict-table.ts';
import { type CouncilFigures, councilFigures, countsOf } from './council-outcomes.ts';
import { namesIn } from './domain-faults.ts';
import { ErrorPairs, type PairFigures, type PairGroup } from './error-pairs.ts';
import { type ToleranceFigures, toleranceFigures } from './fault-tolerance.ts';
import type { Figure } from './figure.ts';
import { type MajorityFigures, majorityFigures } from './majority.ts';
import { effectiveVotes } from './pair-measures.ts';
import { type VoterFigures, voterFigures } from './voters.ts';

export interface Diversity {
  readonly voters: readonly VoterFigures[];
  readonly items: number;
  /** items that every voter answered: those that pairs and majorities are counted over */
  readonly complete: number;
  readonly majority: MajorityFigures;
  readonly pairs: PairFigures;
  /** by domain that at least two voters share and at least two do not, the pairs within one value of it and those across */
  readonly byDomain: readonly {
    readonly domain: Domain;
    readonly within: PairFigures;
    readonly across: PairFigures;
  }[];
  readonly effectiveVotes: Figure;
  /** error correlation of every voter with every other */
  readonly correlations: readonly (readonly (number | null)[])[];
  readonly quorum: Quorum;
  /** all voters as one council that decides by its quorum */
  readonly council: CouncilFigures;
  readonly tolerance: readonly ToleranceFigures[];
}

/** Pairs grow with the square of the voters. */
const MOST_VOTERS = 1000;

export function diversityOf(table: VerdictTable, seed: number): Diversity {
  if (table.voters.length > MOST_VOTERS) {
    throw badInput(
      `expected at most ${MOST_VOTERS} voters to hold against each other, found ${table.voters.length}`,
    );
  }
  const complete = completeTable(table);
  if (complete.items.names.length === 0) {
    throw badInput(
      `expected items that all ${table.voters.length} voters answered, found none among ${table.items.names.length}: leave out voters who answered few`,
    );
  }
  const quorum = quorumOf(table.voters.length);
  const pairs = new ErrorPairs(table, new Random(seed, 1));
  const domains = DOMAINS.filter((domain) => {
    const names = namesIn(table.voters, domain).length;
    return names > 1 && names < table.voters.length;
  });
  const { all, groups, effectiveVotes } = pairs.figures(
    domains.flatMap((domain) => groupsBy(domain, table)),
    new Random(seed, 2),
  );
  return {
    voters: voterFigures(table),
    items: table.items.names.length,
    complete: pairs.items,
    majority: majorityFigures(table, new Random(seed, 3)),
    pairs: all,
    byDomain: domains.flatMap((domain, i) => {
      const [within, across] = groups.slice(2 * i, 2 * i + 2);
      return within === undefined || across === undefined ? [] : [{ domain, within, across }];
    }),
    effectiveVotes,
    correlations: pairs.matrix('errorCorrelation'),
    quorum,
    council: councilFigures(complete.items, countsOf(complete), quorum),
    tolerance: toleranceFigures(complete, quorum),
  };
}

/** A voter of whom the domain is not known is in no pair. */
function groupsBy(domain: Domain, { voters }: VerdictTable): readonly PairGroup[] {
  const nameOf = (voter: number): string | undefined => voters[voter]?.domains[domain];
  const known = (a: number, b: number): boolean => nameOf(a) !== undefined && nameOf(b) !== undefined;
  return [
    { name: `within ${domain}`, holds: (a, b) => known(a, b) && nameOf(a) === nameOf(b) },
    { name: `across ${domain}`, holds: (a, b) => known(a, b) && nameOf(a) !== nameOf(b) },
  ];
}

/** What so many votes of this correlation are worth, for every number of seats up to `most`. */
export function votesBySeats({ pairs }: Diversity, most: number): readonly Figure[] {
  const { value, low, high, n, method } = pairs.figures.errorCorrelation;
  return Array.from({ length: most }, (_, i) => ({
    value: effectiveVotes(i + 1, value),
    // the more alike, the fewer votes
    low: effectiveVotes(i + 1, high),
    high: effectiveVotes(i + 1, low),
    n,
    method,
  }));
}
