// Entries that mean nothing, for measuring how fast entries are ordered: 136 bytes of payload and the 64 bytes of a
// signature, each signed by itself. Executing one means checking its signature and appending it to a Merkle log.
import { randomBytes } from 'node:crypto';
import type { Admission, Application, BlockContext, Execution } from '../../consensus/application.ts';
import type { Entry } from '../../consensus/block.ts';
import type { SignatureClaim } from '../../council/council.ts';
import type { VerifySignature } from '../../council/misbehaviour.ts';
import { Frontier, leafHash } from '../../ledger/merkle.ts';
import { toBase64, toHex } from '../../signing/bytes.ts';
import { asDigest, digestOfBytes } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';

export const ENTRY_BYTES = 200;
const SIGNATURE_BYTES = 64;
const NUMBER_AT = 4;

export interface PlainState {
  /** every author numbers its entries; this one of its is next */
  readonly next: readonly number[];
  readonly log: Frontier;
}

interface Parsed {
  readonly author: number;
  readonly number: number;
  readonly claim: SignatureClaim;
}

/** The entry of this number by the author with this secret, in the place it has among the authors. */
export function plainEntry(secret: Uint8Array, author: number, number: number): Entry {
  const bytes = randomBytes(ENTRY_BYTES);
  bytes.writeUInt32BE(author);
  bytes.writeUInt32BE(number, NUMBER_AT);
  const payload = bytes.subarray(0, -SIGNATURE_BYTES);
  bytes.set(fastestEd25519.sign(secret, payload), ENTRY_BYTES - SIGNATURE_BYTES);
  return { bytes, digest: digestOfBytes(bytes) };
}

export class PlainEntries implements Application<PlainState> {
  readonly #verify: VerifySignature;
  /** public keys of the authors, each of whom stays below its share of the mempool */
  readonly #authors: readonly string[];
  readonly #parsed = new WeakMap<Entry, Parsed>();

  constructor(authors: readonly Uint8Array[], verify: VerifySignature) {
    this.#authors = authors.map((key) => toBase64(key));
    this.#verify = verify;
  }

  signaturesOf(entry: Entry): readonly SignatureClaim[] {
    return [this.#parse(entry).claim];
  }

  genesis(): PlainState {
    return { next: this.#authors.map(() => 0), log: Frontier.empty };
  }

  execute(
    { next, log }: PlainState,
    _: BlockContext,
    entries: readonly Entry[],
  ): Execution<PlainState> | undefined {
    const expected = [...next];
    for (const entry of entries) {
      const { author, number, claim } = this.#parse(entry);
      if (number < (expected[author] ?? number + 1) || !this.#holds(claim)) return undefined;
      expected[author] = number + 1;
    }
    const leaves = entries.map(({ bytes }) => bytes);
    const grown = log.append(leaves.map(leafHash));
    return {
      state: { next: expected, log: grown },
      ledgerSize: grown.size,
      ledgerRoot: asDigest(toHex(grown.root())),
      leaves,
    };
  }

  admits({ next }: PlainState, entry: Entry): Admission {
    const { author, number, claim } = this.#parse(entry);
    return number >= (next[author] ?? number + 1) && this.#holds(claim) ? 'now' : 'never';
  }

  authorOf(entry: Entry): string {
    return this.#parse(entry).claim.publicKey;
  }

  dueAtMs(): undefined {
    return undefined;
  }

  #holds({ publicKey, message, signature }: SignatureClaim): boolean {
    return this.#verify(publicKey, message, signature);
  }

  #parse(entry: Entry): Parsed {
    const known = this.#parsed.get(entry);
    if (known !== undefined) return known;
    const { bytes } = entry;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const author = view.getUint32(0);
    const claim = {
      publicKey: this.#authors[author] ?? '',
      message: bytes.subarray(0, -SIGNATURE_BYTES),
      signature: toBase64(bytes.subarray(-SIGNATURE_BYTES)),
    };
    const parsed = { author, number: view.getUint32(NUMBER_AT), claim };
    this.#parsed.set(entry, parsed);
    return parsed;
  }
}
