// One recorded call as a file: what it holds, what it is called, and what is struck out before it is written.
import { join } from 'node:path';
import * as z from 'zod';
import { badInput } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import { asSeatId, MAX_SEATS } from '../signing/seat-id.ts';
import type { ProviderErrorCode, Question } from './contract.ts';
import { keptAnswerSchema, readKeptFile } from './kept-file.ts';

export const MAX_RECORDINGS = 20_000;
/** So much of a key tells two questions of a seat apart. */
const KEY_DIGITS = 16;
const STRUCK_OUT = '***';
const FILE_NAME = /^seat-\d+-[0-9a-f]{16}-\d+\.json$/;

const CODES: Readonly<Record<ProviderErrorCode, true>> = {
  timeout: true,
  cancelled: true,
  refusal: true,
  'content-filter': true,
  truncated: true,
  malformed: true,
  'rate-limit': true,
  quota: true,
  auth: true,
  rejected: true,
  server: true,
  'over-budget': true,
  'too-long': true,
  silent: true,
};

const name = z.string().max(1000);
const code = z.custom<ProviderErrorCode>(
  (value) => typeof value === 'string' && Object.hasOwn(CODES, value),
  'expected why there was no answer',
);

const recordingSchema = z
  .strictObject({
    version: z.literal(1),
    seat: z.int().min(1).max(MAX_SEATS).transform(asSeatId),
    key: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'),
    /** the first, second, … time that this was asked */
    call: z.int().min(1).max(MAX_RECORDINGS),
    question: z
      .strictObject({
        provider: name,
        host: name,
        model: name,
        lens: name,
        stance: name,
        strictness: name,
        caseType: name,
        sampling: z.strictObject({
          temperature: z.number(),
          seed: z.exactOptional(z.int()),
          maxTokens: z.int(),
        }),
        prompt: z.strictObject({
          system: z.string(),
          user: z.string(),
          schema: z.record(z.string(), z.unknown()),
        }),
      })
      .readonly(),
    answer: z.exactOptional(keptAnswerSchema),
    error: z.exactOptional(z.strictObject({ code, message: z.string().max(10_000) }).readonly()),
  })
  .refine(
    ({ answer, error }) => (answer === undefined) !== (error === undefined),
    'expected either "answer" or "error"',
  )
  .readonly();

export type Recording = z.infer<typeof recordingSchema>;

/** Refuses, by name, what is malformed or lies under another's name. */
export function readRecording(folder: string, file: string): Recording {
  const path = join(folder, file);
  const recording = readKeptFile(path, recordingSchema, 'recording');
  const expected = recordingName(recording);
  if (file === expected) return recording;
  throw badInput(`recording: expected it to be called ${expected}, as it says`, { file: path });
}

export function isRecordingName(file: string): boolean {
  return FILE_NAME.test(file);
}

/** Without what became of it. */
export function recordingOf(question: Question, key: Digest, call: number): Recording {
  const { seat, backing, prompt, sampling, lens, stance, strictness, caseType } = question;
  const { provider, host, model } = backing;
  const { system, user, schema } = prompt;
  return {
    version: 1,
    seat,
    key,
    call,
    question: {
      provider,
      host,
      model,
      lens,
      stance,
      strictness,
      caseType,
      sampling,
      prompt: { system, user, schema },
    },
  };
}

export function recordingName({ seat, key, call }: Pick<Recording, 'seat' | 'key' | 'call'>): string {
  return `seat-${String(seat).padStart(2, '0')}-${key.slice(0, KEY_DIGITS)}-${call}.json`;
}

/** The text of a recording without any secret; throws rather than give one out. */
export function struckOut(recording: Recording, secrets: readonly string[]): string {
  // The longest first, so that none is left over because a part of it was struck out before.
  const known = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  const text = `${JSON.stringify(cleaned(recording, known), null, 2)}\n`;
  for (const secret of known) {
    if (text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))) {
      throw new Error('a secret could not be struck out of it');
    }
  }
  return text;
}

/** Bounded by what JSON.stringify itself bears; questions are of our own making. */
function cleaned(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    return secrets.reduce((text, secret) => text.replaceAll(secret, STRUCK_OUT), value);
  }
  if (Array.isArray(value)) return value.map((item) => cleaned(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [cleaned(key, secrets), cleaned(field, secrets)]),
  );
}
