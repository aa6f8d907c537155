// Signatures to check as they travel to another thread: four arrays instead of thousands.
import { concat } from '../../signing/bytes.ts';
import { ED25519_PUBLIC_BYTES, ED25519_SIGNATURE_BYTES, type SignatureCheck } from '../../signing/ed25519.ts';

export interface PackedChecks {
  readonly publicKeys: Uint8Array;
  readonly signatures: Uint8Array;
  readonly messages: Uint8Array;
  /** where each message ends */
  readonly ends: Uint32Array;
}

/** A key or signature of another length stands as zeros, which nothing verifies with. */
export function packChecks(checks: readonly SignatureCheck[]): PackedChecks {
  const publicKeys = new Uint8Array(checks.length * ED25519_PUBLIC_BYTES);
  const signatures = new Uint8Array(checks.length * ED25519_SIGNATURE_BYTES);
  const ends = new Uint32Array(checks.length);
  let end = 0;
  checks.forEach(({ publicKey, message, signature }, i) => {
    end += message.length;
    ends[i] = end;
    if (publicKey.length !== ED25519_PUBLIC_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return;
    publicKeys.set(publicKey, i * ED25519_PUBLIC_BYTES);
    signatures.set(signature, i * ED25519_SIGNATURE_BYTES);
  });
  return { publicKeys, signatures, messages: concat(...checks.map(({ message }) => message)), ends };
}

export function unpackChecks({
  publicKeys,
  signatures,
  messages,
  ends,
}: PackedChecks): readonly SignatureCheck[] {
  return Array.from(ends, (end, i) => ({
    publicKey: publicKeys.subarray(i * ED25519_PUBLIC_BYTES, (i + 1) * ED25519_PUBLIC_BYTES),
    message: messages.subarray(ends[i - 1] ?? 0, end),
    signature: signatures.subarray(i * ED25519_SIGNATURE_BYTES, (i + 1) * ED25519_SIGNATURE_BYTES),
  }));
}
