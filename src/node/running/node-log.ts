// What a node writes down for those who run it: one line for each thing that matters, none for what is normal a thousand
// times a minute, and never a secret. pino fits it, and so does a list in a test.
import type { Decision } from '../../council/records.ts';
import { reasonOf } from '../../errors.ts';
import type { ServerStats } from '../../transport/redis/redis-stats.ts';
import type { CouncilNode } from '../council-node.ts';
import type { NodeEvent } from '../node-events.ts';
import type { NodeStatus } from '../node-status.ts';

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** For a node that nobody watches: in a measurement, in a test. */
export const SILENT: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** What was refused is counted, and told at most this often: a flood of forgeries must not become a flood of lines. */
const TELL_REFUSED_MS = 30_000;

/** What is told of a case from its opening to its certificate. */
export function logEvent(log: Log, event: NodeEvent): void {
  switch (event.kind) {
    case 'opened':
      return log.info({ caseId: event.caseId, subject: event.document.subject }, 'case opened');
    case 'closed':
      return log.debug({ caseId: event.caseId, by: event.record.by }, 'ballots are sealed');
    case 'decided':
      return log.info({ caseId: event.caseId, ...told(event.decision) }, 'case decided');
    case 'certified':
      return log.info({ caseId: event.caseId }, 'case certified');
    case 'refused':
      return log.warn({ caseId: event.caseId }, 'case refused: another attempt came before it');
    case 'marked':
      return log.warn({ seat: event.record.seat }, 'seat marked for a fault');
    case 'admitted': {
      const { epoch, changed, vacated } = event.record;
      return log.info({ epoch, changed, vacated }, 'a new roster is in force');
    }
    case 'suspected': {
      const { seat, suspected } = event.record;
      return log.warn({ seat }, suspected ? 'seat suspected' : 'seat suspected no longer');
    }
    case 'stopped':
      return log.error({ reason: reasonOf(event.error) }, 'stopped for good');
    default:
      return undefined;
  }
}

function told({ outcome, basis, flags }: Decision): object {
  return { outcome, basis, ...(flags.length === 0 ? {} : { flags }) };
}

export interface Looked {
  readonly node: Pick<CouncilNode, 'status' | 'viewChanges'>;
  readonly servers?: () => readonly ServerStats[];
  readonly nowMs: () => number;
}

/** Looks at a node once a heartbeat and tells what changed. */
export class LogBook {
  readonly #log: Log;
  readonly #looked: Looked;
  readonly #connected = new Map<string, boolean>();
  #before: NodeStatus;
  #refusedBefore: Readonly<Record<string, number>> = {};
  #toldRefusedMs: number;
  #timeouts = 0;

  constructor(log: Log, looked: Looked) {
    this.#log = log;
    this.#looked = looked;
    this.#before = looked.node.status();
    this.#toldRefusedMs = looked.nowMs();
  }

  /** `others` are counters beside the engine's. */
  look(others: Readonly<Record<string, number>> = {}): void {
    const before = this.#before;
    const now = this.#looked.node.status();
    this.#before = now;
    const timeouts = this.#looked.node.viewChanges.timeout;
    if (timeouts > this.#timeouts) {
      const fields = {
        view: now.view,
        height: now.height,
        lost: timeouts - this.#timeouts,
        leader: now.leader,
      };
      this.#log.info({ ...fields, why: now.why }, 'views ran out');
    }
    this.#timeouts = timeouts;
    const [heard, heardBefore] = [now.heard.length, before.heard.length];
    if (heard !== heardBefore) {
      const fields = { heard, quorum: now.quorum, silent: now.silent };
      if (heard < now.quorum) this.#log.warn(fields, 'no quorum is heard');
      else this.#log.info(fields, heard < heardBefore ? 'seats fell silent' : 'seats are heard');
    }
    for (const { server, connected } of this.#looked.servers?.() ?? []) this.#tellServer(server, connected);
    this.#tellRefused({ ...now.refused, ...others, dropped: now.dropped });
  }

  #tellServer(server: string, connected: boolean): void {
    const before = this.#connected.get(server) ?? true;
    this.#connected.set(server, connected);
    if (before === connected) return;
    if (connected) this.#log.info({ server }, 'Redis is back');
    else this.#log.warn({ server }, 'Redis is lost; it is tried again');
  }

  #tellRefused(refused: Readonly<Record<string, number>>): void {
    const nowMs = this.#looked.nowMs();
    if (nowMs - this.#toldRefusedMs < TELL_REFUSED_MS) return;
    const grown = Object.entries(refused).flatMap(([reason, count]) => {
      const more = count - (this.#refusedBefore[reason] ?? 0);
      return more > 0 ? [[reason, more] as const] : [];
    });
    if (grown.length > 0) this.#log.warn({ refused: Object.fromEntries(grown) }, 'messages were refused');
    this.#refusedBefore = refused;
    this.#toldRefusedMs = nowMs;
  }
}

function ignore(): void {}
