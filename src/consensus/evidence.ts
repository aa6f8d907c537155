// Self-proving evidence: signed messages of one seat that contradict each other, so that a third party needs
// no witness (protocol 5.1). A vote in v beside a timeout for v is NOT a contradiction: voting and then timing
// out is normal, and signatures carry no order.
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Header, View } from './block.ts';
import type { Timeout, Vote } from './messages.ts';
import type { Signature, StatementVerifier } from './statements.ts';

export type SignedVote = Omit<Vote, 'kind'>;
export type SignedTimeout = Omit<Timeout, 'kind' | 'prepare'>;
export interface SignedProposal {
  readonly seat: SeatId;
  readonly epoch: Epoch;
  readonly view: View;
  readonly block: Digest;
  readonly signature: Signature;
}

export type Evidence =
  | { readonly kind: 'two-proposals'; readonly first: SignedProposal; readonly second: SignedProposal }
  | { readonly kind: 'two-votes'; readonly first: SignedVote; readonly second: SignedVote }
  | { readonly kind: 'two-timeouts'; readonly first: SignedTimeout; readonly second: SignedTimeout }
  /** it reports a prepare view below the one it must have been locked on when it cast vote 2 */
  | { readonly kind: 'timeout-below-vote-2'; readonly timeout: SignedTimeout; readonly vote: SignedVote }
  /** it reports a prepare view below the justification of a block it cast vote 1 for */
  | {
      readonly kind: 'timeout-below-vote-1';
      readonly timeout: SignedTimeout;
      readonly vote: SignedVote;
      readonly header: Header;
      readonly parent: Header;
    };

export function signedVote({ kind: _, ...vote }: Vote): SignedVote {
  return vote;
}

export function signedTimeout({ kind: _, prepare: __, ...timeout }: Timeout): SignedTimeout {
  return timeout;
}

/** In which it was done: contradictions are of one epoch. */
export function epochOfEvidence(evidence: Evidence): Epoch {
  return 'first' in evidence ? evidence.first.epoch : evidence.timeout.epoch;
}

/** The seat that a piece of evidence convicts, or undefined when it proves nothing. */
export function convicts(evidence: Evidence, verifier: StatementVerifier): SeatId | undefined {
  switch (evidence.kind) {
    case 'two-proposals': {
      const { first, second } = evidence;
      if (!together(first, second) || first.view !== second.view || first.block === second.block)
        return undefined;
      return genuineProposal(first, verifier) && genuineProposal(second, verifier) ? first.seat : undefined;
    }
    case 'two-votes': {
      const { first, second } = evidence;
      if (!together(first, second) || first.view !== second.view || first.phase !== second.phase)
        return undefined;
      if (first.block === second.block && first.height === second.height) return undefined;
      return genuineVote(first, verifier) && genuineVote(second, verifier) ? first.seat : undefined;
    }
    case 'two-timeouts': {
      const { first, second } = evidence;
      if (!together(first, second) || first.view !== second.view) return undefined;
      if (first.prepareView === second.prepareView) return undefined;
      return genuineTimeout(first, verifier) && genuineTimeout(second, verifier) ? first.seat : undefined;
    }
    case 'timeout-below-vote-2': {
      const { timeout, vote } = evidence;
      if (!together(timeout, vote) || vote.phase !== 2) return undefined;
      if (vote.view > timeout.view || timeout.prepareView >= vote.view) return undefined;
      return genuineTimeout(timeout, verifier) && genuineVote(vote, verifier) ? vote.seat : undefined;
    }
    case 'timeout-below-vote-1': {
      const { timeout, vote, header, parent } = evidence;
      if (!together(timeout, vote) || vote.phase !== 1 || vote.view > timeout.view) return undefined;
      // the justification of a block is the certificate of its parent, so its view is the parent's
      if (verifier.digestOfHeader(header) !== vote.block) return undefined;
      if (verifier.digestOfHeader(parent) !== header.parent) return undefined;
      if (timeout.prepareView >= parent.view) return undefined;
      return genuineTimeout(timeout, verifier) && genuineVote(vote, verifier) ? vote.seat : undefined;
    }
    default:
      return evidence satisfies never;
  }
}

function together(a: { seat: SeatId; epoch: Epoch }, b: { seat: SeatId; epoch: Epoch }): boolean {
  return a.seat === b.seat && a.epoch === b.epoch;
}

function genuineProposal(
  { seat, epoch, view, block, signature }: SignedProposal,
  v: StatementVerifier,
): boolean {
  return v.verify(seat, { kind: 'proposal', epoch, view, block }, signature);
}

function genuineVote(
  { seat, phase, epoch, view, height, block, signature }: SignedVote,
  v: StatementVerifier,
) {
  const kind = phase === 1 ? 'vote-1' : 'vote-2';
  return v.verify(seat, { kind, epoch, view, height, block }, signature);
}

function genuineTimeout({ seat, epoch, view, prepareView, signature }: SignedTimeout, v: StatementVerifier) {
  return v.verify(seat, { kind: 'timeout', epoch, view, prepareView }, signature);
}
