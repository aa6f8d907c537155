// Entries that mean nothing, for measuring how fast entries are ordered: 112 characters of payload and the 88 of a
// signature, each signed by itself. Executing one means checking its signature and appending it to a Merkle log.
import { randomBytes } from 'node:crypto';
import type { Admission, Application, BlockContext, Execution } from '../../consensus/application.ts';
import type { Entry } from '../../consensus/block.ts';
import type { SignatureClaim } from '../../council/council.ts';
import type { VerifySignature } from '../../council/misbehaviour.ts';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { Frontier, leafHash } from '../../ledger/merkle.ts';
import { concat, textOf, toBase64, toHex, utf8 } from '../../signing/bytes.ts';
import { asDigest, digestOfBytes } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import type { Epoch } from '../../signing/purpose.ts';

export const ENTRY_BYTES = 200;
const SIGNATURE_CHARS = 88;
const PAYLOAD_BYTES = ENTRY_BYTES - SIGNATURE_CHARS;
const AUTHOR_DIGITS = 4;
const NUMBER_DIGITS = 8;

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
  const [by, at] = [hexDigits(author, AUTHOR_DIGITS), hexDigits(number, NUMBER_DIGITS)];
  const padding = toHex(randomBytes(PAYLOAD_BYTES)).slice(by.length + at.length, PAYLOAD_BYTES);
  const payload = utf8(by + at + padding);
  const bytes = concat(payload, utf8(toBase64(fastestEd25519.sign(secret, payload))));
  return { bytes, digest: digestOfBytes(bytes) };
}

function hexDigits(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
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

  epochOf(): Epoch {
    return FIRST_EPOCH;
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
    const text = textOf(bytes);
    const author = Number.parseInt(text.slice(0, AUTHOR_DIGITS), 16);
    const claim = {
      publicKey: this.#authors[author] ?? '',
      message: bytes.subarray(0, PAYLOAD_BYTES),
      signature: text.slice(PAYLOAD_BYTES),
    };
    const number = Number.parseInt(text.slice(AUTHOR_DIGITS, AUTHOR_DIGITS + NUMBER_DIGITS), 16);
    const parsed = { author, number, claim };
    this.#parsed.set(entry, parsed);
    return parsed;
  }
}
