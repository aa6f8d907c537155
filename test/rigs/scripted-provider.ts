// A provider that does what a test says, call by call, and remembers what it was asked: what the layers of
// retrying, paying and recording are put around.
import {
  type Answer,
  type Provider,
  ProviderError,
  type ProviderErrorCode,
  type Question,
} from '../../src/providers/contract.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface Step {
  /** how long it takes; for ever, unless withdrawn, when it is Infinity */
  readonly tookMs?: number;
  readonly answer?: Partial<Answer>;
  readonly error?: ProviderError | ProviderErrorCode;
}

export interface Call {
  readonly question: Question;
  readonly atMs: number;
}

export class ScriptedProvider implements Provider {
  readonly name = 'scripted';
  readonly provenance = 'live';
  readonly calls: Call[] = [];
  running = 0;
  mostRunning = 0;
  readonly #clock: VirtualClock;
  readonly #step: (question: Question, call: number) => Step;

  constructor(step: readonly Step[] | ((question: Question, call: number) => Step), clock: VirtualClock) {
    this.#clock = clock;
    this.#step = typeof step === 'function' ? step : (_, call) => step[call - 1] ?? {};
  }

  async ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    this.calls.push({ question, atMs: this.#clock.now() });
    const { tookMs = 0, answer, error } = this.#step(question, this.calls.length);
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      if (tookMs > 0) await this.#clock.sleep(tookMs, signal);
    } catch {
      throw new ProviderError('cancelled', 'the adapter says that it was withdrawn');
    } finally {
      this.running--;
    }
    if (error !== undefined)
      throw typeof error === 'string' ? new ProviderError(error, `it was ${error}`) : error;
    return {
      text: `answer ${this.calls.length}`,
      model: question.backing.model,
      provenance: 'live',
      ...answer,
    };
  }
}
