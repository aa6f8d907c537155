// What a roster may be at all: no value of any fault domain that is known of its voters holds more than `cap` seats, whichever
// kind of domain it is (protocol 1.5). Where nothing is known of a voter there is no domain, and nothing to cap.
import { badInput } from '../../errors.ts';
import type { Random } from '../../simulation/random.ts';
import { DOMAINS, type Voter } from '../verdicts/verdict-table.ts';

/** Orders tried before it is said that no roster is found; with one kind of domain, or with nested ones, the first decides. */
const MOST_ORDERS = 50;

export class SeatCaps {
  readonly cap: number;
  /** whether any domain has more members than it may hold seats */
  readonly bind: boolean;
  /** by voter, the fault domains it belongs to, numbered over all kinds */
  readonly #domainsOf: readonly (readonly number[])[];
  readonly #domainCount: number;
  /** that many could be seated if the kind of domain that allows the fewest were the only one */
  readonly #bound: number;

  constructor(voters: readonly Voter[], cap: number) {
    if (!(Number.isSafeInteger(cap) && cap >= 1))
      throw badInput(`expected a cap of 1 seat or more, found ${cap}`);
    this.cap = cap;
    const domainsOf: number[][] = voters.map(() => []);
    let count = 0;
    let bound = voters.length;
    for (const kind of DOMAINS) {
      const members = new Map<string, number[]>();
      voters.forEach(({ domains }, voter) => {
        const value = domains[kind];
        if (value !== undefined) members.set(value, [...(members.get(value) ?? []), voter]);
      });
      let beyond = 0;
      for (const list of members.values()) {
        for (const voter of list) domainsOf[voter]?.push(count);
        beyond += Math.max(0, list.length - cap);
        count++;
      }
      bound = Math.min(bound, voters.length - beyond);
    }
    this.#domainsOf = domainsOf;
    this.#domainCount = count;
    this.#bound = bound;
    this.bind = bound < voters.length;
  }

  domainsOf(voter: number): readonly number[] {
    return this.#domainsOf[voter] ?? [];
  }

  holding(roster: readonly number[]): Holding {
    const holding = new Holding(this, this.#domainCount);
    for (const voter of roster) holding.add(voter);
    return holding;
  }

  /** A roster by lot under the caps. */
  drawn(seats: number, random: Random): number[] {
    return this.full(random.shuffled([...this.#domainsOf.keys()]), seats, random);
  }

  /** A full roster, those who come first in the order preferred. That there is none is said with how many can be seated. */
  full(order: readonly number[], seats: number, random: Random): number[] {
    let most = 0;
    let trial = order;
    for (let tried = 0; tried < MOST_ORDERS && this.#bound >= seats; tried++) {
      const roster = this.#inOrder(trial, seats);
      if (roster.length === seats) return roster;
      most = Math.max(most, roster.length);
      trial = random.shuffled(order);
    }
    most = Math.max(most, this.#inOrder(order, this.#bound).length);
    const can =
      most === this.#bound ? `only ${most} can be seated` : `no way was found to seat more than ${most}`;
    throw badInput(
      `expected candidates for ${seats} seats with at most ${this.cap} of any one domain; of ${order.length}, ${can}`,
    );
  }

  /** First come, first seated, as far as the caps allow; then one makes room for two while that helps. */
  #inOrder(order: readonly number[], seats: number): number[] {
    const holding = this.holding([]);
    const seated = new Set<number>();
    for (const voter of order) {
      if (seated.size === seats) break;
      if (holding.fits(voter)) seat(voter, seated, holding);
    }
    while (seated.size < seats && makeRoom(order, seated, holding)) {
      // each round seats one more
    }
    return [...seated];
  }
}

/** How many seats each domain holds. */
export class Holding {
  readonly #caps: SeatCaps;
  readonly #held: Uint32Array;

  constructor(caps: SeatCaps, domains: number) {
    this.#caps = caps;
    this.#held = new Uint32Array(domains);
  }

  /** Whether one more, of the domains of this voter, is still allowed. */
  fits(voter: number): boolean {
    return this.#caps.domainsOf(voter).every((domain) => (this.#held[domain] ?? 0) < this.#caps.cap);
  }

  add(voter: number): void {
    for (const domain of this.#caps.domainsOf(voter)) this.#held[domain] = (this.#held[domain] ?? 0) + 1;
  }

  remove(voter: number): void {
    for (const domain of this.#caps.domainsOf(voter)) this.#held[domain] = (this.#held[domain] ?? 0) - 1;
  }
}

function seat(voter: number, seated: Set<number>, holding: Holding): void {
  seated.add(voter);
  holding.add(voter);
}

function makeRoom(order: readonly number[], seated: Set<number>, holding: Holding): boolean {
  for (const leaver of [...seated]) {
    seated.delete(leaver);
    holding.remove(leaver);
    const free = order.filter((voter) => voter !== leaver && !seated.has(voter) && holding.fits(voter));
    for (const first of free) {
      holding.add(first);
      const second = free.find((voter) => voter !== first && holding.fits(voter));
      if (second !== undefined) {
        seated.add(first);
        seat(second, seated, holding);
        return true;
      }
      holding.remove(first);
    }
    seat(leaver, seated, holding);
  }
  return false;
}
