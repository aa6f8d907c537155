// What a council decides when everything that shares a developer, a family, a host, a lens or a prompt fails at once: falls silent, or
// votes as an adversary likes while all others vote as they do (protocol 1.5, 6.2).
import type { Quorum } from '../../consensus/quorum.ts';
import {
  APPROVE,
  type Domain,
  MISSING,
  REJECT,
  type VerdictTable,
  type Voter,
} from '../verdicts/verdict-table.ts';
import { type CouncilFigures, councilFigures, countsOf } from './council-outcomes.ts';

/** How seats of a domain fail: they say nothing, or always the wrong thing. */
export const FAULTS = ['silent', 'wrong'] as const;
export type Fault = (typeof FAULTS)[number];

export interface DomainFault {
  readonly domain: Domain;
  /** which values of it fail together */
  readonly names: readonly string[];
  readonly seats: number;
  readonly figures: CouncilFigures;
}

/** Each value of a domain by itself, or each two of them; whoever shares nothing known is left as it is. */
export function domainFaults(
  table: VerdictTable,
  quorum: Quorum,
  { domain, fault, many }: { readonly domain: Domain; readonly fault: Fault; readonly many: 1 | 2 },
): readonly DomainFault[] {
  const names = namesIn(table.voters, domain);
  const groups =
    many === 1
      ? names.map((name) => [name])
      : names.flatMap((name, i) => names.slice(i + 1).map((other) => [name, other]));
  return groups.map((group) => {
    const failing = table.voters.map(({ domains }) => group.includes(domains[domain] ?? ''));
    return {
      domain,
      names: group,
      seats: failing.filter(Boolean).length,
      figures: councilFigures(table.items, countsOf(failed(table, failing, fault)), quorum),
    };
  });
}

/** The same table after some voters failed. */
export function failed(table: VerdictTable, failing: readonly boolean[], fault: Fault): VerdictTable {
  const { labels } = table.items;
  const said =
    fault === 'silent'
      ? new Uint8Array(labels.length).fill(MISSING)
      : labels.map((label) => (label === APPROVE ? REJECT : APPROVE));
  return { ...table, verdicts: table.verdicts.map((row, voter) => (failing[voter] === true ? said : row)) };
}

export function namesIn(voters: readonly Voter[], domain: Domain): readonly string[] {
  return [...new Set(voters.flatMap(({ domains }) => domains[domain] ?? []))].sort();
}

/** The fault that lets the most through, and among equals blocks the most; undefined where nothing is shared. */
export function worstFault(
  faults: readonly DomainFault[],
  by: 'wrongApprovals' | 'blocked',
): DomainFault | undefined {
  const other = by === 'wrongApprovals' ? 'blocked' : 'wrongApprovals';
  return faults.reduce<DomainFault | undefined>((worst, fault) => {
    if (worst === undefined) return fault;
    const more = fault.figures[by].value - worst.figures[by].value;
    const tie = fault.figures[other].value - worst.figures[other].value;
    return more > 0 || (more === 0 && tie > 0) ? fault : worst;
  }, undefined);
}
