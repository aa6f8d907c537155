// A host that is down is not asked again and again. After several failures in a row, whichever questions they
// belonged to, it is left alone for a while; then one question tries it, and the others follow when that one comes
// back. A host that is merely slow is not down: only what failed, or was given ample time and did not answer, counts.
import { invariant } from '../errors.ts';

/** In a row. A host that merely fails one time in three comes to it once in some thousands of calls. */
const FAILURES = 8;
const COOL_DOWN_MS = 15_000;

export interface CircuitOptions {
  readonly failures?: number;
  readonly coolDownMs?: number;
}

/** `unknown`: the call ended without telling anything about the host, as one that was withdrawn. */
export type Health = 'alive' | 'failed' | 'unknown';

/** The right to try. */
export interface Pass {
  /** Counts once, however often it is called. */
  end(health: Health): void;
}

type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number }
  | { readonly kind: 'half-open' };

export class Circuit {
  readonly #failures: number;
  readonly #coolDownMs: number;
  readonly #now: () => number;
  #state: State = { kind: 'closed' };
  #failedInARow = 0;
  #wake: () => void = () => {};
  #changed: Promise<void> = this.#nextChange();

  constructor(
    { failures = FAILURES, coolDownMs = COOL_DOWN_MS }: CircuitOptions,
    { now }: { readonly now: () => number },
  ) {
    invariant(failures >= 1 && coolDownMs >= 0, 'a circuit opens after at least one failure');
    this.#failures = failures;
    this.#coolDownMs = coolDownMs;
    this.#now = now;
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /** Until something can be tried: 0 is now; undefined, when somebody else is trying and will tell. */
  get waitMs(): number | undefined {
    if (this.#state.kind === 'half-open') return undefined;
    return this.#state.kind === 'closed' ? 0 : Math.max(0, this.#state.untilMs - this.#now());
  }

  /** Resolves when its state is another. */
  changed(): Promise<void> {
    return this.#changed;
  }

  /** Undefined when it is not the time to try. */
  enter(): Pass | undefined {
    if (this.waitMs !== 0) return undefined;
    const probes = this.#state.kind === 'open';
    if (probes) this.#become({ kind: 'half-open' });
    let ended = false;
    return {
      end: (health) => {
        if (ended) return;
        ended = true;
        this.#learn(health, probes);
      },
    };
  }

  #learn(health: Health, probed: boolean): void {
    switch (health) {
      case 'alive':
        // Whoever got an answer, also from before: the host is there.
        this.#failedInARow = 0;
        if (this.#state.kind !== 'closed') this.#become({ kind: 'closed' });
        return;
      case 'failed':
        this.#failedInARow++;
        // What was under way when it opened tells nothing new, nor does a probe that others have outrun.
        if (this.#state.kind === 'half-open' ? probed : this.#failedInARow >= this.#failures) this.#open();
        return;
      case 'unknown':
        // The next in line tries at once: nothing was learnt, and the time to wait is over.
        if (probed && this.#state.kind === 'half-open') {
          this.#become({ kind: 'open', untilMs: this.#now() });
        }
        return;
      default:
        return health satisfies never;
    }
  }

  #open(): void {
    if (this.#state.kind === 'open') return;
    this.#become({ kind: 'open', untilMs: this.#now() + this.#coolDownMs });
  }

  #become(state: State): void {
    this.#state = state;
    const wake = this.#wake;
    this.#changed = this.#nextChange();
    wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
