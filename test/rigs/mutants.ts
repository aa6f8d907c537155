// Certificates that are almost right, for `npm run mutations` and its short form in the tests: single bytes
// changed, lost, added and doubled, and values of the JSON inside changed with everything around them encoded
// again as it should be. What a thinking attacker would try stands in forgeries.ts.
import {
  type CertificateFile,
  formatEnvelope,
  formatQuorum,
  formatRosters,
  parseCertificate,
} from '../../src/ledger/certificate.ts';
import { formatTlogProof, parseTlogProof } from '../../src/ledger/tlog-proof.ts';
import { textOf, toHex, utf8 } from '../../src/signing/bytes.ts';
import { canonicalBytes, canonicalText } from '../../src/signing/canonical.ts';

export interface Papers {
  readonly certificate: Uint8Array;
  readonly proof: Uint8Array;
}

export interface Mutant extends Papers {
  readonly name: string;
}

/** A whole number from 0 up to, not including, `below`; seeded, so that every run is the same. */
export type Pick = (below: number) => number;

export function seededPick(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Change = (bytes: Uint8Array, pick: Pick) => Uint8Array;

const BYTE_CHANGES: Readonly<Record<string, Change>> = {
  'byte changed': (bytes, pick) => {
    const at = pick(bytes.length);
    const flip = 1 + pick(255);
    return bytes.map((byte, i) => (i === at ? byte ^ flip : byte));
  },
  'character changed': (bytes, pick) => {
    const at = pick(bytes.length);
    const character = 0x20 + pick(95);
    return bytes.map((byte, i) => (i === at ? (byte === character ? byte ^ 1 : character) : byte));
  },
  'byte lost': (bytes, pick) => {
    const at = pick(bytes.length);
    return bytes.filter((_, i) => i !== at);
  },
  'byte added': (bytes, pick) => {
    const at = pick(bytes.length + 1);
    return Uint8Array.from([...bytes.subarray(0, at), pick(256), ...bytes.subarray(at)]);
  },
  'byte doubled': (bytes, pick) => {
    const at = pick(bytes.length);
    return Uint8Array.from([...bytes.subarray(0, at + 1), ...bytes.subarray(at)]);
  },
  'end cut off': (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
};

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One value somewhere inside is changed, dropped, doubled or swapped with its neighbour. */
function changedJson(value: Json, pick: Pick): Json {
  if (Array.isArray(value) && value.length > 0 && pick(3) > 0) {
    const at = pick(value.length);
    return value.map((item: Json, i) => (i === at ? changedJson(item, pick) : item));
  }
  if (Array.isArray(value)) {
    const at = pick(value.length + 1);
    const kind = pick(4);
    if (kind === 0) return value.filter((_, i) => i !== at);
    if (kind === 1) return value.flatMap((item: Json, i) => (i === at ? [item, item] : [item]));
    if (kind === 2) return [...value.slice(0, at), 0, ...value.slice(at)];
    return [...value.slice(at), ...value.slice(0, at)];
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    const at = pick(entries.length);
    const kind = pick(12);
    if (kind === 0) return Object.fromEntries(entries.filter((_, i) => i !== at));
    if (kind === 1) return Object.fromEntries([...entries, ['extra', 1]]);
    return Object.fromEntries(
      entries.map(([key, item], i) => [key, i === at ? changedJson(item, pick) : item]),
    );
  }
  if (typeof value === 'string') return changedText(value, pick);
  if (typeof value === 'number') return value + (pick(2) === 0 ? 1 : -1);
  return typeof value === 'boolean' ? !value : 0;
}

function changedText(text: string, pick: Pick): string {
  if (text.length === 0) return '0';
  const at = pick(text.length);
  const alphabet = '0123456789abcdefABCDEF+/=xyz';
  const other = alphabet.charAt(pick(alphabet.length));
  return text.slice(0, at) + (other === text.charAt(at) ? '' : other) + text.slice(at + 1);
}

function parseJson(bytes: Uint8Array): Json {
  return JSON.parse(textOf(bytes));
}

/** The certificate with one value inside changed, its payload included, and all of it spelled canonically. */
function changedCertificate(certificate: Uint8Array, pick: Pick): Uint8Array {
  const lines = textOf(certificate).split('\n').slice(0, -1);
  const which = pick(lines.length + 1);
  if (which === lines.length) {
    const file = parseCertificate(certificate);
    const payload = canonicalBytes(changedJson(parseJson(file.payload), pick));
    return formatted({ ...file, payload });
  }
  const changed = lines.map((line, i) =>
    i === which ? canonicalText(changedJson(JSON.parse(line), pick)) : line,
  );
  return utf8(changed.map((line) => `${line}\n`).join(''));
}

function changedProof(bytes: Uint8Array, pick: Pick): Uint8Array {
  const proof = parseTlogProof(bytes);
  const kind = pick(5);
  if (kind === 0)
    return formatTlogProof({ ...proof, index: Math.max(0, proof.index + (pick(2) === 0 ? 1 : -1)) });
  if (kind === 1) {
    const at = pick(proof.hashes.length);
    return formatTlogProof({ ...proof, hashes: proof.hashes.filter((_, i) => i !== at) });
  }
  if (kind === 2) {
    const at = pick(proof.hashes.length);
    return formatTlogProof({
      ...proof,
      hashes: [...proof.hashes.slice(at + 1), ...proof.hashes.slice(0, at + 1)],
    });
  }
  const extra = canonicalBytes(changedJson(parseJson(proof.extra ?? utf8('{}')), pick));
  return formatTlogProof({ ...proof, extra });
}

/** The next mutant; never the papers themselves. */
export function nextMutant(papers: Papers, pick: Pick): Mutant {
  const of = pick(2) === 0 ? 'certificate' : 'proof';
  const kinds = [...Object.entries(BYTE_CHANGES), ['value changed', undefined] as const];
  const [kind, change] = kinds[pick(kinds.length)] ?? ['value changed', undefined];
  const structured = of === 'certificate' ? changedCertificate : changedProof;
  const mutated = { ...papers, [of]: (change ?? structured)(papers[of], pick) };
  const same = toHex(mutated[of]) === toHex(papers[of]);
  return same ? nextMutant(papers, pick) : { ...mutated, name: `${of}: ${kind}` };
}

export const formatted = ({ payload, signatures, quorum, rosters }: CertificateFile): Uint8Array =>
  utf8(formatEnvelope(payload, signatures) + formatQuorum(quorum) + formatRosters(rosters));
