// Signatures that were checked already. Engine and council check synchronously, one by one; a node checks many
// ahead on other threads and remembers, so that the synchronous check is a look-up. Only what holds is
// remembered: what does not is looked at again and refused again, and nothing can be made to seem true.
import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import type { SignatureClaim } from '../../council/council.ts';
import type { Ed25519, SignatureCheck } from '../../signing/ed25519.ts';

/** A few thousand entries and the votes of many views; one is some hundred bytes. */
export const MAX_REMEMBERED = 32_768;

/** Fewer than these are quicker checked where they are than sent to other threads. */
export const FEWEST_SENT_AWAY = 3;

/** Answers stand in the order of the questions. */
export type VerifyMany = (checks: readonly SignatureCheck[]) => Promise<readonly boolean[]>;

export interface SignatureBackends {
  readonly ed25519: Pick<Ed25519, 'verify'>;
  readonly verifyMany: VerifyMany;
}

export class VerifiedSignatures {
  readonly #backends: SignatureBackends;
  /** What holds, by the very bytes it is over: they are looked at several times, and nobody writes into them. */
  readonly #byMessage = new WeakMap<Uint8Array, Pick<SignatureClaim, 'publicKey' | 'signature'>>();
  #recent = new Set<string>();
  #older = new Set<string>();
  #vouched = false;
  /** signatures really checked, here or ahead */
  checked = 0;

  constructor(backends: SignatureBackends) {
    this.#backends = backends;
  }

  /** What engine and council are given to check signatures with. */
  readonly verify = (publicKey: string, message: Uint8Array, signature: string): boolean => {
    const claim = { publicKey, message, signature };
    if (this.#vouched || this.#holds(claim)) return true;
    const key = keyOf(claim);
    if (!this.#isKnown(key)) {
      const check = checkOf(claim);
      this.checked++;
      if (check === undefined) return false;
      if (!this.#backends.ed25519.verify(check.publicKey, message, check.signature)) return false;
      this.#remember(key);
    }
    this.#byMessage.set(message, { publicKey, signature });
    return true;
  };

  /** For what was signed here with the very key that it would be checked by: the seats of this node hear themselves. */
  readonly vouchFor = (claim: SignatureClaim): void => {
    this.#remember(keyOf(claim));
    this.#byMessage.set(claim.message, claim);
  };

  /** Checks many ahead of time, off this thread. */
  async checkAhead(claims: readonly SignatureClaim[]): Promise<void> {
    const unknown = new Map<string, SignatureCheck & { readonly claim: SignatureClaim }>();
    for (const claim of claims) {
      if (this.#holds(claim)) continue;
      const key = keyOf(claim);
      if (unknown.has(key) || this.#isKnown(key)) continue;
      const check = checkOf(claim);
      if (check !== undefined) unknown.set(key, { ...check, claim });
    }
    if (unknown.size < FEWEST_SENT_AWAY) return;
    const answers = await this.#backends.verifyMany([...unknown.values()]);
    this.checked += unknown.size;
    let i = 0;
    for (const [key, { claim }] of unknown) {
      if (answers[i++] !== true) continue;
      this.#remember(key);
      this.#byMessage.set(claim.message, claim);
    }
  }

  /**
   * Runs what replays the own committed chain. Its tip's commit certificate, checked before, is the word of a
   * quorum that every entry below it was checked; doing it again would only make starting slow.
   */
  whileVouched<T>(replay: () => T): T {
    this.#vouched = true;
    try {
      return replay();
    } finally {
      this.#vouched = false;
    }
  }

  #holds({ publicKey, message, signature }: SignatureClaim): boolean {
    const known = this.#byMessage.get(message);
    return known !== undefined && known.signature === signature && known.publicKey === publicKey;
  }

  #isKnown(key: string): boolean {
    return this.#recent.has(key) || this.#older.has(key);
  }

  /** Two generations: when the younger is full it becomes the older, and what was in that is forgotten. */
  #remember(key: string): void {
    this.#recent.add(key);
    if (this.#recent.size < MAX_REMEMBERED / 2) return;
    this.#older = this.#recent;
    this.#recent = new Set();
  }
}

function keyOf({ publicKey, message, signature }: SignatureClaim): string {
  return `${publicKey}${signature}${hash('sha256', message, 'binary')}`;
}

/** Undefined when it is not even base64, or another spelling of it than the one. */
function checkOf({ publicKey, message, signature }: SignatureClaim): SignatureCheck | undefined {
  const [key, bytes] = [Buffer.from(publicKey, 'base64'), Buffer.from(signature, 'base64')];
  if (key.toString('base64') !== publicKey || bytes.toString('base64') !== signature) return undefined;
  return { publicKey: Uint8Array.from(key), message, signature: Uint8Array.from(bytes) };
}
