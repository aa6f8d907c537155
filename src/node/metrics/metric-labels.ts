// What may stand in a label. Label values come from these lists, from seat numbers and from the roster, and from nowhere
// else: what a model, a peer or Redis says makes neither new series nor new text (protocol 3.10).
import { PROVIDER_ERROR_CODES } from '../../providers/contract.ts';
import type { SeatId } from '../../signing/seat-id.ts';

export const OTHER = 'other';

/** Nodes whose heights and silence are shown. */
export const MAX_NODES_SHOWN = 100;
/** Redis servers whose counters are shown. */
export const MAX_SERVERS_SHOWN = 8;

/** Why seats abstain: what their judge and the providers say (seats/judge.ts, providers/contract.ts). */
export const ABSTENTION_REASONS = [...PROVIDER_ERROR_CODES, 'undecided', 'unexpected'] as const;

/** Why the engine refuses a message (consensus/ordering.ts), and before it whoever reads them (peer-post.ts). */
export const REFUSAL_REASONS = [
  'proposal of another seat',
  'forged proposal',
  'proposal with a bad certificate',
  'malformed block',
  'proposal by no leader',
  'too many proposals of a seat in a view',
  'block that does not execute',
  'forged vote',
  'timeout with a bad certificate',
  'timeout that lies about its certificate',
  'forged timeout',
  'status with a bad certificate',
  'blocks with a bad certificate',
  'forged endorsement',
  'malformed ordering',
  'malformed endorsements',
  'malformed message',
] as const;

/** The value where it is on the list, and `other` where it is not. */
export function named(names: readonly string[], value: string | null): string {
  return value !== null && names.includes(value) ? value : OTHER;
}

/** Seats as labels sort as people read them. */
export function seatLabel(seat: SeatId): string {
  return `${seat}`;
}
