// C2SP signed notes: a text and, below an empty line, who signed it. The outside format of the ledger's
// checkpoints (protocol 2.2, 7.1), so that stock tools and witnesses can read them.
import { badInput } from '../errors.ts';
import { concat, equalBytes, fromBase64, fromHex, textOf, toBase64, toHex, utf8 } from '../signing/bytes.ts';
import { sha256 } from '../signing/digest.ts';
import type { Ed25519 } from '../signing/ed25519.ts';

/** The specification asks for at least 16; more are refused before any is looked at. */
export const MAX_NOTE_SIGNATURES = 64;
export const MAX_NOTE_BYTES = 64 * 1024;

const ED25519_KIND = 1;
const KEY_ID_BYTES = 4;

/** A key's public half under its name, as a `vkey` spells it: `name+hex(id)+base64(kind ‖ key)`. */
export interface NoteKey {
  readonly name: string;
  /** four bytes in hex */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** with its final newline, which is signed too */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw badInput(`expected a key name without spaces and plus signs, found "${name}"`);
  const kind = Uint8Array.of(ED25519_KIND);
  const id = toHex(sha256(concat(utf8(`${name}\n`), kind, publicKey)).subarray(0, KEY_ID_BYTES));
  return { name, id, publicKey };
}

export function formatNoteKey(key: NoteKey): string {
  return `${key.name}+${key.id}+${toBase64(concat(Uint8Array.of(ED25519_KIND), key.publicKey))}`;
}

export function parseNoteKey(vkey: string): NoteKey {
  const [, name = '', id = '', encoded] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? [];
  if (encoded === undefined) throw badInput('expected a vkey: name+id+key');
  const bytes = fromBase64(encoded);
  if (bytes[0] !== ED25519_KIND || bytes.length !== 33) throw badInput('expected the vkey of an Ed25519 key');
  const key = noteKey(name, bytes.subarray(1));
  if (key.id !== id) throw badInput(`expected key id ${key.id} in the vkey of "${name}", found ${id}`);
  return key;
}

export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw badInput(`expected a note of at most ${MAX_NOTE_BYTES} bytes`);
  const whole = textOf(bytes);
  if (hasControls(whole)) throw badInput('expected a note without control characters');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw badInput('expected a note: text, an empty line, signatures');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_NOTE_SIGNATURES)
    throw badInput(`expected at most ${MAX_NOTE_SIGNATURES} signatures`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

export function formatNote(note: Note): Uint8Array {
  const lines = note.signatures.map(
    ({ name, keyId, signature }) => `— ${name} ${toBase64(concat(fromHex(keyId), signature))}\n`,
  );
  return utf8(`${note.text}\n${lines.join('')}`);
}

export function signNote(text: string, name: string, secretKey: Uint8Array, ed25519: Ed25519): Uint8Array {
  if (!text.endsWith('\n') || hasControls(text)) throw badInput('expected a text that ends its last line');
  const key = noteKey(name, ed25519.publicKeyOf(secretKey));
  const signature = ed25519.sign(secretKey, utf8(text));
  return formatNote({ text, signatures: [{ name, keyId: key.id, signature }] });
}

/**
 * The keys among `known` that signed. Signatures of other keys are not looked at, and say nothing; a false or
 * doubled one under a known key condemns the note.
 */
export function signersOf(
  note: Note,
  known: readonly NoteKey[],
  ed25519: Pick<Ed25519, 'verify'>,
): readonly NoteKey[] {
  const signed: NoteKey[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = known.find((candidate) => candidate.name === name && candidate.id === keyId);
    if (key === undefined) continue;
    if (signed.some((other) => equalBytes(other.publicKey, key.publicKey))) {
      throw badInput(`expected one signature of "${name}", found two`);
    }
    if (!ed25519.verify(key.publicKey, utf8(note.text), signature)) {
      throw badInput(`the signature of "${name}" on the note is false`);
    }
    signed.push(key);
  }
  return signed;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = '', encoded, ...rest] = line.split(' ');
  if (dash !== '—' || encoded === undefined || rest.length > 0 || !isKeyName(name)) {
    throw badInput('expected a signature line: — name base64');
  }
  const bytes = fromBase64(encoded);
  if (bytes.length <= KEY_ID_BYTES) throw badInput('expected a key id and a signature');
  return { name, keyId: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** U+0085 is a space of Unicode that `\s` does not know. */
const isKeyName = (name: string): boolean => name !== '' && !/[\s\u0085+]/u.test(name) && !hasControls(name);

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char < 0x20 && char !== 0x0a) return true;
  }
  return false;
}
