// What seats share, and so lose together, held against the caps; and what the loss or the treason of a developer
// or two could do to the council (protocol 1.5, 6.2).
import { quorumOf } from '../consensus/quorum.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { RosterSeat } from './roster.ts';

export const DOMAIN_KINDS = ['developer', 'family', 'host', 'node'] as const;

export type DomainKind = (typeof DOMAIN_KINDS)[number];

/** As much of a roster as is needed here: seat files are held against the caps before there are keys. */
type Placed = Pick<RosterSeat, DomainKind | 'seat' | 'provenance'>;
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

export interface DomainReport {
  readonly cap: number;
  /** by kind, the largest first */
  readonly domains: readonly FaultDomain[];
  readonly broken: readonly FaultDomain[];
  /** the worst case of one developer, and of any two */
  readonly worstOne: Loss;
  readonly worstTwo: Loss;
}

export function domainReport(roster: SharedFaults): DomainReport {
  const domains = DOMAIN_KINDS.flatMap((kind) => domainsOf(roster, kind));
  const [first, second] = domains.filter(({ kind }) => kind === 'developer');
  const two = [first, second].filter((domain) => domain !== undefined);
  return {
    cap: capOf(roster),
    domains,
    broken: domains.filter(({ broken }) => broken),
    worstOne: lossOf(roster, two.slice(0, 1)),
    worstTwo: lossOf(roster, two),
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
    const list = members.get(seat[kind]);
    if (list === undefined) members.set(seat[kind], [seat]);
    else list.push(seat);
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
  const seats = developers.reduce((sum, domain) => sum + domain.seats.length, 0);
  return {
    developers: developers.map(({ name }) => name),
    seats,
    blocks: n - seats < q,
    breaksSafety: seats > f,
    decides: seats >= q,
  };
}
