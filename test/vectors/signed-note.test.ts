// Signed notes and verifier keys that C2SP and golang.org/x/mod publish, and the checkpoints of a real log.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { parseCheckpoint } from '../../src/ledger/checkpoint.ts';
import {
  formatNote,
  formatNoteKey,
  parseNote,
  parseNoteKey,
  signersOf,
  signNote,
} from '../../src/ledger/note.ts';
import { fromBase64, utf8 } from '../../src/signing/bytes.ts';
import { nobleEd25519 } from '../../src/signing/ed25519.ts';

const VECTORS = join(import.meta.dirname, '../../../shared/vectors');
const NOTES = join(VECTORS, 'signed-note');
const LOG = join(VECTORS, 'tlog-tiles-tessera/testdata/log');
const LOG_KEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

const json = (file: string): unknown => JSON.parse(readFileSync(join(NOTES, file), 'utf8'));

const notes = z.array(
  z.object({
    source: z.string(),
    vkey: z.string().optional(),
    vkeys: z.array(z.string()).optional(),
    note: z.string(),
    valid: z.boolean(),
  }),
);

describe.skipIf(!existsSync(NOTES))('published signed notes (skipped without ../shared)', () => {
  test('every note verifies under each of its keys and is written back as it was', () => {
    for (const { source, vkey, vkeys, note, valid } of notes.parse(json('signed-note.json'))) {
      const keys = [...(vkeys ?? []), ...(vkey === undefined ? [] : [vkey])].map(parseNoteKey);
      const parsed = parseNote(utf8(note));
      expect(signersOf(parsed, keys, nobleEd25519).length === keys.length, source).toBe(valid);
      expect(formatNote(parsed)).toEqual(utf8(note));
    }
  });

  test('of the Go keys the two good ones are read and the two bad ones refused', () => {
    const { vkeys, skeys } = z
      .object({ vkeys: z.array(z.string()), skeys: z.array(z.string()) })
      .parse(json('go-note-vkeys.json'));
    const read = vkeys.filter((vkey) => {
      try {
        return formatNoteKey(parseNoteKey(vkey)) === vkey;
      } catch {
        return false;
      }
    });
    expect(read).toEqual([vkeys[0], vkeys[2]]);
    const secret = fromBase64(skeys[0]?.split('+').slice(4).join('+') ?? '').subarray(1);
    const note = signNote('text\n', 'PeterNeumann', secret, nobleEd25519);
    expect(signersOf(parseNote(note), [parseNoteKey(read[1] ?? '')], nobleEd25519)).toHaveLength(1);
  });
});

describe.skipIf(!existsSync(LOG))('checkpoints made by Tessera (skipped without ../shared)', () => {
  test('every one verifies under the log key', () => {
    const key = parseNoteKey(LOG_KEY);
    const files = readdirSync(LOG).filter((name) => name.startsWith('checkpoint'));
    for (const file of files) {
      const note = parseNote(readFileSync(join(LOG, file)));
      expect(signersOf(note, [key], nobleEd25519), file).toHaveLength(1);
      const { origin, size } = parseCheckpoint(note.text);
      expect(origin).toBe('example.com/log/testdata');
      if (file !== 'checkpoint') expect(`checkpoint.${size}`).toBe(file);
    }
    expect(files.length).toBeGreaterThan(10);
  });
});
