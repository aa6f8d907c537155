// Real keys for simulated councils: Ed25519 and BLS, the real digests, and messages that travel as bytes. What the
// simulator otherwise stands in for is put back, so that one suite runs on what the product runs on.
import type { Header } from '../../src/consensus/block.ts';
import { digestOfHeader, payloadRoot } from '../../src/consensus/digests.ts';
import type { Message } from '../../src/consensus/messages.ts';
import { type Signature, type Statement, statementBytes } from '../../src/consensus/statements.ts';
import { decodeMessage, encodeMessage } from '../../src/consensus/wire.ts';
import type { SignBytes } from '../../src/council/entry.ts';
import type { Founding } from '../../src/council/genesis.ts';
import { ConclaveError } from '../../src/errors.ts';
import type { SeatEndorsement } from '../../src/ledger/certify.ts';
import { certifiedBytes } from '../../src/ledger/decision-statement.ts';
import { type Bls, blsSecretFrom } from '../../src/signing/bls-rule.ts';
import { fromBase64, toBase64, utf8 } from '../../src/signing/bytes.ts';
import { type Digest, digestOf, sha256 } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import type { SeatId } from '../../src/signing/seat-id.ts';
import { type EntryKeys, simulatedFounding, standInRoster } from '../../src/simulation/judging/founding.ts';
import type { WorldSignatures } from '../../src/simulation/signature-table.ts';

const ed25519Secret = (owner: string): Uint8Array => sha256(utf8(`ed25519 of ${owner}`));
const blsSecret = (seat: SeatId): Uint8Array => blsSecretFrom(sha256(utf8(`bls of seat ${seat}`)));

const publicKeys = new Map<string, string>();

function publicKey(owner: string): string {
  let key = publicKeys.get(owner);
  if (key === undefined) {
    key = toBase64(fastestEd25519.publicKeyOf(ed25519Secret(owner)));
    publicKeys.set(owner, key);
  }
  return key;
}

/** Signs with the real keys and keeps every header it ever named. */
export class RealSignatures implements WorldSignatures {
  readonly #councilId: Digest;
  readonly #headers = new Map<Digest, Header>();

  constructor(councilId: Digest) {
    this.#councilId = councilId;
  }

  signerOf(seat: SeatId): { sign: (statement: Statement) => Signature } {
    return { sign: (statement) => this.#sign(seat, statement, this.#councilId) };
  }

  foreignSignerOf(seat: SeatId): { sign: (statement: Statement) => Signature } {
    return { sign: (statement) => this.#sign(seat, statement, digestOf('another council')) };
  }

  verify(seat: SeatId, statement: Statement, signature: Signature): boolean {
    const key = fromBase64(publicKey(`seat ${seat}`));
    try {
      return fastestEd25519.verify(key, statementBytes(this.#councilId, statement), fromBase64(signature));
    } catch (error) {
      if (error instanceof ConclaveError) return false; // a forged one need not even be base64
      throw error;
    }
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

  #sign(seat: SeatId, statement: Statement, councilId: Digest): Signature {
    const message = statementBytes(councilId, statement);
    return toBase64(fastestEd25519.sign(ed25519Secret(`seat ${seat}`), message)) as Signature;
  }
}

/** What a wire makes of a message. */
export function overTheWire(message: Message): Message | undefined {
  try {
    return decodeMessage(encodeMessage(message));
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return undefined;
    throw error;
  }
}

export interface RealKeys {
  readonly founding: Founding;
  readonly statements: WorldSignatures;
  readonly entries: EntryKeys;
}

export function realKeys(n: number, bls: Bls): RealKeys {
  const standIn = standInRoster(n);
  const seats = standIn.seats.map((chair) => ({
    ...chair,
    ed25519: publicKey(`seat ${chair.seat}`),
    bls: toBase64(bls.publicKeyOf(blsSecret(chair.seat))),
    possession: toBase64(bls.provePossession(blsSecret(chair.seat))),
  }));
  const founding = simulatedFounding(n, { roster: { ...standIn, seats }, submitter: publicKey('submitter') });
  const signer =
    (owner: string): SignBytes =>
    (message) =>
      toBase64(fastestEd25519.sign(ed25519Secret(owner), message));
  const entries: EntryKeys = {
    signerOf: (seat) => signer(`seat ${seat}`),
    submitter: () => signer('submitter'),
    verify: (key, message, signature) =>
      fastestEd25519.verify(fromBase64(key), message, fromBase64(signature)),
  };
  return { founding, statements: new RealSignatures(founding.councilId), entries };
}

export function endorse(seat: SeatId, payload: Uint8Array, bls: Bls): SeatEndorsement {
  const message = certifiedBytes(payload);
  return {
    seat,
    envelope: fastestEd25519.sign(ed25519Secret(`seat ${seat}`), message),
    share: bls.sign(blsSecret(seat), message),
  };
}
