import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../signing/bytes.ts';
import { asDigest } from '../signing/digest.ts';
import { nobleEd25519 } from '../signing/ed25519.ts';
import { checkpointText, originOf, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { EMPTY_ROOT } from './merkle.ts';
import {
  formatNote,
  formatNoteKey,
  MAX_NOTE_SIGNATURES,
  noteKey,
  parseNote,
  parseNoteKey,
  signersOf,
  signNote,
} from './note.ts';
import { formatTlogProof, parseTlogProof } from './tlog-proof.ts';

const SECRET = new Uint8Array(32).fill(5);
const PUBLIC = nobleEd25519.publicKeyOf(SECRET);
const KEY = noteKey('example.com/log', PUBLIC);
const NOTE = signNote('one\n\ntwo\n', KEY.name, SECRET, nobleEd25519);
const ORIGIN = originOf(asDigest('ab'.repeat(32)));

// Typed in from C2SP signed-note.md, so that a clone without vectors is covered too.
const PUBLISHED_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const PUBLISHED_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

describe('signed notes', () => {
  test('the example of the specification verifies under its vkey', () => {
    const key = parseNoteKey(PUBLISHED_KEY);
    expect(signersOf(parseNote(utf8(PUBLISHED_NOTE)), [key], nobleEd25519)).toEqual([key]);
  });

  test('a note verifies under its key, and says nothing under another', () => {
    const note = parseNote(NOTE);
    expect(note.text).toBe('one\n\ntwo\n');
    expect(signersOf(note, [KEY], nobleEd25519)).toEqual([KEY]);
    expect(signersOf(note, [noteKey('example.com/other', PUBLIC)], nobleEd25519)).toEqual([]);
    expect(formatNote(note)).toEqual(NOTE);
  });

  test('no single byte of a note can be changed without losing its signer', () => {
    fc.assert(
      fc.property(fc.nat(NOTE.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = NOTE.map((byte, i) => (i === at ? byte ^ flip : byte));
        let signers = 0;
        try {
          signers = signersOf(parseNote(altered), [KEY], nobleEd25519).length;
        } catch {
          // refused outright
        }
        expect(signers).toBe(0);
      }),
    );
  });

  test('a vkey is read back as it was written, and refused with another id, kind or length', () => {
    expect(parseNoteKey(formatNoteKey(KEY))).toEqual(KEY);
    for (const vkey of [
      PUBLISHED_KEY.replace('530d903a', '530d903b'),
      PUBLISHED_KEY.replace('+Aek', '+Bek'),
      PUBLISHED_KEY.slice(0, -4),
      PUBLISHED_KEY.replace('example.com/foo', ''),
      PUBLISHED_KEY.replace('example.com/foo', 'two words'),
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
    ]) {
      expect(() => parseNoteKey(vkey), vkey).toThrow();
    }
  });

  test('a doubled signature, control characters, missing parts and too many signatures are refused', () => {
    const note = parseNote(NOTE);
    const doubled = formatNote({ ...note, signatures: [...note.signatures, ...note.signatures] });
    expect(() => signersOf(parseNote(doubled), [KEY], nobleEd25519)).toThrow(/found two/);
    const many = Array.from({ length: MAX_NOTE_SIGNATURES + 1 }, () => note.signatures).flat();
    expect(() => parseNote(formatNote({ ...note, signatures: many }))).toThrow(/at most 64/);
    for (const text of [
      '',
      '\n',
      'a\n',
      'a\n\n',
      'a\r\n\n— n AAAAAAA=\n',
      'a\n\n- n AAAAAAA=\n',
      'a\n\n— n AAAAAAB=\n',
    ]) {
      expect(() => parseNote(utf8(text)), JSON.stringify(text)).toThrow();
    }
  });
});

describe('checkpoints', () => {
  const checkpoint = { origin: ORIGIN, size: 70_000, root: EMPTY_ROOT };

  test('a checkpoint is read back as it was written and signed under its origin', () => {
    const note = parseNote(signCheckpoint(checkpoint, SECRET, nobleEd25519));
    expect(parseCheckpoint(note.text)).toEqual(checkpoint);
    expect(signersOf(note, [noteKey(ORIGIN, PUBLIC)], nobleEd25519)).toHaveLength(1);
  });

  test('leading zeroes, extension lines, short roots and missing lines are refused', () => {
    const text = checkpointText(checkpoint);
    for (const altered of [
      text.replace('70000', '070000'),
      text.replace('70000', '+70000'),
      text.replace('70000', ''),
      `${text}extension\n`,
      text.slice(0, -1),
      `\n${text}`,
      `${ORIGIN}\n1\nAAAA\n`,
    ]) {
      expect(() => parseCheckpoint(altered), JSON.stringify(altered)).toThrow();
    }
  });
});

describe('tlog-proofs', () => {
  const proof = { extra: utf8('{}'), index: 12, hashes: [EMPTY_ROOT, PUBLIC], checkpoint: NOTE };

  test('a proof is read back as it was written, with and without extra data', () => {
    expect(parseTlogProof(formatTlogProof(proof))).toEqual(proof);
    const plain = { ...proof, extra: undefined, hashes: [] };
    expect(parseTlogProof(formatTlogProof(plain))).toEqual(plain);
  });

  test('the text is the one the specification shows', () => {
    const text = new TextDecoder().decode(formatTlogProof({ ...proof, checkpoint: utf8('checkpoint\n') }));
    expect(text).toBe(
      'c2sp.org/tlog-proof@v1\nextra e30=\nindex 12\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n' +
        `${Buffer.from(toHex(PUBLIC), 'hex').toString('base64')}\n\ncheckpoint\n`,
    );
  });

  test('another header, index or hash is refused', () => {
    const text = new TextDecoder().decode(formatTlogProof(proof));
    for (const altered of [
      text.replace('@v1', '@v2'),
      text.replace('index 12', 'index 012'),
      text.replace('index 12', 'index -1'),
      text.replace('index 12\n', ''),
      text.replace('e30=', 'e31='),
      text.replace('47DE', '47D'),
      'c2sp.org/tlog-proof@v1\nindex 1\n',
    ]) {
      expect(() => parseTlogProof(utf8(altered)), altered).toThrow();
    }
  });
});
