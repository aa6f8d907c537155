// What a seat, a case and a day may cost. Every call is promised at its worst before it is sent, and refused if it
// could exceed a limit; afterwards it counts at what the maker billed, whether it brought an answer or not. The limits
// stand as long as estimates are no lower than bills (cost.ts); a bill that is higher counts in full.
import { randomUUID } from 'node:crypto';
import { reasonOf } from '../errors.ts';
import type { SeatId } from '../signing/seat-id.ts';
import {
  type Answer,
  type Provider,
  ProviderError,
  type ProviderErrorCode,
  type Question,
} from './contract.ts';
import { costUsd, estimateCostUsd } from './cost.ts';
import { type Charge, dayOf, SpendJournal } from './spend-journal.ts';
import { withdrawal } from './time-limit.ts';

const NANO = 1_000_000_000;
/** Calls that are remembered; a week of the busiest council has fewer. */
const MAX_CHARGES = 500_000;
const MAX_APPENDS = 2;

export interface BudgetLimits {
  /** for one case */
  readonly seatUsd?: (seat: SeatId) => number | undefined;
  readonly caseUsd?: number;
  /** from midnight to midnight, UTC, over all cases and processes */
  readonly dayUsd?: number;
  /** for all that this budget lets through, over all cases */
  readonly runUsd?: number;
}

export interface BudgetOptions {
  readonly limits: BudgetLimits;
  /** where spending is kept; undefined: nowhere but in memory */
  readonly directory?: string;
}

export interface BudgetDependencies {
  /** hears of a damaged journal */
  readonly say?: (trouble: string) => void;
  /** milliseconds since 1970 */
  readonly now?: () => number;
}

/** What calls came to that belong together. */
export interface Spend {
  readonly name: string;
  readonly calls: number;
  readonly usd: number;
  /** of that: not billed as far as anybody said, counted at the most that it can be */
  readonly unsureUsd: number;
}

export class Budget {
  readonly #limits: BudgetLimits;
  readonly #journal: SpendJournal;
  readonly #say: (trouble: string) => void;
  readonly #now: () => number;
  readonly #charges = new Map<string, Charge>();
  /** in billionths, by day, by case, by case and seat */
  readonly #totals = new Map<string, number>();
  #today: string | undefined;
  /** in billionths, promised or billed since this budget was made */
  #run = 0;

  constructor(
    { limits, directory }: BudgetOptions,
    { say = () => {}, now = Date.now }: BudgetDependencies = {},
  ) {
    this.#limits = limits;
    this.#journal = new SpendJournal({ directory }, { say });
    this.#say = say;
    this.#now = now;
  }

  /** One call at a time: inside whatever asks again, around whatever sends. */
  around(provider: Provider): Provider {
    const { name, provenance } = provider;
    return {
      name,
      provenance,
      ask: async (question, signal) => {
        if (signal?.aborted === true) throw withdrawal(signal);
        const promised = this.#reserve(question);
        let answer: Answer;
        try {
          answer = await provider.ask(question, signal);
        } catch (error) {
          this.#settle(promised, billOfFailure(error, question, promised));
          throw error;
        }
        const old = answer.provenance !== provenance;
        this.#settle(promised, old ? NOTHING : bill(answer.usage, question, promised));
        return answer;
      },
    };
  }

  /** Spending of this day, or of one case, put together by what `of` says: a host, a maker, a seat. */
  spendBy(of: (charge: Charge) => string, { caseId }: { readonly caseId?: string } = {}): readonly Spend[] {
    const today = new Date(this.#now()).toISOString().slice(0, 10);
    const spends = new Map<string, Spend>();
    for (const charge of this.#charges.values()) {
      if (charge.kind === 'refused') continue;
      if (caseId === undefined ? dayOf(charge) !== today : charge.caseId !== caseId) continue;
      const name = of(charge);
      const { calls, usd, unsureUsd } = spends.get(name) ?? { calls: 0, usd: 0, unsureUsd: 0 };
      const costs = charge.nanoUsd / NANO;
      spends.set(name, {
        name,
        calls: calls + 1,
        usd: usd + costs,
        unsureUsd: unsureUsd + (charge.certain ? 0 : costs),
      });
    }
    return [...spends.values()].sort((a, b) => b.usd - a.usd || a.name.localeCompare(b.name));
  }

  #reserve(question: Question): Charge {
    const { caseId, seat, backing } = question;
    const charge: Charge = {
      kind: 'reserved',
      id: randomUUID(),
      at: new Date(this.#now()).toISOString(),
      caseId,
      seat,
      provider: backing.provider,
      host: backing.host,
      model: backing.model,
      nanoUsd: Math.ceil(estimateCostUsd(question) * NANO),
      certain: false,
    };
    if (charge.nanoUsd === 0) {
      this.#count(charge);
      return charge;
    }
    const refusal = this.#beyondRun(charge) ?? this.#promise(charge);
    if (refusal === undefined) {
      this.#run += charge.nanoUsd;
      return charge;
    }
    this.#keep({ ...charge, kind: 'refused', nanoUsd: 0, certain: true });
    throw new ProviderError('over-budget', refusal);
  }

  /** Writes it down, and says what stood against it by then. */
  #promise(charge: Charge): string | undefined {
    try {
      this.#catchUp(dayOf(charge));
      for (let attempt = 0; attempt < MAX_APPENDS; attempt++) {
        // On disk before it is sent: a crash from here on leaves the call counted at its worst.
        this.#journal.append(charge);
        let stands = false;
        let refusal: string | undefined;
        for (const news of this.#journal.news(dayOf(charge))) {
          if (news.id === charge.id) {
            stands = true;
            refusal = this.#excess(charge);
          }
          this.#count(news);
        }
        // Not found again, it has been glued to what another process broke off.
        if (stands) return refusal;
      }
      return 'what is spent cannot be kept, so nothing is';
    } catch (cause) {
      const why = reasonOf(cause);
      throw new ProviderError('over-budget', `what is spent cannot be kept, so nothing is: ${why}`, {
        cause,
      });
    }
  }

  #beyondRun({ nanoUsd }: Charge): string | undefined {
    const { runUsd } = this.#limits;
    if (runUsd === undefined || this.#run + nanoUsd <= Math.round(runUsd * NANO)) return undefined;
    return `this run may cost ${usd(runUsd * NANO)}; ${usd(this.#run)} is spent or promised, and this call may cost ${usd(nanoUsd)}`;
  }

  /** Why a charge cannot be, all that came before it considered. */
  #excess(charge: Charge): string | undefined {
    if (this.#charges.size >= MAX_CHARGES) return `more than ${MAX_CHARGES} calls in a week are not counted`;
    const { dayUsd, caseUsd, seatUsd } = this.#limits;
    const limits = [dayUsd, caseUsd, seatUsd?.(charge.seat)];
    const names = ['the day', 'the case', `seat ${charge.seat} in one case`];
    for (const [i, key] of keysOf(charge).entries()) {
      const limit = limits[i];
      const spent = this.#totals.get(key) ?? 0;
      if (limit === undefined || spent + charge.nanoUsd <= Math.round(limit * NANO)) continue;
      return `${names[i]} may cost ${usd(limit * NANO)}; ${usd(spent)} is spent or promised, and this call may cost ${usd(charge.nanoUsd)}`;
    }
    return undefined;
  }

  #settle(promised: Charge, { nanoUsd, certain }: Bill): void {
    const settled: Charge = { ...promised, kind: 'settled', nanoUsd, certain };
    this.#run += nanoUsd - promised.nanoUsd;
    // What costs nobody anything is not kept beyond this process.
    if (promised.nanoUsd === 0 && nanoUsd === 0) this.#count(settled);
    else this.#keep(settled);
  }

  #keep(charge: Charge): void {
    this.#count(charge);
    try {
      this.#journal.append(charge);
    } catch (error) {
      // The promise stands in the journal, so that a limit errs on the safe side.
      this.#say(`what a call cost could not be kept: ${reasonOf(error)}`);
    }
  }

  /** Once a day's journal is read, only what others add to it is news. */
  #catchUp(today: string): void {
    const days = this.#today === today ? [today] : this.#journal.days(today);
    for (const day of days) for (const charge of this.#journal.news(day)) this.#count(charge);
    this.#today = today;
  }

  /** What a call came to takes the place of what it might; a line read again changes nothing. */
  #count(charge: Charge): void {
    const known = this.#charges.get(charge.id);
    if (known !== undefined && known.kind !== 'reserved') return;
    if (known === undefined && charge.nanoUsd === 0 && this.#charges.size >= MAX_CHARGES) return;
    const change = charge.nanoUsd - (known?.nanoUsd ?? 0);
    this.#charges.set(charge.id, charge);
    for (const key of keysOf(charge)) this.#totals.set(key, (this.#totals.get(key) ?? 0) + change);
  }
}

interface Bill {
  readonly nanoUsd: number;
  readonly certain: boolean;
}

const NOTHING: Bill = { nanoUsd: 0, certain: true };

/** What makers send no bill for: a question that never came to a model. */
const UNBILLED: ReadonlySet<ProviderErrorCode> = new Set([
  'auth',
  'quota',
  'rate-limit',
  'rejected',
  'server',
  'over-budget',
  'too-long',
  'silent',
]);

function bill(usage: Answer['usage'], { backing }: Question, promised: Charge): Bill {
  if (usage === undefined) return { nanoUsd: promised.nanoUsd, certain: promised.nanoUsd === 0 };
  return { nanoUsd: Math.round(costUsd(usage, backing.price) * NANO), certain: true };
}

/** A model may have worked on what was given up, cut off or not understood; then it counts as if it had. */
function billOfFailure(error: unknown, question: Question, promised: Charge): Bill {
  if (!(error instanceof ProviderError)) return bill(undefined, question, promised);
  if (error.usage === undefined && UNBILLED.has(error.code)) return NOTHING;
  return bill(error.usage, question, promised);
}

function keysOf(charge: Charge): readonly [day: string, ofCase: string, ofSeat: string] {
  const { caseId, seat } = charge;
  return [`day ${dayOf(charge)}`, `case ${caseId}`, `seat ${seat} ${caseId}`];
}

function usd(nanoUsd: number): string {
  return `$${(nanoUsd / NANO).toFixed(4)}`;
}
