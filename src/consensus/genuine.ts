// Is a body what its digest says, and within bounds? A digest vouches for no other copy than the one it names.
import type { Block } from './block.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_ENTRIES, MAX_ENTRY_BYTES } from './limits.ts';
import type { StatementVerifier } from './statements.ts';

export function isGenuine({ digest, header, entries }: Block, verifier: StatementVerifier): boolean {
  if (entries.length > MAX_BLOCK_ENTRIES || verifier.digestOfHeader(header) !== digest) return false;
  if (entries.some(({ bytes }) => bytes.length > MAX_ENTRY_BYTES)) return false;
  if (entries.reduce((sum, { bytes }) => sum + bytes.length, 0) > MAX_BLOCK_BYTES) return false;
  return verifier.payloadRoot(entries) === header.payloadRoot;
}
