// How long a stranger takes to verify a certificate, with the backends that run anywhere and with the fast ones; and
// how long the whole command line takes from nothing to a decision.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { badInput, ConclaveError } from '../../errors.ts';
import { type VerifierBackends, verifyCertificate } from '../../ledger/verifier.ts';
import type { CaseFiles } from '../../node/embedded.ts';
import { nobleBls } from '../../signing/bls.ts';
import { loadBlst } from '../../signing/bls-blst.ts';
import type { Digest } from '../../signing/digest.ts';
import { nobleEd25519 } from '../../signing/ed25519.ts';
import { nodeEd25519 } from '../../signing/ed25519-node.ts';
import { loadSodium } from '../../signing/ed25519-sodium.ts';
import { SAMPLE_CASE } from './deciding.ts';
import { timesMs } from './figure.ts';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

export interface NamedBackends extends VerifierBackends {
  readonly name: string;
}

export async function everyBackend(): Promise<readonly NamedBackends[]> {
  const [blst, sodium] = [await loadBlst(), loadSodium()];
  const backends: NamedBackends[] = [{ name: 'noble', ed25519: nobleEd25519, bls: nobleBls }];
  if (blst !== undefined) backends.push({ name: 'node:crypto and blst', ed25519: nodeEd25519, bls: blst });
  if (blst !== undefined && sodium !== undefined)
    backends.push({ name: 'libsodium and blst', ed25519: sodium, bls: blst });
  return backends;
}

export function verifyTimesMs(
  files: CaseFiles,
  anchor: Digest,
  backends: VerifierBackends,
  runs: number,
): Promise<number[]> {
  const certificate = readFileSync(files.certificate);
  const proof = readFileSync(files.proof);
  return timesMs(runs, () => {
    const { valid, failed } = verifyCertificate({ certificate, proof, anchor }, backends);
    if (!valid)
      throw badInput(`the certificate of the bench is not valid: ${failed}`, { file: files.certificate });
  });
}

/** A process of its own each time, in a directory of its own: founding the council is part of it. */
export function coldReviewTimesMs(runs: number): Promise<number[]> {
  return timesMs(runs, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'conclave-bench-'));
    try {
      await runToEnd(['review', SAMPLE_CASE, '--data', join(folder, 'council'), '--json']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function runToEnd(words: readonly string[]): Promise<void> {
  return new Promise((done, failed) => {
    execFile(process.execPath, [MAIN, ...words], { maxBuffer: 16 * 1024 * 1024 }, (error, _, stderr) => {
      if (error === null) done();
      else failed(new ConclaveError('internal', `conclave ${words.join(' ')}: ${error.message} ${stderr}`));
    });
  });
}
