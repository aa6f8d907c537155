// When a view has lasted too long. Timers double on a timeout up to a cap and come down one step for each
// commit; with nothing pending no timer runs at all (protocol 3.7, 3.9).
import type { TimerName } from './effects.ts';
import type { Outbox } from './outbox.ts';

export interface Pace {
  /** how long a view may last while nothing has gone wrong */
  readonly viewMs: number;
  /** must exceed the real delay of the network */
  readonly maxViewMs: number;
  readonly resendMs: number;
  readonly heartbeatMs: number;
}

export const DEFAULT_PACE: Pace = { viewMs: 1_000, maxViewMs: 60_000, resendMs: 400, heartbeatMs: 4_000 };

export class Pacemaker {
  readonly #pace: Pace;
  readonly #outbox: Outbox;
  readonly #running = new Set<TimerName>();
  #doublings = 0;

  constructor(pace: Pace, outbox: Outbox) {
    this.#pace = pace;
    this.#outbox = outbox;
  }

  get viewMs(): number {
    return Math.min(this.#pace.viewMs * 2 ** this.#doublings, this.#pace.maxViewMs);
  }

  /** Slower with the view, since repeating is what a council that is too slow can bear least, yet never rarer than a heartbeat. */
  get #resendMs(): number {
    return Math.min(this.#pace.resendMs * 2 ** this.#doublings, this.#pace.heartbeatMs);
  }

  /** Runs the view and resend timers while something is pending, and only then. */
  keep(pending: boolean): void {
    if (pending) {
      if (!this.#running.has('view')) this.#set('view', this.viewMs);
      if (!this.#running.has('resend')) this.#set('resend', this.#resendMs);
      return;
    }
    for (const timer of ['view', 'resend'] as const) {
      if (this.#running.delete(timer)) this.#outbox.cancelTimer(timer);
    }
  }

  heartbeat(): void {
    this.#set('heartbeat', this.#pace.heartbeatMs);
  }

  wakeIn(delayMs: number): void {
    this.#set('later', Math.max(1, delayMs));
  }

  /** The shell says that a timer ran out. */
  ranOut(timer: TimerName): void {
    this.#running.delete(timer);
  }

  /** A new view has a timer of its own; and who gets on has nothing to say again yet. */
  entered(): void {
    for (const timer of ['view', 'resend'] as const) this.#running.delete(timer);
  }

  timedOut(): void {
    if (this.viewMs < this.#pace.maxViewMs) this.#doublings++;
  }

  committed(): void {
    if (this.#doublings > 0) this.#doublings--;
  }

  #set(timer: TimerName, delayMs: number): void {
    this.#running.add(timer);
    this.#outbox.setTimer(timer, delayMs);
  }
}
