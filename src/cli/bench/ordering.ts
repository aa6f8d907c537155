// How many entries a second 33 seats in one process order: the engine, its loop, real signatures, a store on disk
// that is synced before anything leaves. What the entries mean is left out (plain-entries.ts).
import { randomBytes } from 'node:crypto';
import { Engine } from '../../consensus/engine.ts';
import { RoundRobin } from '../../consensus/leaders.ts';
import { quorumOf } from '../../consensus/quorum.ts';
import { type Signature, statementBytes } from '../../consensus/statements.ts';
import { statementVerifier } from '../../council/misbehaviour.ts';
import { FIRST_EPOCH, type Roster } from '../../council/roster.ts';
import { EMBEDDED_PACE } from '../../node/embedded.ts';
import { EngineLoop } from '../../node/engine-loop.ts';
import { SignatureClaims } from '../../node/signature-claims.ts';
import { SigningThreads } from '../../node/signing-threads.ts';
import { VerifiedSignatures } from '../../node/verified-signatures.ts';
import { toBase64 } from '../../signing/bytes.ts';
import { digestOf } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { allSeats, type SeatId } from '../../signing/seat-id.ts';
import { CouncilStore } from '../../storage/council-store.ts';
import { LmdbStore } from '../../storage/lmdb-store.ts';
import { asPeerId } from '../../transport/transport.ts';
import { ENTRY_BYTES, PlainEntries, type PlainState } from './plain-entries.ts';

const SEATS = 33;
const SELF = asPeerId('bench');

export interface Ordered {
  readonly entries: number;
  readonly blocks: number;
  readonly tookMs: number;
  /** signatures that were really checked, each once */
  readonly checked: number;
}

/** Orders `count` entries of 200 bytes, handed over at once, and takes the time until the last is committed. */
export async function orderEntries(count: number, folder: string): Promise<Ordered> {
  const secrets = new Map<SeatId, Uint8Array>(allSeats(SEATS).map((seat) => [seat, randomBytes(32)]));
  const founding = { councilId: digestOf({ bench: 'ordering' }), roster: rosterOf(secrets) };
  const threads = new SigningThreads();
  const signatures = new VerifiedSignatures({ ed25519: fastestEd25519, verifyMany: threads.verifyMany });
  const application = new PlainEntries(signatures.verify);
  const store = new CouncilStore(LmdbStore.open(folder));
  const claims = new SignatureClaims(founding, application);
  const quorum = quorumOf(SEATS);
  const engine: Engine<PlainState> = new Engine(
    {
      self: SELF,
      epoch: FIRST_EPOCH,
      quorum,
      genesis: founding.councilId,
      seats: allSeats(SEATS),
      pace: EMBEDDED_PACE,
      driftMs: 2_000,
    },
    {
      application,
      verifier: statementVerifier(founding, { verifySignature: signatures.verify }),
      signerOf: (seat) => ({
        sign: (statement) =>
          asSignature(
            fastestEd25519.sign(
              secrets.get(seat) ?? new Uint8Array(),
              statementBytes(founding.councilId, statement),
            ),
          ),
      }),
      leaders: new RoundRobin(quorum),
      durable: store.durable(founding.councilId),
    },
  );
  const entries = Array.from({ length: count }, (_, number) => application.make(number));
  let blocks = 0;
  let finish: (error?: unknown) => void = () => undefined;
  const finished = new Promise<void>((done, failed) => {
    finish = (error) => (error === undefined ? done() : failed(error));
  });
  const loop = new EngineLoop(SELF, {
    engine,
    store,
    nowMs: Date.now,
    send: () => undefined,
    checkAhead: (inputs) => signatures.checkAhead(claims.of(inputs)),
    onCommitting: () => undefined,
    onCommitted: (committed) => {
      blocks += committed.length;
      if (engine.state.log.size === count) finish();
    },
    onEvidence: () => finish(new Error('a seat of the bench contradicted itself')),
    onStopped: finish,
  });
  loop.start();
  const started = performance.now();
  loop.push({ kind: 'entries', entries });
  await finished;
  const tookMs = performance.now() - started;
  await loop.stop();
  await store.close();
  await threads.close();
  return { entries: count, blocks, tookMs, checked: signatures.checked };
}

export const ORDERING_WORKLOAD = `33 seats in one process, entries of ${ENTRY_BYTES} bytes signed one by one, every entry and vote verified, synced before every send`;

/** Only the keys matter here. */
function rosterOf(secrets: ReadonlyMap<SeatId, Uint8Array>): Roster {
  const nothing = digestOf('bench');
  const seats = [...secrets].map(([seat, secret]) => ({
    seat,
    name: `Seat ${seat}`,
    node: SELF,
    developer: 'bench',
    family: 'bench',
    host: 'bench',
    model: nothing,
    ed25519: toBase64(fastestEd25519.publicKeyOf(secret)),
    bls: '',
    possession: '',
  }));
  return { epoch: FIRST_EPOCH, trial: true, seats };
}

function asSignature(bytes: Uint8Array): Signature {
  return toBase64(bytes) as Signature;
}
