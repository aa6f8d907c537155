// The one canonical encoding: RFC 8785 JSON in UTF-8 (protocol 2.1). What is received is accepted only if its
// bytes are already canonical; duplicate keys, other spacing and other number spellings fall out of that test.
import canonicalize from 'canonicalize';
import { badInput } from '../errors.ts';
import { equalBytes, textOf, utf8 } from './bytes.ts';

/** Nothing that is exchanged nests deeper; a bomb is refused before it is walked recursively. */
export const MAX_DEPTH = 64;

export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw badInput('expected a JSON value, found something JSON cannot hold');
  return text;
}

export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalText(value));
}

/** The value of canonical bytes; throws when the bytes are not the canonical spelling of what they hold. */
export function parseCanonical(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  refuseDeepNesting(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badInput('expected canonical JSON, found text that is not JSON');
  }
  if (!equalBytes(canonicalBytes(value), bytes)) {
    throw badInput('expected canonical JSON (RFC 8785), found another spelling of it');
  }
  return value;
}

function refuseDeepNesting(text: string): void {
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
