// Several messages as one entry of a stream: a council says much at once, and each entry is a command. The nonce makes
// an entry one sending: its copy by another server is known by its hash, and the same words said again have another.
//
//   version (1) ‖ nonce (16) ‖ length of the sender's name (1) ‖ name ‖ { length (4, big endian) ‖ message } …
import { textOf, utf8 } from '../../signing/bytes.ts';

const VERSION = 1;
export const NONCE_BYTES = 16;
const LENGTH_BYTES = 4;
const MAX_NAME_BYTES = 255;
/** Beyond this a sender begins another entry. */
export const MAX_FRAMES = 1_000;
export const MAX_BATCH_BYTES = 1024 * 1024;

export interface Batch {
  readonly from: string;
  readonly messages: readonly Uint8Array[];
}

export function encodeBatch(batch: Batch, nonce: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = utf8(batch.from);
  const head = 1 + NONCE_BYTES + 1 + name.length;
  const out = new Uint8Array(batch.messages.reduce((sum, { length }) => sum + LENGTH_BYTES + length, head));
  const lengths = new DataView(out.buffer);
  out[0] = VERSION;
  out.set(nonce, 1);
  out[1 + NONCE_BYTES] = name.length;
  out.set(name, 2 + NONCE_BYTES);
  let at = head;
  for (const message of batch.messages) {
    lengths.setUint32(at, message.length);
    out.set(message, at + LENGTH_BYTES);
    at += LENGTH_BYTES + message.length;
  }
  return out;
}

/** Undefined for whatever is not exactly a batch; the bytes are a stranger's. Messages are copies. */
export function decodeBatch(bytes: Uint8Array): Batch | undefined {
  const nameAt = 2 + NONCE_BYTES;
  const nameBytes = bytes[1 + NONCE_BYTES];
  if (bytes[0] !== VERSION || nameBytes === undefined || nameBytes === 0) return undefined;
  const head = nameAt + nameBytes;
  if (bytes.length < head + LENGTH_BYTES) return undefined;
  const from = nameIn(bytes.subarray(nameAt, head));
  if (from === undefined) return undefined;
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: Uint8Array[] = [];
  let at = head;
  while (at < bytes.length) {
    if (messages.length >= MAX_FRAMES || at + LENGTH_BYTES > bytes.length) return undefined;
    const end = at + LENGTH_BYTES + lengths.getUint32(at);
    if (end > bytes.length) return undefined;
    // A copy that is no Buffer: a view would keep the whole of what was received alive, and a Buffer's slice is a view.
    messages.push(new Uint8Array(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  return { from, messages };
}

/** What an entry of one message of this size takes up. */
export function entryBytes(messageBytes: number): number {
  return 2 + NONCE_BYTES + MAX_NAME_BYTES + LENGTH_BYTES + messageBytes;
}

function nameIn(bytes: Uint8Array): string | undefined {
  try {
    return textOf(bytes);
  } catch {
    return undefined;
  }
}
