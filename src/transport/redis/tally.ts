// The counting of one server, and who is told of its troubles: each kind at most once in a while, so that a server that
// is down for a day does not fill a log.

import { reasonOf } from '../../errors.ts';
import { addressOf } from './redis-servers.ts';
import type { DropReason, RedisTrouble, ServerStats, TroubleKind } from './redis-stats.ts';
import { troubleOf } from './redis-trouble.ts';

const QUIET_MS = 10_000;
const MAX_WORDS = 200;

type Counter = 'published' | 'delivered' | 'duplicate' | 'bytesOut' | 'bytesIn' | 'commands';

export class Tally {
  readonly server: string;
  readonly #tell: ((trouble: RedisTrouble) => void) | undefined;
  readonly #toldAtMs = new Map<TroubleKind, number>();
  readonly #counts = { published: 0, delivered: 0, duplicate: 0, bytesOut: 0, bytesIn: 0, commands: 0 };
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  readonly #troubles: Partial<Record<TroubleKind, number>> = {};
  lagMs = 0;

  constructor(url: string, tell: ((trouble: RedisTrouble) => void) | undefined) {
    this.server = addressOf(url);
    this.#tell = tell;
  }

  count(what: Counter, by = 1): void {
    this.#counts[what] += by;
  }

  drop(reason: DropReason, messages = 1): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + messages;
  }

  trouble(kind: TroubleKind, message: string): void {
    this.#troubles[kind] = (this.#troubles[kind] ?? 0) + 1;
    const nowMs = performance.now();
    if (nowMs - (this.#toldAtMs.get(kind) ?? -QUIET_MS) < QUIET_MS) return;
    this.#toldAtMs.set(kind, nowMs);
    // Servers write these words, and people read them: one line, no control characters, not long.
    const words = message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, MAX_WORDS);
    this.#tell?.({ server: this.server, kind, message: words });
  }

  /** Counts an error that a command or a connection ended in, and says what it was. */
  error(error: unknown): TroubleKind {
    const message = reasonOf(error);
    const kind = troubleOf(message);
    this.trouble(kind, message);
    return kind;
  }

  stats(now: Pick<ServerStats, 'connected' | 'queuedOut' | 'queuedIn'>): ServerStats {
    return {
      server: this.server,
      ...now,
      ...this.#counts,
      dropped: { ...this.#dropped },
      troubles: { ...this.#troubles },
      lagMs: this.lagMs,
    };
  }
}
