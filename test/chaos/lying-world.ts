// The simulator's world with a real network in place of its own: the adversary speaks and hears over a transport, by the
// real clock, with keys of a real council. What it knows how to do to simulated nodes it now does to processes.
import type { Header } from '../../src/consensus/block.ts';
import { digestOfHeader, payloadRoot } from '../../src/consensus/digests.ts';
import type { Message, PeerId } from '../../src/consensus/messages.ts';
import { type Signature, type StatementVerifier, statementBytes } from '../../src/consensus/statements.ts';
import type { Council } from '../../src/council/council.ts';
import type { Founding } from '../../src/council/genesis.ts';
import { LedgerApplication, type LedgerState } from '../../src/ledger/executor.ts';
import { encodeOrdering } from '../../src/node/peer-message.ts';
import { toBase64 } from '../../src/signing/bytes.ts';
import { type Digest, digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import type { WorldSignatures } from '../../src/simulation/signature-table.ts';
import { World } from '../../src/simulation/world.ts';
import { asPeerId, type Transport } from '../../src/transport/transport.ts';

/** The simulator's milliseconds are short: there a view lasts 40, here 1,500. */
const SLOWER = 20;

/** Signs with every key it was given, and keeps every header it ever named. */
export class HeldSignatures implements WorldSignatures {
  readonly #councilId: Digest;
  readonly #secrets: ReadonlyMap<SeatId, Uint8Array>;
  readonly #verifier: StatementVerifier;
  readonly #headers = new Map<Digest, Header>();

  constructor(councilId: Digest, secrets: ReadonlyMap<SeatId, Uint8Array>, verifier: StatementVerifier) {
    this.#councilId = councilId;
    this.#secrets = secrets;
    this.#verifier = verifier;
  }

  signerOf(seat: SeatId): ReturnType<WorldSignatures['signerOf']> {
    return this.#signer(seat, this.#councilId);
  }

  foreignSignerOf(seat: SeatId): ReturnType<WorldSignatures['signerOf']> {
    return this.#signer(seat, digestOf('another council'));
  }

  verify(...claim: Parameters<StatementVerifier['verify']>): boolean {
    return this.#verifier.verify(...claim);
  }

  digestOfHeader(header: Header): Digest {
    const digest = digestOfHeader(header);
    this.#headers.set(digest, header);
    return digest;
  }

  payloadRoot = payloadRoot;

  headerOf(digest: Digest): Header | undefined {
    return this.#headers.get(digest);
  }

  signBytes(seat: SeatId, message: Uint8Array): string {
    const secret = this.#secrets.get(seat);
    if (secret === undefined) throw new Error(`no key of seat ${seat} is here`);
    return toBase64(fastestEd25519.sign(secret, message));
  }

  #signer(seat: SeatId, councilId: Digest): ReturnType<WorldSignatures['signerOf']> {
    return {
      sign: (statement) => this.signBytes(seat, statementBytes(councilId, statement)) as Signature,
    };
  }
}

export interface LyingWorldOptions {
  readonly founding: Founding;
  readonly seed: number;
  /** whose seats lie */
  readonly node: string;
}

export interface LyingWorldDependencies {
  readonly transport: Transport;
  readonly signatures: WorldSignatures;
  readonly council: Council;
  readonly onTrouble: (error: unknown) => void;
}

export class LyingWorld extends World<LedgerState> {
  readonly #transport: Transport;
  readonly #peers: readonly PeerId[];
  readonly #onTrouble: (error: unknown) => void;
  /** said, by kind of message */
  readonly said: Record<string, number> = {};

  constructor({ founding, seed, node }: LyingWorldOptions, dependencies: LyingWorldDependencies) {
    const { transport, signatures, council, onTrouble } = dependencies;
    const { seats } = founding.roster;
    const names = [...new Set(seats.map((seat) => seat.node))];
    const seatsOf = (name: string): SeatId[] =>
      seats.filter((seat) => seat.node === name).map(({ seat }) => seat);
    super(
      {
        seed,
        seats: seats.length,
        nodes: names.map(seatsOf),
        byzantine: new Set(seatsOf(node)),
        genesis: founding.councilId,
        driftMs: founding.charter.driftMs,
      },
      { application: new LedgerApplication(council), signatures },
    );
    this.#transport = transport;
    this.#peers = names.map(asPeerId);
    this.#onTrouble = onTrouble;
    // The adversary may try to part the council in two; a real network just does not always let it.
    this.network.weather.yielding = true;
  }

  override get nowMs(): number {
    return Date.now();
  }

  override after(delayMs: number, act: () => void): void {
    setTimeout(() => {
      try {
        act();
      } catch (error) {
        this.#onTrouble(error);
      }
    }, delayMs * SLOWER);
  }

  override send(_from: number, to: number, message: Message): void {
    const peer = this.#peers[to];
    if (peer === undefined) return;
    this.said[message.kind] = (this.said[message.kind] ?? 0) + 1;
    try {
      this.#transport.send(peer, encodeOrdering(message));
    } catch (error) {
      this.#onTrouble(error);
    }
  }

  override violate(): void {}
}
