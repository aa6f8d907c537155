// One node that orders plain entries: the engine, its loop, real signatures, a store on disk that is synced before
// anything leaves. What the entries mean is left out (plain-entries.ts). Alone it hosts every seat; with others, some.
import { NOBODY } from '../../consensus/bench.ts';
import type { Entry } from '../../consensus/block.ts';
import { Engine } from '../../consensus/engine.ts';
import { RoundRobin } from '../../consensus/leaders.ts';
import type { PeerId } from '../../consensus/messages.ts';
import type { Pace } from '../../consensus/pacemaker.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import { asSignature, statementBytes } from '../../consensus/statements.ts';
import { statementVerifier } from '../../council/misbehaviour.ts';
import { FIRST_EPOCH, type Roster } from '../../council/roster.ts';
import { EngineLoop } from '../../node/engine-loop.ts';
import { PeerPost } from '../../node/peer-post.ts';
import { SignatureClaims } from '../../node/signing/signature-claims.ts';
import { SigningThreads } from '../../node/signing/signing-threads.ts';
import { VerifiedSignatures } from '../../node/signing/verified-signatures.ts';
import { toBase64 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { asSeatId, type SeatId } from '../../signing/seat-id.ts';
import { CouncilStore } from '../../storage/council-store.ts';
import { LmdbStore } from '../../storage/lmdb-store.ts';
import type { Transport } from '../../transport/transport.ts';
import { PlainEntries, type PlainState } from './plain-entries.ts';

/** One council of a bench: secrets of all seats, and public keys of all authors of entries. */
export interface OrderingCouncil {
  readonly secrets: readonly Uint8Array[];
  readonly authors: readonly Uint8Array[];
}

export interface OrderingNodeOptions {
  readonly council: OrderingCouncil;
  readonly self: PeerId;
  /** the seats this node hosts */
  readonly seats: readonly SeatId[];
  readonly pace: Pace;
  readonly folder: string;
}

export interface OrderingNodeDependencies {
  readonly transport?: Transport;
  /** entries on the ledger after a commit */
  readonly onCommitted: (entries: number) => void;
  readonly onFailed: (error: unknown) => void;
}

export const ORDERING_COUNCIL_ID = digestOf({ bench: 'ordering' });

export class OrderingNode {
  readonly #loop: EngineLoop<PlainState>;
  readonly #engine: Engine<PlainState>;
  readonly #store: CouncilStore;
  readonly #threads = new SigningThreads();
  readonly #signatures: VerifiedSignatures;
  #blocks = 0;

  constructor(options: OrderingNodeOptions, dependencies: OrderingNodeDependencies) {
    const { council, self, seats, pace, folder } = options;
    const { transport, onCommitted, onFailed } = dependencies;
    const founding = { councilId: ORDERING_COUNCIL_ID, roster: rosterOf(council) };
    const quorum = quorumOf(council.secrets.length);
    this.#signatures = new VerifiedSignatures({
      ed25519: fastestEd25519,
      verifyMany: this.#threads.verifyMany,
    });
    const { verify: verifySignature } = this.#signatures;
    const rosters = new Map([[FIRST_EPOCH, founding.roster]]);
    const application = new PlainEntries(council.authors, verifySignature);
    const claims = new SignatureClaims(
      { councilId: founding.councilId, rosters: () => rosters, isMoot: (vote) => this.#engine.isMoot(vote) },
      application,
    );
    this.#store = new CouncilStore(LmdbStore.open(folder));
    this.#engine = new Engine(
      { self, quorum, genesis: founding.councilId, pace, driftMs: 2_000 },
      {
        application,
        benchOf: () => ({
          seats,
          vacant: NOBODY,
          leaders: new RoundRobin(quorum),
          verifier: statementVerifier(founding, { verifySignature }),
          signerOf: (seat) => {
            const secret = council.secrets[seat - 1] ?? new Uint8Array();
            return {
              sign: (statement) =>
                asSignature(
                  toBase64(fastestEd25519.sign(secret, statementBytes(founding.councilId, statement))),
                ),
            };
          },
        }),
        durable: this.#store.durable(founding.councilId),
      },
    );
    this.#loop = new EngineLoop(self, {
      engine: this.#engine,
      store: this.#store,
      nowMs: Date.now,
      send: (to, message) => post.order(to, message),
      checkAhead: (inputs) => this.#signatures.checkAhead(claims.of(inputs)),
      onCommitting: () => undefined,
      onCommitted: (committed) => {
        this.#blocks += committed.length;
        onCommitted(this.#engine.state.log.size);
      },
      onEvidence: () => onFailed(new Error('a seat of the bench contradicted itself')),
      onStopped: onFailed,
    });
    const post = new PeerPost({
      transport,
      nowMs: Date.now,
      onOrdering: (from, message) => this.#loop.push({ kind: 'message', from, message }),
      onEndorsements: () => undefined,
      onFailed,
    });
    post.open();
    this.#loop.start();
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** After the last committed block. */
  get state(): PlainState {
    return this.#engine.state;
  }

  /** Signatures that were really checked, each once. */
  get checked(): number {
    return this.#signatures.checked;
  }

  push(entries: readonly Entry[]): void {
    this.#loop.push({ kind: 'entries', entries });
  }

  async close(): Promise<void> {
    await this.#loop.stop();
    await this.#store.close();
    await this.#threads.close();
  }
}

/** Only the keys matter here. */
function rosterOf({ secrets }: OrderingCouncil): Roster {
  const seats = secrets.map((secret, i) => ({
    seat: asSeatId(i + 1),
    name: `Seat ${i + 1}`,
    node: 'bench',
    developer: 'bench',
    family: 'bench',
    host: 'bench',
    model: ORDERING_COUNCIL_ID,
    ed25519: toBase64(fastestEd25519.publicKeyOf(secret)),
    bls: '',
    possession: '',
  }));
  return { epoch: FIRST_EPOCH, trial: true, seats };
}
