// The entries a seat sends in judging, made and sealed in one place for honest seats and liars alike.
import type { Entry } from '../../consensus/block.ts';
import { abstention, type Ballot, ballotFrom } from '../../council/ballot.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../../council/case.ts';
import { receiptMessage, sealEntry } from '../../council/entry.ts';
import type { Founding } from '../../council/genesis.ts';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { commitmentOf } from '../../signing/commitment.ts';
import { type Digest, digestOf } from '../../signing/digest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Random } from '../random.ts';
import { type EntryKeys, POLICY, SUBMITTER } from './founding.ts';

/** What a seat made up its mind to, with the salt that seals it. */
export interface SealedBallot {
  readonly ballot: Ballot;
  readonly salt: string;
}

export type Vote = 'approve' | 'reject' | 'abstain';

const SOURCE = {
  rationale: digestOf('rationale'),
  model: digestOf('model'),
  prompt: digestOf('prompt'),
  provenance: 'live',
} as const;

export function ballotOfVote(vote: Vote): Ballot {
  if (vote === 'abstain') return abstention('timeout', SOURCE);
  const oversight = vote === 'approve' ? 'met' : 'insufficient';
  return ballotFrom({ safety: 'met', oversight, clarity: 'not-met' }, POLICY, { ...SOURCE, confidence: 80 });
}

export class BallotBox {
  readonly #founding: Founding;
  readonly #signatures: EntryKeys;

  constructor(founding: Founding, signatures: EntryKeys) {
    this.#founding = founding;
    this.#signatures = signatures;
  }

  seal(vote: Vote, random: Random): SealedBallot {
    const salt = Array.from({ length: 8 }, () => random.bits().toString(16).padStart(8, '0')).join('');
    return { ballot: this.ballotOf(vote), salt };
  }

  /** By the simulated policy; who has another says how its ballots look. */
  ballotOf(vote: Vote): Ballot {
    return ballotOfVote(vote);
  }

  commitmentOf(caseId: CaseId, seat: SeatId, { ballot, salt }: SealedBallot): Digest {
    const { councilId } = this.#founding;
    return commitmentOf({ councilId, epoch: FIRST_EPOCH, caseId, seat, salt, ballot });
  }

  commit(caseId: CaseId, seat: SeatId, sealed: SealedBallot): Entry {
    return this.commitTo(caseId, seat, this.commitmentOf(caseId, seat, sealed));
  }

  /** `signer`: whose key it is signed with, when it is not the seat's own. */
  commitTo(caseId: CaseId, seat: SeatId, commitment: Digest, signer = seat): Entry {
    const fields = {
      kind: 'ballot.committed',
      by: `seat/${seat}`,
      epoch: FIRST_EPOCH,
      caseId,
      seat,
    } as const;
    return sealEntry({ ...fields, commitment }, this.#founding.councilId, this.#signatures.signerOf(signer));
  }

  reveal(caseId: CaseId, seat: SeatId, { ballot, salt }: SealedBallot): Entry {
    const fields = { kind: 'ballot.revealed', by: `seat/${seat}`, epoch: FIRST_EPOCH, caseId, seat } as const;
    return sealEntry({ ...fields, ballot, salt }, this.#founding.councilId, this.#signatures.signerOf(seat));
  }

  evidence(seat: SeatId, evidence: unknown): Entry {
    const fields = { kind: 'evidence.found', by: `seat/${seat}`, epoch: FIRST_EPOCH, evidence } as const;
    return sealEntry(fields, this.#founding.councilId, this.#signatures.signerOf(seat));
  }

  open(document: CaseDocument, holders: readonly SeatId[]): Entry {
    const { councilId } = this.#founding;
    const message = receiptMessage(caseIdOf(document), { councilId, epoch: FIRST_EPOCH });
    const receipts = holders.map((seat) => ({ seat, sig: this.#signatures.signerOf(seat)(message) }));
    const fields = { kind: 'case.opened', by: `submitter/${SUBMITTER}`, epoch: FIRST_EPOCH } as const;
    return sealEntry({ ...fields, case: document, receipts }, councilId, this.#signatures.submitter());
  }
}
