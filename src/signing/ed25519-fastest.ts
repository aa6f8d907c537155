// The Ed25519 backend a node signs and verifies with: the fastest this machine has. Which one it is changes the time
// and never an answer or a byte; tests hold all of them against each other.
import type { Ed25519, SignatureCheck } from './ed25519.ts';
import { nodeEd25519 } from './ed25519-node.ts';
import { loadSodium } from './ed25519-sodium.ts';

export const fastestEd25519: Ed25519 = loadSodium() ?? nodeEd25519;

/** Answers stand in the order of the questions. */
export async function verifyMany(checks: readonly SignatureCheck[]): Promise<readonly boolean[]> {
  return checks.map(({ publicKey, message, signature }) =>
    fastestEd25519.verify(publicKey, message, signature),
  );
}
