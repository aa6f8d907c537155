// The certificate of a decision as it lies in the council's directory, checked as any stranger would check it. A report
// is only words; what it says is worth what this check finds.
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Founding } from '../../council/genesis.ts';
import type { Decision } from '../../council/records.ts';
import { MAX_CERTIFICATE_BYTES } from '../../ledger/certificate.ts';
import { type Check, verifyCertificate } from '../../ledger/verifier.ts';
import { certificatePath, proofPath } from '../../node/chancery.ts';
import { readBounded } from '../../providers/text-file.ts';
import { canonicalText } from '../../signing/canonical.ts';
import { type Digest, digestOfBytes } from '../../signing/digest.ts';
import { fastestBackends } from '../backends.ts';

const MAX_PROOF_BYTES = 1024 * 1024;

export interface AttachedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

export type CertificateFound =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'kept';
      readonly certificate: AttachedFile;
      readonly proof: AttachedFile | undefined;
      readonly checks: readonly Check[];
      /** why it does not vouch for this decision; undefined when it does */
      readonly trouble: string | undefined;
    };

export async function certificateFor(
  decision: Decision,
  founding: Founding,
  folder: string,
): Promise<CertificateFound> {
  const certificate = attached(folder, certificatePath(decision.caseId), MAX_CERTIFICATE_BYTES);
  if (certificate === undefined) return { kind: 'missing' };
  const proof = attached(folder, proofPath(decision.caseId), MAX_PROOF_BYTES);
  const verification = verifyCertificate(
    { certificate: certificate.bytes, proof: proof?.bytes, anchor: founding.councilId },
    await fastestBackends(),
  );
  const { checks, valid, failed } = verification;
  const said = verification.decision;
  // The certificate may be sound and of another case: names of files prove nothing.
  const same = said !== undefined && canonicalText(said) === canonicalText(decision);
  const trouble = valid
    ? same
      ? undefined
      : 'it is of another decision than the ledger has'
    : `the check "${failed}" failed: ${checks.at(-1)?.detail ?? ''}`;
  return { kind: 'kept', certificate, proof, checks, trouble };
}

export function attachment(name: string, bytes: Uint8Array): AttachedFile {
  return { name, bytes, digest: digestOfBytes(bytes) };
}

/** For a link that needs no network: the file itself, as an address. */
export function dataAddress({ bytes }: AttachedFile): string {
  return `data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`;
}

function attached(folder: string, name: string, maxBytes: number): AttachedFile | undefined {
  const path = join(folder, name);
  return existsSync(path) ? attachment(name, readBounded(path, maxBytes)) : undefined;
}
