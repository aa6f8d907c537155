// The form of semantic consensus as dossier and report keep it: plain data, advisory, off the ledger. The names say who
// holds which ground; nothing in here was counted and nothing in here changes a decision.
import type { Finding } from '../../council/quantise.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Opposition } from './negation.ts';

/** A reason in a seat's own words, cut to what a page can hold. */
export interface Quote {
  readonly seat: SeatId;
  readonly developer: string;
  readonly text: string;
}

/** What seats of one side share. */
export interface Ground {
  /** within its criterion: `met-1` is the most widely held ground of those who found it met */
  readonly id: string;
  readonly seats: readonly SeatId[];
  readonly developers: readonly string[];
  /** of those who hold it, the one that is nearest to all others */
  readonly quote: Quote;
}

/** How many seats of a side are one developer's. */
export interface DeveloperSeats {
  readonly developer: string;
  readonly seats: number;
}

export interface Side {
  readonly finding: Finding;
  readonly seats: readonly SeatId[];
  readonly developers: readonly DeveloperSeats[];
  /** the most widely held first */
  readonly grounds: readonly Ground[];
  /** seats that gave no reason */
  readonly unreasoned: readonly SeatId[];
}

/** Two grounds of one side that cannot both be true, as far as their words tell. */
export interface Incompatibility {
  readonly finding: Finding;
  readonly grounds: readonly [string, string];
  /** of both grounds */
  readonly seats: readonly SeatId[];
  readonly quotes: readonly [Quote, Quote];
  readonly opposition: Opposition;
}

export interface Dissent extends Quote {
  readonly finding: Finding;
  /** undefined where the seat gave no reason */
  readonly ground?: string;
}

/** Why a person should look at a criterion. */
export const GROUNDS_FLAGS = [
  /** seats that found it met rely on things that cannot both be true */
  'approvals-rest-on-incompatible-reasons',
  /** the same among those who did not */
  'refusals-rest-on-incompatible-reasons',
  /** a third or more of the leading seats are one developer's, and without them the finding would no longer lead */
  'majority-rests-on-one-vendor',
  /** those who lead have hardly a reason in common */
  'majority-shares-no-ground',
  /** seats of several developers dissent for the same reason */
  'dissent-shared-across-vendors',
  /** no finding is held by a quorum */
  'no-finding-has-a-quorum',
  /** most of those who lead gave no reason */
  'reasons-missing',
] as const;
export type GroundsFlag = (typeof GROUNDS_FLAGS)[number];

export interface FlaggedForReview {
  readonly flag: GroundsFlag;
  readonly criterion: string;
  /** what was seen, in a sentence */
  readonly detail: string;
}

export interface CriterionGrounds {
  readonly criterion: string;
  /** held by the most seats; of equal ones the most cautious */
  readonly leading: Finding;
  readonly sides: readonly Side[];
  readonly incompatible: readonly Incompatibility[];
  /** everyone who did not find what the leading side found */
  readonly dissents: readonly Dissent[];
}

export interface GroundsReport {
  readonly schemaVersion: 1;
  readonly advisory: true;
  readonly panel: number;
  readonly embedder: {
    readonly name: string;
    readonly kind: 'semantic' | 'lexical' | 'none';
    /** null where only identical reasons were put together */
    readonly threshold: number | null;
    /** whether the threshold was chosen on labelled pairs */
    readonly tuned: boolean;
  };
  /** in the order in which the statements name them, which is the policy's */
  readonly criteria: readonly CriterionGrounds[];
  /** for human review */
  readonly flags: readonly FlaggedForReview[];
  readonly caveats: readonly string[];
}
