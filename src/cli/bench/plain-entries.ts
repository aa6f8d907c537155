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
/** As many as there are seats; each stays below the share of the mempool that one author may fill. */
const SUBMITTERS = 33;

export interface PlainState {
  /** entries are numbered; this one is next */
  readonly next: number;
  readonly log: Frontier;
}

export class PlainEntries implements Application<PlainState> {
  readonly #verify: VerifySignature;
  readonly #secrets = Array.from({ length: SUBMITTERS }, () => randomBytes(32));
  readonly #keys = this.#secrets.map((secret) => toBase64(fastestEd25519.publicKeyOf(secret)));
  readonly #parsed = new WeakMap<Entry, { readonly number: number; readonly claim: SignatureClaim }>();

  constructor(verify: VerifySignature) {
    this.#verify = verify;
  }

  make(number: number): Entry {
    const bytes = randomBytes(ENTRY_BYTES);
    bytes.writeUInt32BE(number);
    const payload = bytes.subarray(0, -SIGNATURE_BYTES);
    const secret = this.#secrets[number % SUBMITTERS] ?? randomBytes(32);
    bytes.set(fastestEd25519.sign(secret, payload), ENTRY_BYTES - SIGNATURE_BYTES);
    return { bytes, digest: digestOfBytes(bytes) };
  }

  signaturesOf(entry: Entry): readonly SignatureClaim[] {
    return [this.#parse(entry).claim];
  }

  genesis(): PlainState {
    return { next: 0, log: Frontier.empty };
  }

  execute(
    { next, log }: PlainState,
    _: BlockContext,
    entries: readonly Entry[],
  ): Execution<PlainState> | undefined {
    let expected = next;
    for (const entry of entries) {
      const { number, claim } = this.#parse(entry);
      if (number < expected || !this.#holds(claim)) return undefined;
      expected = number + 1;
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
    const { number, claim } = this.#parse(entry);
    return number >= next && this.#holds(claim) ? 'now' : 'never';
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

  #parse(entry: Entry) {
    const known = this.#parsed.get(entry);
    if (known !== undefined) return known;
    const { bytes } = entry;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const message = bytes.subarray(0, -SIGNATURE_BYTES);
    const claim = {
      publicKey: this.#keys[number % SUBMITTERS] ?? '',
      message,
      signature: toBase64(bytes.subarray(-SIGNATURE_BYTES)),
    };
    const parsed = { number, claim };
    this.#parsed.set(entry, parsed);
    return parsed;
  }
}
