// What a run will ask, before it asks: every case in every variant, so and so often, of every seat. Seats stand innermost, so that a
// council sits on one dossier at a time. The plan is what a price is named for, and what says how far a run came.
import type { Policy } from '../../council/charter.ts';
import { badInput } from '../../errors.ts';
import type { Provider } from '../../providers/contract.ts';
import { digestOfTexts } from '../../providers/question-key.ts';
import type { Agents } from '../../seats/agents.ts';
import { promptDigest } from '../../seats/prompt.ts';
import { promptedSeat, type Sitting } from '../../seats/question.ts';
import { modelDigest, type SeatFile } from '../../seats/seat-file.ts';
import { type Digest, digestOf } from '../../signing/digest.ts';
import type { EvalCase } from './eval-cases.ts';
import { AS_WRITTEN, type Variant } from './variants.ts';

/** Changes when the same question would get another key. */
const KEY_VERSION = 1;
const MAX_ASKINGS = 1_000_000;
const MAX_REPETITIONS = 100;

export interface CouncilQuestions {
  readonly agents: Pick<Agents, 'seats' | 'charter' | 'prompts'>;
  readonly cases: readonly EvalCase[];
  readonly variants?: readonly Variant[];
  readonly repetitions?: number;
  /** what is repeated; unless said, everything */
  readonly repeated?: 'all' | 'as-written';
}

/** One question to one seat. Numbers count from 0. */
export interface Asking {
  readonly item: number;
  readonly variant: number;
  readonly repetition: number;
  readonly seat: number;
  readonly sitting: Sitting;
  readonly content: Digest;
}

export class QuestionPlan {
  readonly agents: CouncilQuestions['agents'];
  readonly cases: readonly EvalCase[];
  readonly variants: readonly Variant[];
  readonly repetitions: number;
  /** by case, what its type is judged by */
  readonly policies: readonly Policy[];
  readonly askings: readonly Asking[];

  constructor({
    agents,
    cases,
    variants = [AS_WRITTEN],
    repetitions = 1,
    repeated = 'all',
  }: CouncilQuestions) {
    if (cases.length === 0) throw badInput('expected at least one case to ask about, found none');
    if (!Number.isInteger(repetitions) || repetitions < 1 || repetitions > MAX_REPETITIONS)
      throw badInput(`expected 1 to ${MAX_REPETITIONS} repetitions, found ${repetitions}`);
    if (new Set(variants.map(({ name }) => name)).size < variants.length)
      throw badInput('expected each variant once');
    const most = cases.length * variants.length * repetitions * agents.seats.length;
    if (most > MAX_ASKINGS)
      throw badInput(`expected at most ${MAX_ASKINGS} questions in a run, these are ${most}`);
    this.agents = agents;
    this.cases = cases;
    this.variants = variants;
    this.repetitions = repetitions;
    this.policies = cases.map((one) => policyFor(one, agents));
    this.askings = cases.flatMap((one, item) =>
      variants.flatMap((variant, number) => {
        const times = repeated === 'all' || variant.kind === 'as-written' ? repetitions : 1;
        return this.#askings(one, variant, { item, variant: number, times });
      }),
    );
  }

  /** The place of an asking among all that could be. */
  indexOf({ item, variant, repetition, seat }: Pick<Asking, 'item' | 'variant' | 'repetition' | 'seat'>) {
    const { variants, repetitions, agents } = this;
    return ((item * variants.length + variant) * repetitions + repetition) * agents.seats.length + seat;
  }

  #askings(
    { item: name, source }: EvalCase,
    variant: Variant,
    at: { readonly item: number; readonly variant: number; readonly times: number },
  ): readonly Asking[] {
    const policy = this.policies[at.item];
    const matter = policy && variant.ofCase({ source, policy });
    if (matter === undefined) return [];
    const content = digestOf({ source: matter.source, criteria: matter.policy.criteria });
    const seats = seatsIn(variant, this.agents.seats);
    return Array.from({ length: at.times }, (_, repetition) =>
      seats.flatMap((seat, number) => {
        if (seat === undefined) return [];
        // An account of its own for each sitting: a seat may spend in it what it may spend on a case.
        const caseId = `eval ${name} ${variant.name} ${repetition}`;
        const sitting = { caseId, seat, ...matter };
        return [{ item: at.item, variant: at.variant, repetition, seat: number, sitting, content }];
      }),
    ).flat();
  }

  keyOf(asking: Asking, answering: Pick<Provider, 'name' | 'provenance'>): Digest {
    const { sitting, content, variant, repetition, seat } = asking;
    const { source, policy } = sitting;
    const about = { caseType: source.type, criteria: policy.criteria };
    return digestOfTexts([
      KEY_VERSION,
      modelDigest(sitting.seat, answering),
      promptDigest(promptedSeat(sitting.seat), about, this.agents.prompts),
      content,
      this.variants[variant]?.name,
      repetition,
      this.agents.seats[seat]?.seat,
    ]);
  }
}

const changedSeats = new WeakMap<Variant, WeakMap<SeatFile, SeatFile>>();

/** The same object for the same seat, by which digests of models are remembered. */
function seatsIn(variant: Variant, seats: readonly SeatFile[]): readonly (SeatFile | undefined)[] {
  const known = changedSeats.get(variant) ?? new WeakMap<SeatFile, SeatFile>();
  changedSeats.set(variant, known);
  return seats.map((seat) => {
    const changed = known.get(seat) ?? variant.ofSeat(seat);
    if (changed !== undefined) known.set(seat, changed);
    return changed;
  });
}

function policyFor({ item, source }: EvalCase, { charter }: CouncilQuestions['agents']): Policy {
  const policy = charter.policies[source.type];
  if (policy !== undefined) return policy;
  const types = Object.keys(charter.policies).join(', ');
  throw badInput(`case ${item}: the council judges ${types}, found ${source.type}`);
}
