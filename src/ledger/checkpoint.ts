// A checkpoint is a tree head in a signed note: whose log, how many entries, which root (C2SP
// tlog-checkpoint; protocol 7.1). It is signed by the publishing node's log key, for stock tools and
// witnesses; what vouches for the tree head itself is the commit certificate of the block that names it.
import { badInput } from '../errors.ts';
import { fromBase64, toBase64 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';
import { HASH_BYTES } from './merkle.ts';
import { signNote } from './note.ts';

/** Where a ledger's folder holds it, and the vkey of the log key beside it, so that stock tools find both. */
export const CHECKPOINT_PATH = 'checkpoint';
export const LOG_KEY_PATH = 'log.vkey';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The name of a council's log, and of the key that signs its checkpoints (protocol 2.2). */
export function originOf(councilId: Digest): string {
  return `conclave/${councilId}`;
}

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Refuses extension lines: the specification discourages them, and ours never have any. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root, end, ...rest] = text.split('\n');
  if (root === undefined || end !== '' || rest.length > 0) {
    throw badInput('expected a checkpoint of three lines: origin, size, root');
  }
  if (origin === '') throw badInput('expected a checkpoint with an origin');
  if (!/^(0|[1-9][0-9]{0,14})$/.test(size))
    throw badInput(`expected a size in decimal digits, found "${size}"`);
  const hash = fromBase64(root);
  if (hash.length !== HASH_BYTES)
    throw badInput(`expected a root of ${HASH_BYTES} bytes, found ${hash.length}`);
  return { origin, size: Number(size), root: hash };
}

export function signCheckpoint(
  checkpoint: Checkpoint,
  logSecretKey: Uint8Array,
  ed25519: Ed25519,
): Uint8Array {
  return signNote(checkpointText(checkpoint), checkpoint.origin, logSecretKey, ed25519);
}
