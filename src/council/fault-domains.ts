// What seats share, and so lose together, held against the caps; and what the loss or the treason of a developer
// or two could do to the council (protocol 1.5, 6.2).
import { quorumOf } from '../consensus/quorum.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { RosterSeat } from './roster.ts';

export const DOMAIN_KINDS = ['developer', 'family', 'host', 'node'] as const;

export type DomainKind = (typeof DOMAIN_KINDS)[number];

/**
 * As much of a roster as is needed here: seat files are held against the caps before there are keys. A seat whose
 * file and whose model name two makers counts for both.
 */
type Placed = Pick<RosterSeat, 'seat' | 'provenance'> &
  Readonly<Record<DomainKind, string | readonly string[]>>;
type SharedFaults = { readonly seats: readonly Placed[] };

export interface FaultDomain {
  readonly kind: DomainKind;
  readonly name: string;
  readonly seats: readonly SeatId[];
  /** above the cap: more seats than the council survives losing to one cause */
  readonly broken: boolean;
}

/** What becomes possible when all seats of some developers fall together. */
export interface Loss {
  readonly developers: readonly string[];
  readonly seats: number;
  /** no quorum without them: nothing is ordered, nothing approved */
  readonly blocks: boolean;
  /** more than f: agreement itself is no longer promised */
  readonly breaksSafety: boolean;
  /** a quorum alone: they approve what they like */
  readonly decides: boolean;
}

/** Of so many developers, or pairs of them, how many could do what by falling together. */
export interface Losses {
  readonly of: number;
  readonly block: number;
  readonly breakSafety: number;
  readonly decide: number;
}

export interface DomainReport {
  readonly cap: number;
  /** by kind, the largest first */
  readonly domains: readonly FaultDomain[];
  readonly broken: readonly FaultDomain[];
  /** the worst case of one developer, and of any two */
  readonly worstOne: Loss;
  readonly worstTwo: Loss;
  readonly ones: Losses;
  readonly twos: Losses;
}

export function domainReport(roster: SharedFaults): DomainReport {
  const domains = DOMAIN_KINDS.flatMap((kind) => domainsOf(roster, kind));
  const developers = domains.filter(({ kind }) => kind === 'developer');
  const ones = developers.map((one) => lossOf(roster, [one]));
  const twos = developers.flatMap((one, i) =>
    developers.slice(i + 1).map((other) => lossOf(roster, [one, other])),
  );
  const worstOne = worstOf(ones) ?? lossOf(roster, []);
  return {
    cap: capOf(roster),
    domains,
    broken: domains.filter(({ broken }) => broken),
    worstOne,
    worstTwo: worstOf(twos) ?? worstOne,
    ones: count(ones),
    twos: count(twos),
  };
}

export function capsBroken(roster: SharedFaults): readonly FaultDomain[] {
  return DOMAIN_KINDS.flatMap((kind) => domainsOf(roster, kind)).filter(({ broken }) => broken);
}

/** Councils of fewer than four seats survive no loss at all; a seat is still allowed to be its own domain. */
function capOf(roster: SharedFaults): number {
  return Math.max(1, quorumOf(roster.seats.length).f);
}

function domainsOf(roster: SharedFaults, kind: DomainKind): FaultDomain[] {
  const members = new Map<string, Placed[]>();
  for (const seat of roster.seats) {
    for (const name of namesOf(seat[kind])) {
      const list = members.get(name);
      if (list === undefined) members.set(name, [seat]);
      else list.push(seat);
    }
  }
  const cap = capOf(roster);
  return [...members]
    .map(([name, list]) => ({
      kind,
      name,
      seats: list.map(({ seat }) => seat),
      // A seat that is not live stands under no maker's name (protocol 6.4), so it counts against no maker's
      // cap; its roster is a trial and every certificate says so. A machine is a machine, live or not.
      broken: list.filter((seat) => kind === 'node' || seat.provenance === undefined).length > cap,
    }))
    .sort((a, b) => b.seats.length - a.seats.length);
}

function lossOf(roster: SharedFaults, developers: readonly FaultDomain[]): Loss {
  const { n, f, q } = quorumOf(roster.seats.length);
  const seats = new Set(developers.flatMap((domain) => domain.seats)).size;
  return {
    developers: developers.map(({ name }) => name),
    seats,
    blocks: n - seats < q,
    breaksSafety: seats > f,
    decides: seats >= q,
  };
}

/** The first of those that take the most seats. */
function worstOf(losses: readonly Loss[]): Loss | undefined {
  return losses.reduce<Loss | undefined>(
    (worst, loss) => (worst === undefined || loss.seats > worst.seats ? loss : worst),
    undefined,
  );
}

function count(losses: readonly Loss[]): Losses {
  return {
    of: losses.length,
    block: losses.filter(({ blocks }) => blocks).length,
    breakSafety: losses.filter(({ breaksSafety }) => breaksSafety).length,
    decide: losses.filter(({ decides }) => decides).length,
  };
}

function namesOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : [...new Set(value)];
}
