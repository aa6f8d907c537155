// The engine of a node with what it needs around it: the council it executes, the ledger, real signatures, and the
// state its store gives back (protocol 8.2).
import type { Bench } from '../consensus/bench.ts';
import { Engine } from '../consensus/engine.ts';
import { RoundRobin } from '../consensus/leaders.ts';
import type { PeerId, Vote } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import type { Quorum } from '../consensus/quorum.ts';
import { replay } from '../consensus/recovery.ts';
import { asSignature, statementBytes } from '../consensus/statements.ts';
import { Council } from '../council/council.ts';
import type { Founding } from '../council/genesis.ts';
import { statementVerifierOf } from '../council/misbehaviour.ts';
import { rosterInForce } from '../council/state.ts';
import { LedgerApplication, type LedgerState } from '../ledger/executor.ts';
import type { Bls } from '../signing/bls.ts';
import type { CouncilStore } from '../storage/council-store.ts';
import type { Folder } from '../storage/folder.ts';
import { type OwnSeats, vacantIn } from './own-seats.ts';
import { SignatureClaims } from './signing/signature-claims.ts';
import type { VerifiedSignatures } from './signing/verified-signatures.ts';
import { inspectStore, requireBegun } from './store-inspection.ts';

export interface SeatedEngineOptions {
  readonly founding: Founding;
  readonly quorum: Quorum;
  readonly self: PeerId;
  readonly pace: Pace;
}

export interface SeatedEngineDependencies {
  readonly store: CouncilStore;
  readonly ledger: Folder;
  readonly signatures: VerifiedSignatures;
  readonly own: OwnSeats;
  /** checks that who brings a BLS key to a roster holds it */
  readonly bls: Pick<Bls, 'verifyPossession'>;
}

export interface SeatedEngine {
  readonly engine: Engine<LedgerState>;
  readonly application: LedgerApplication;
  readonly claims: SignatureClaims;
}

/** Throws a `storage` error where the store holds less than it must. */
export function seatEngine(
  { founding, quorum, self, pace }: SeatedEngineOptions,
  { store, ledger, signatures, own, bls }: SeatedEngineDependencies,
): SeatedEngine {
  const { councilId, charter } = founding;
  const verifySignature = signatures.verify;
  const council = new Council(founding, { verifySignature, verifyPossession: bls.verifyPossession });
  const application = new LedgerApplication(council);
  const benchOf = ({ council: { rosters, ...state } }: LedgerState): Bench => {
    const roster = rosterInForce({ ...state, rosters });
    const vacant = vacantIn(roster);
    return {
      seats: [...own.in(roster).keys()],
      vacant,
      leaders: new RoundRobin(quorum, vacant),
      verifier: statementVerifierOf({ councilId, rosters }, { verifySignature }),
      signerOf: (seat) => ({
        sign: (statement) => asSignature(own.sign(roster, seat, statementBytes(councilId, statement))),
      }),
    };
  };
  requireBegun(councilId, store);
  const durable = store.durable(councilId);
  const engine = signatures.whileVouched(() => {
    const replayed = replay(councilId, { application, benchOf, durable });
    const { rosters } = replayed.tree.tip.state.council;
    const verifier = statementVerifierOf({ councilId, rosters }, { verifySignature });
    inspectStore({ councilId, quorum, rosters, own, store, ledger, verifier }, durable);
    const { driftMs } = charter;
    const options = { self, quorum, genesis: councilId, pace, driftMs };
    return new Engine(options, { application, benchOf, durable, replayed });
  });
  const rosters = () => engine.state.council.rosters;
  const isMoot = (vote: Vote): boolean => engine.isMoot(vote);
  return { engine, application, claims: new SignatureClaims({ councilId, rosters, isMoot }, council) };
}
