// Statistics of what proves nothing: seats that miss votes or withhold reveals, that always answer the same, whose
// approvals drift, that are always certain. They stand on committed records alone, over bounded windows, so that any
// node that has read far enough back comes to the same. They are alerts for people and change nothing: no vote is
// weighted, refused or left out by them (protocol 5.1, 1.3).
//
// Every alert is an exact test of a hypothesis that is stated beside it. While the hypothesis holds for a seat, the
// alert stands after a case with a probability of at most FALSE_ALARM; windows overlap, so one false alarm may last.
// With 33 seats and five tests that is fewer than two false alarms in ten thousand cases.
import type { Entry } from '../../consensus/block.ts';
import type { Verdict } from '../../council/ballot.ts';
import type { CaseId } from '../../council/case.ts';
import { openEntry } from '../../council/entry.ts';
import { type CaseClosed, type CouncilRecord, type Decision, openRecord } from '../../council/records.ts';
import { MAX_OPEN_CASES } from '../../council/state.ts';
import { asSeatId, type SeatId } from '../../signing/seat-id.ts';
import { atLeast, sameOdds } from './exact-tests.ts';

/** Probability that an alert stands after a case although its hypothesis holds. */
export const FALSE_ALARM = 1e-6;
/** Cases that are looked at, the latest. */
export const CASES_LOOKED_AT = 256;
/** Ballots that count as late, and how many before them there must be to tell a drift. */
export const LATE_BALLOTS = 32;
export const MIN_EARLIER_BALLOTS = 64;
/** Cases in which absence is looked at: what a seat missed long ago is its affair. */
export const CASES_OF_PRESENCE = 64;
/** What is borne of a seat: so many of its cases without a commitment, and of its commitments without a reveal. */
export const BORNE_MISSES = 0.05;
export const BORNE_WITHHOLDING = 0.01;
/** A seat that weighs a case goes with most of the others at least so often when they say the other thing. */
export const LEAST_AGREEMENT = 0.5;
/** A seat that weighs a case is wholly certain at most so often. */
export const MOST_CERTAINTY = 0.8;
export const CERTAIN = 100;
/** Blocks that are read back at a start: 256 cases, each entry in a block of its own. */
export const BLOCKS_READ_BACK = 20_000;

export const VOTE_ALERTS = ['missing', 'withholding', 'one-answer', 'drift', 'certain'] as const;

export interface VoteAlert {
  readonly seat: SeatId;
  readonly kind: (typeof VOTE_ALERTS)[number];
  /** of what was seen or more, were the hypothesis true */
  readonly p: number;
  readonly says: string;
}

/** What a seat did in one case, beside what most of the others said. */
export interface Sitting {
  readonly did: Verdict | 'absent' | 'withheld';
  /** did most of the other seats approve? */
  readonly othersApprove: boolean;
  /** undefined where no reveal was seen */
  readonly confidence: number | undefined;
}

/** Where blocks are read back from. */
export interface ChainSource {
  readonly height: number;
  at(
    height: number,
  ):
    | { readonly block: { readonly entries: readonly Entry[] }; readonly derived: readonly Uint8Array[] }
    | undefined;
}

export class VoteStatistics {
  readonly #sittings = new Map<SeatId, Sitting[]>();
  readonly #absent = new Map<CaseId, CaseClosed['absent']>();
  /** confidence by seat, of cases that are being opened */
  readonly #confidence = new Map<CaseId, Map<SeatId, number>>();

  /** What the chain holds already, before anything new is followed. */
  readBack(chain: ChainSource): void {
    for (let height = Math.max(1, chain.height - BLOCKS_READ_BACK); height <= chain.height; height++) {
      const stored = chain.at(height);
      if (stored !== undefined) this.follow(stored.block.entries, stored.derived.map(openRecord));
    }
  }

  /** One block, in the order of the chain. */
  follow(entries: readonly Entry[], records: readonly CouncilRecord[]): void {
    for (const { bytes } of entries) {
      const { fields } = openEntry(bytes);
      if (fields.kind !== 'ballot.revealed') continue;
      const known = this.#confidence.get(fields.caseId);
      if (known === undefined && this.#confidence.size >= MAX_OPEN_CASES) continue;
      const seats = known ?? new Map<SeatId, number>();
      seats.set(fields.seat, fields.ballot.confidence);
      this.#confidence.set(fields.caseId, seats);
    }
    for (const record of records) {
      if (record.kind === 'case.closed') this.#closed(record);
      else if (record.kind === 'case.decided') this.#decided(record);
      else if (record.kind === 'roster.admitted') {
        // A chair that is given to another begins anew.
        for (const seat of [...record.changed, ...record.vacated]) this.#sittings.delete(seat);
      }
    }
  }

  alerts(): readonly VoteAlert[] {
    return [...this.#sittings]
      .sort(([a], [b]) => a - b)
      .flatMap(([seat, sittings]) => alertsOf(sittings).map((alert) => ({ seat, ...alert })));
  }

  #closed({ caseId, absent }: CaseClosed): void {
    if (this.#absent.size < MAX_OPEN_CASES) this.#absent.set(caseId, absent);
  }

  #decided({ caseId, seats: chairs, ballots, withheld, tally }: Decision): void {
    const absent = this.#absent.get(caseId) ?? [];
    const confidence = this.#confidence.get(caseId);
    this.#absent.delete(caseId);
    this.#confidence.delete(caseId);
    const verdicts = new Map(ballots.map(({ seat, verdict }) => [seat, verdict]));
    for (let i = 1; i <= chairs; i++) {
      const seat = asSeatId(i);
      const verdict = verdicts.get(seat);
      const did =
        verdict ?? (withheld.includes(seat) ? 'withheld' : absent.includes(seat) ? 'absent' : undefined);
      if (did === undefined) continue;
      const approve = tally.approve - (verdict === 'approve' ? 1 : 0);
      const reject = tally.reject - (verdict === 'reject' ? 1 : 0);
      const sitting: Sitting = { did, othersApprove: approve > reject, confidence: confidence?.get(seat) };
      this.#sittings.set(seat, [...(this.#sittings.get(seat) ?? []), sitting].slice(-CASES_LOOKED_AT));
    }
  }
}

type SeatAlert = Omit<VoteAlert, 'seat'>;
type Test = (sittings: readonly Sitting[]) => SeatAlert | undefined;

/** The alerts on one seat; a pure function of its latest sittings. */
export function alertsOf(sittings: readonly Sitting[], falseAlarm = FALSE_ALARM): readonly SeatAlert[] {
  return [missing, withholding, oneAnswer, drift, certain].flatMap((test) => {
    const alert = test(sittings);
    return alert !== undefined && alert.p <= falseAlarm ? [alert] : [];
  });
}

/** Hypothesis: it misses a case with a probability of at most BORNE_MISSES, whatever became of the others. */
const missing: Test = (sittings) => {
  const late = sittings.slice(-CASES_OF_PRESENCE);
  const missed = late.filter(({ did }) => did === 'absent').length;
  const p = atLeast(missed, late.length, BORNE_MISSES);
  return { kind: 'missing', p, says: `committed nothing in ${missed} of ${late.length} cases` };
};

/** Hypothesis: it leaves a commitment unopened with a probability of at most BORNE_WITHHOLDING. */
const withholding: Test = (sittings) => {
  const late = sittings.slice(-CASES_OF_PRESENCE).filter(({ did }) => did !== 'absent');
  const withheld = late.filter(({ did }) => did === 'withheld').length;
  const p = atLeast(withheld, late.length, BORNE_WITHHOLDING);
  return { kind: 'withholding', p, says: `did not open ${withheld} of ${late.length} ballots` };
};

/** Hypothesis: where most of the others say the other thing, it does so too with at least LEAST_AGREEMENT. */
const oneAnswer: Test = (sittings) => {
  const voted = votesOf(sittings);
  const [first] = voted;
  if (first === undefined || voted.some(({ did }) => did !== first.did)) return undefined;
  const alone = voted.filter(({ othersApprove }) => othersApprove !== (first.did === 'approve')).length;
  // Twice, because it could have been the other answer.
  const p = Math.min(1, 2 * (1 - LEAST_AGREEMENT) ** alone);
  const says = `said ${first.did} in all of ${voted.length} cases, in ${alone} of them against most others`;
  return { kind: 'one-answer', p, says };
};

/**
 * Hypothesis: given what most of the others say, it says so too as often as it did before. Cases that become worse for
 * everybody are no drift of anybody; cases that become harder, so that all are less of one mind, can look like one.
 */
const drift: Test = (sittings) => {
  const voted = votesOf(sittings);
  const before = voted.slice(0, -LATE_BALLOTS);
  const lately = voted.slice(-LATE_BALLOTS);
  if (before.length < MIN_EARLIER_BALLOTS) return undefined;
  const odds = (hit: (vote: Sitting) => boolean): number =>
    sameOdds(
      [true, false].map((approve) => ({
        before: hitsIn(before, approve, hit),
        lately: hitsIn(lately, approve, hit),
      })),
    );
  // Two ways to drift, towards one answer and against the others: twice the smaller p, for there are two.
  const approves = odds(({ did }) => did === 'approve');
  const agrees = odds(({ did, othersApprove }) => (did === 'approve') === othersApprove);
  const p = Math.min(1, 2 * Math.min(approves, agrees));
  const [then, now] = [before, lately].map(
    (some) => `${Math.round((100 * some.filter(({ did }) => did === 'approve').length) / some.length)} %`,
  );
  return {
    kind: 'drift',
    p,
    says: `approves ${now} of its last ${lately.length} cases, ${then} before`,
  };
};

/** Hypothesis: it says that it is wholly certain with a probability of at most MOST_CERTAINTY. */
const certain: Test = (sittings) => {
  const said = votesOf(sittings)
    .flatMap(({ confidence }) => confidence ?? [])
    .slice(-CASES_OF_PRESENCE);
  if (said.some((confidence) => confidence !== CERTAIN)) return undefined;
  return {
    kind: 'certain',
    p: MOST_CERTAINTY ** said.length,
    says: `${CERTAIN} % certain in ${said.length} cases in a row`,
  };
};

/** Ballots that answer: an abstention is a failure of the model, and counted as one elsewhere. */
function votesOf(sittings: readonly Sitting[]): readonly Sitting[] {
  return sittings.filter(({ did }) => did === 'approve' || did === 'reject');
}

function hitsIn(
  votes: readonly Sitting[],
  othersApprove: boolean,
  hit: (vote: Sitting) => boolean,
): { readonly hits: number; readonly of: number } {
  const some = votes.filter((vote) => vote.othersApprove === othersApprove);
  return { hits: some.filter(hit).length, of: some.length };
}
