// The engine of a node with what it needs around it: the council it executes, the ledger, real signatures, and the
// state its store gives back (protocol 8.2).
import { Engine } from '../consensus/engine.ts';
import type { LeaderSchedule } from '../consensus/leaders.ts';
import type { PeerId } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import type { Quorum } from '../consensus/quorum.ts';
import { type Signature, type StatementSigner, statementBytes } from '../consensus/statements.ts';
import { Council } from '../council/council.ts';
import type { Founding } from '../council/genesis.ts';
import { statementVerifier } from '../council/misbehaviour.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import { LedgerApplication, type LedgerState } from '../ledger/executor.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import { SignatureClaims } from './signature-claims.ts';
import { inspectStore } from './store-inspection.ts';
import type { VerifiedSignatures } from './verified-signatures.ts';

export interface SeatedEngineOptions {
  readonly founding: Founding;
  readonly quorum: Quorum;
  readonly self: PeerId;
  readonly seats: readonly SeatId[];
  readonly pace: Pace;
}

export interface SeatedEngineDependencies {
  readonly store: CouncilStore;
  readonly ledger: Folder;
  readonly signatures: VerifiedSignatures;
  readonly leaders: LeaderSchedule;
  /** by a seat of this node, in base64 */
  readonly sign: (seat: SeatId, message: Uint8Array) => string;
}

export interface SeatedEngine {
  readonly engine: Engine<LedgerState>;
  readonly application: LedgerApplication;
  readonly claims: SignatureClaims;
}

/** Throws a `storage` error where the store holds less than it must. */
export function seatEngine(
  { founding, quorum, self, seats, pace }: SeatedEngineOptions,
  { store, ledger, signatures, leaders, sign }: SeatedEngineDependencies,
): SeatedEngine {
  const { councilId, charter } = founding;
  const verifier = statementVerifier(founding, { verifySignature: signatures.verify });
  const council = new Council(founding, { verifySignature: signatures.verify, statements: verifier });
  const application = new LedgerApplication(council);
  const durable = inspectStore({ councilId, quorum, seats, store, ledger, verifier });
  const signerOf = (seat: SeatId): StatementSigner => ({
    sign: (statement) => asSignature(sign(seat, statementBytes(councilId, statement))),
  });
  const { driftMs } = charter;
  const options = { self, epoch: FIRST_EPOCH, quorum, genesis: councilId, seats, pace, driftMs };
  const engine = signatures.whileVouched(
    () => new Engine(options, { application, verifier, signerOf, leaders, durable }),
  );
  return { engine, application, claims: new SignatureClaims(founding, council) };
}

function asSignature(base64: string): Signature {
  return base64 as Signature;
}
