// The fastest signature backends this machine has. Which one checks changes the time and never the answer: tests
// hold them against each other (docs/decisions/0003-two-signature-schemes.md).
import type { VerifierBackends } from '../ledger/verifier.ts';
import { nobleBls } from '../signing/bls.ts';
import { loadBlst } from '../signing/bls-blst.ts';
import { nobleEd25519 } from '../signing/ed25519.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';

/** The ones that run anywhere, in a browser too. */
export const PORTABLE_BACKENDS: VerifierBackends = { ed25519: nobleEd25519, bls: nobleBls };

export async function fastestBackends(): Promise<VerifierBackends> {
  return { ed25519: fastestEd25519, bls: (await loadBlst()) ?? nobleBls };
}
