// The one canonical encoding: RFC 8785 JSON in UTF-8 (protocol 2.1). What is received is accepted only if its
// bytes are already canonical; duplicate keys, other spacing and other number spellings fall out of that test.
//
// The encoder is our own and not the `canonicalize` package, which writes lone surrogates and functions without
// complaint and is slower; the tests hold the two against each other.
import { badInput } from '../errors.ts';
import { textOf, utf8 } from './bytes.ts';

/** Nothing that is exchanged nests deeper; a bomb is refused before it is walked recursively. */
export const MAX_DEPTH = 64;

/** Nothing that is exchanged is larger; doors have tighter bounds of their own. */
export const MAX_CANONICAL_BYTES = 32 * 1024 * 1024;

export function canonicalText(value: unknown): string {
  const text = spell(value);
  refuseLoneSurrogates(text);
  return text;
}

export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalText(value));
}

/** The value of canonical bytes; throws when the bytes are not the canonical spelling of what they hold. */
export function parseCanonical(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_CANONICAL_BYTES) {
    throw badInput(`expected at most ${MAX_CANONICAL_BYTES} bytes of JSON, found ${bytes.length}`);
  }
  const text = textOf(bytes);
  refuseDeepNesting(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badInput('expected canonical JSON, found text that is not JSON');
  }
  if (spell(value) !== text) {
    throw badInput('expected canonical JSON (RFC 8785), found another spelling of it');
  }
  refuseLoneSurrogates(text);
  return value;
}

/**
 * JSON.stringify spells strings and numbers as RFC 8785 does and keeps the order of keys: when every object's
 * keys ascend already, it is the canonical encoder, and a native one. The rest is written piece by piece; so
 * are keys that look like integers, which a JavaScript object lists first and by number.
 */
function spell(value: unknown): string {
  return ascends(value, 0) ? JSON.stringify(value) : write(value);
}

/** Whether all keys ascend by UTF-16 code units; throws on what JSON cannot hold or would not bring back. */
function ascends(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      if (!Number.isFinite(value)) throw badInput(`expected a number JSON can hold, found ${value}`);
      return true;
    case 'object':
      break;
    default:
      throw badInput(`expected a JSON value, found ${typeof value}`);
  }
  if (value === null) return true;
  if (depth >= MAX_DEPTH) throw badInput(`expected at most ${MAX_DEPTH} levels of nesting`);
  if (Array.isArray(value)) return itemsAscend(value, depth + 1);
  if (isPlain(value)) return fieldsAscend(value, depth + 1);
  throw badInput('expected a plain object, found an instance of a class, which JSON would not bring back');
}

// Neither loop returns early: the checks must reach everything.
function itemsAscend(items: readonly unknown[], depth: number): boolean {
  let ascending = true;
  // By index: a hole reads as undefined and is refused.
  for (let i = 0; i < items.length; i++) if (!ascends(items[i], depth)) ascending = false;
  return ascending;
}

function fieldsAscend(fields: PlainObject, depth: number): boolean {
  let ascending = true;
  let last = '';
  for (const key of Object.keys(fields)) {
    // JSON.parse keeps it as a field, and the first careless copy would make it a prototype.
    if (key === '__proto__') throw badInput('expected no key "__proto__"');
    if (key < last) ascending = false;
    last = key;
    const field = fields[key];
    // A field that is undefined is an absent field, to JSON and to us.
    if (field !== undefined && !ascends(field, depth)) ascending = false;
  }
  return ascending;
}

type PlainObject = Readonly<Record<string, unknown>>;

function isPlain(value: object): value is PlainObject {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Writes what `ascends` has checked. */
function write(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (!isPlain(value)) throw badInput('expected a plain object');
  let out = '';
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field !== undefined) out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${write(field)}`;
  }
  return `{${out}}`;
}

/**
 * JSON.stringify writes a lone surrogate as an escape, which RFC 8785 forbids (two readers may decode it
 * differently). Canonical text has no other escape that begins so.
 */
function refuseLoneSurrogates(text: string): void {
  if (text.includes('\\ud') && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(text)) {
    throw badInput('expected text of whole Unicode characters, found half of a surrogate pair');
  }
}

function refuseDeepNesting(text: string): void {
  if (occurrences(text, '{') + occurrences(text, '[') <= MAX_DEPTH) return;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inString) {
      if (char === 0x5c) i++;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) {
      if (++depth > MAX_DEPTH) throw badInput(`expected at most ${MAX_DEPTH} levels of nesting`);
    } else if (char === 0x7d || char === 0x5d) depth--;
  }
}

/** Counts up to just past `MAX_DEPTH`: most texts have too few brackets to nest too deep. */
function occurrences(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0 && count <= MAX_DEPTH; at = text.indexOf(char, at + 1)) count++;
  return count;
}
