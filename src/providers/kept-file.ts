// Files of our own that are kept for another run: answers that were paid for. Written whole or not at all, for nobody
// else to read, and read as strictly as what people hand us, with the file's name in every fault. Unlike files that
// people write they may hold any character: a model's answer is kept exactly as it came.
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { badInput } from '../errors.ts';
import type { Answer } from './contract.ts';
import { readBounded } from './text-file.ts';
import { conform } from './written-document.ts';

/** A question with a long dossier, and its answer. */
export const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** What a write that was cut short may leave behind. */
export const UNFINISHED = '.unfinished-';

const tokens = z.int().min(0);

/** What is kept of an answer: all but where it came from, which is another place when it is read again. */
export const keptAnswerSchema = z
  .strictObject({
    text: z.string(),
    model: z.string(),
    usage: z.exactOptional(z.strictObject({ inputTokens: tokens, outputTokens: tokens }).readonly()),
    requestId: z.exactOptional(z.string()),
  })
  .readonly();

export type KeptAnswer = z.infer<typeof keptAnswerSchema>;

export function keptAnswer({ text, model, usage, requestId }: Answer): KeptAnswer {
  return {
    text,
    model,
    ...(usage === undefined ? {} : { usage }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

export function makeKeptFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Replaces a whole file. Not synced: a crash of the machine may lose what can be asked for again. */
export function writeKeptFile(file: string, text: string): void {
  const unfinished = join(dirname(file), `${UNFINISHED}${randomUUID()}`);
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

export function readKeptFile<T>(file: string, schema: z.ZodType<T>, name: string): T {
  const bytes = readBounded(file, MAX_KEPT_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badInput(`${name}: expected JSON`, { file });
  }
  return conform({ file, value, lineOf: () => undefined }, schema, name);
}
