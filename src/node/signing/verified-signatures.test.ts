import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../signing/bytes.ts';
import { fastestEd25519, verifyMany } from '../../signing/ed25519-fastest.ts';
import { MAX_REMEMBERED, VerifiedSignatures } from './verified-signatures.ts';

const secret = randomBytes(32);
const publicKey = toBase64(fastestEd25519.publicKeyOf(secret));
const claim = (text: string) => {
  const message = new TextEncoder().encode(text);
  return { publicKey, message, signature: toBase64(fastestEd25519.sign(secret, message)) };
};

function counted() {
  let checks = 0;
  const signatures = new VerifiedSignatures({
    ed25519: {
      verify: (...args) => {
        checks++;
        return fastestEd25519.verify(...args);
      },
    },
    verifyMany,
  });
  return { signatures, checksHere: () => checks };
}

describe('signatures that were checked already', () => {
  it('what was checked ahead is not checked again', async () => {
    const { signatures, checksHere } = counted();
    const claims = ['a', 'b', 'c', 'd'].map(claim);
    await signatures.checkAhead(claims);
    for (const { publicKey, message, signature } of claims) {
      expect(signatures.verify(publicKey, message, signature)).toBe(true);
    }
    expect(checksHere()).toBe(0);
    expect(signatures.checked).toBe(4);
  });

  it('what was signed here is not checked, and vouches for nothing else', () => {
    const { signatures, checksHere } = counted();
    const own = claim('mine');
    signatures.vouchFor(own);
    const again = new TextEncoder().encode('mine');
    expect(signatures.verify(publicKey, own.message, own.signature)).toBe(true);
    expect(signatures.verify(publicKey, again, own.signature)).toBe(true);
    expect(checksHere()).toBe(0);
    expect(signatures.verify(publicKey, again, claim('another').signature)).toBe(false);
    expect(signatures.verify(publicKey, new TextEncoder().encode('not mine'), own.signature)).toBe(false);
    expect(checksHere()).toBe(2);
  });

  it('the same signature is no word for another message, key or spelling', async () => {
    const { signatures } = counted();
    const claims = ['a', 'b', 'c'].map(claim);
    await signatures.checkAhead(claims);
    const [first, second] = claims;
    if (first === undefined || second === undefined) throw new Error('claims');
    const other = toBase64(fastestEd25519.publicKeyOf(randomBytes(32)));
    expect(signatures.verify(publicKey, second.message, first.signature)).toBe(false);
    expect(signatures.verify(other, first.message, first.signature)).toBe(false);
    expect(signatures.verify(publicKey, first.message, `${first.signature}=`)).toBe(false);
    expect(signatures.verify(`${publicKey} `, first.message, first.signature)).toBe(false);
    expect(signatures.verify(publicKey, first.message, 'not base64!')).toBe(false);
  });

  it('a false signature is refused, ahead and afterwards, and never remembered', async () => {
    const { signatures } = counted();
    const honest = ['a', 'b', 'c'].map(claim);
    const forged = { ...claim('d'), message: new TextEncoder().encode('e') };
    await signatures.checkAhead([...honest, forged]);
    expect(signatures.verify(forged.publicKey, forged.message, forged.signature)).toBe(false);
    expect(signatures.verify(forged.publicKey, forged.message, forged.signature)).toBe(false);
  });

  it('nothing is vouched for once the replay is over, not even when it fails', () => {
    const { signatures } = counted();
    const forged = { ...claim('a'), message: new TextEncoder().encode('b') };
    const check = () => signatures.verify(forged.publicKey, forged.message, forged.signature);
    expect(signatures.whileVouched(check)).toBe(true);
    expect(check()).toBe(false);
    expect(() =>
      signatures.whileVouched(() => {
        throw new Error('the replay fails');
      }),
    ).toThrow('the replay fails');
    expect(check()).toBe(false);
  });

  it('what is remembered is bounded, and what was forgotten is checked again', async () => {
    let checks = 0;
    const signatures = new VerifiedSignatures({
      ed25519: {
        verify: () => {
          checks++;
          return true;
        },
      },
      verifyMany: async (many) => many.map(() => true),
    });
    const first = claim('first');
    signatures.verify(first.publicKey, first.message, first.signature);
    const many = Array.from({ length: MAX_REMEMBERED }, (_, i) => ({
      ...first,
      message: new TextEncoder().encode(String(i)),
    }));
    await signatures.checkAhead(many);
    // The very bytes are known for as long as somebody holds them; a copy of them was forgotten.
    signatures.verify(first.publicKey, first.message, first.signature);
    expect(checks).toBe(1);
    signatures.verify(first.publicKey, Uint8Array.from(first.message), first.signature);
    expect(checks).toBe(2);
  });
});
