// What becomes of a question while it is under way, told to whoever shows progress or counts. Small facts only: no
// prompt, no evidence, no answer, no key ever stands in one, so that they may be logged as they are.
import type { SeatId } from '../signing/seat-id.ts';
import type { Backing, ProviderErrorCode, Question, Usage } from './contract.ts';

/** Which model, without what it costs and takes. */
export type BackingName = Pick<Backing, 'provider' | 'host' | 'model'>;

/** Who is asked, and whom. */
interface Whom {
  readonly seat: SeatId;
  readonly backing: BackingName;
}

export type AskEvent = Whom &
  (
    | { readonly kind: 'waiting'; readonly for: 'a place' | 'the host to come back' }
    /** `attempt` counts from 1 for each model that is asked */
    | { readonly kind: 'asked'; readonly attempt: number }
    | {
        readonly kind: 'retrying';
        readonly why: ProviderErrorCode;
        readonly waitMs: number;
        /** the one to come */
        readonly attempt: number;
      }
    | { readonly kind: 'fell-back'; readonly why: ProviderErrorCode; readonly to: BackingName }
    | (Ended & {
        readonly kind: 'answered';
        readonly usage?: Usage;
        /** what says that it answered */
        readonly servedBy: string;
        readonly requestId?: string;
        readonly fromCache: boolean;
      })
    | (Ended & { readonly kind: 'failed'; readonly code: ProviderErrorCode; readonly message: string })
  );

interface Ended {
  /** of all models that were asked */
  readonly attempts: number;
  readonly tookMs: number;
  /** with failed attempts, as far as makers said what they billed */
  readonly costUsd: number;
}

export type AskObserver = (event: AskEvent) => void;

const MAX_MESSAGE_CHARS = 300;

export function whom({ seat, backing: { provider, host, model } }: Question): Whom {
  return { seat, backing: { provider, host, model } };
}

/** A message as an event and another error carry it: one line of bounded length. */
export function brief(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length <= MAX_MESSAGE_CHARS ? line : `${line.slice(0, MAX_MESSAGE_CHARS)}…`;
}
