// Answers that were paid for, kept on disk so that the same question is not paid for twice. Only answers: a failure is
// never kept. They are marked `recorded` when they are given again, since that is where they then come from (protocol
// 4.3). Inside the runner and around the budget, so that the model that really answered is part of the key, a kept
// answer costs nothing, and no key or budget is needed for it.
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { reasonOf } from '../errors.ts';
import type { Digest } from '../signing/digest.ts';
import type { Answer, Provider, Question } from './contract.ts';
import {
  type KeptAnswer,
  keptAnswer,
  keptAnswerSchema,
  makeKeptFolder,
  readKeptFile,
  writeKeptFile,
} from './kept-file.ts';
import { digestOfTexts, questionKey } from './question-key.ts';

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_ANSWERS = 20_000;
/** How much is left when room is made, so that it is not made again at once. */
const LEFT_SHARE = 0.9;
/** The folders that answers are spread over, by the beginning of their keys. */
const SHARD_DIGITS = 2;

const keptSchema = z
  .strictObject({ version: z.literal(1), key: z.string(), answer: keptAnswerSchema, digest: z.string() })
  .readonly();

export interface AnswerCacheOptions {
  readonly directory: string;
  /** which asking of the same question it is, where it is asked several times on purpose */
  readonly repetition?: number;
  readonly maxBytes?: number;
  readonly maxAnswers?: number;
}

export interface AnswerCacheDependencies {
  readonly provider: Provider;
  /** hears of damage and of what could not be kept */
  readonly say?: (trouble: string) => void;
}

export function answerCache(options: AnswerCacheOptions, dependencies: AnswerCacheDependencies): Provider {
  const { repetition = 0 } = options;
  const { provider, say = () => {} } = dependencies;
  const shelf = new Shelf(options, say);
  return {
    name: provider.name,
    provenance: provider.provenance,
    ask: async (question, signal) => {
      const key = keyOf(question, repetition);
      const known = signal?.aborted === true ? undefined : shelf.get(key);
      if (known !== undefined) return { ...known, provenance: 'recorded' };
      const answer = await provider.ask(question, signal);
      shelf.put(key, answer);
      return answer;
    },
  };
}

function keyOf(question: Question, repetition: number): Digest {
  return digestOfTexts([questionKey(question), repetition]);
}

function digestOfAnswer({ text, model, usage, requestId }: KeptAnswer): Digest {
  return digestOfTexts([
    text,
    model,
    usage?.inputTokens ?? null,
    usage?.outputTokens ?? null,
    requestId ?? null,
  ]);
}

class Shelf {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #maxAnswers: number;
  readonly #say: (trouble: string) => void;
  /** what is there, as far as this process knows; undefined until something is added */
  #held: { bytes: number; answers: number } | undefined;

  constructor(
    { directory, maxBytes = MAX_BYTES, maxAnswers = MAX_ANSWERS }: AnswerCacheOptions,
    say: (trouble: string) => void,
  ) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
    this.#maxAnswers = maxAnswers;
    this.#say = say;
  }

  get(key: Digest): KeptAnswer | undefined {
    const file = this.#file(key);
    if (!existsSync(file)) return undefined;
    try {
      const kept = readKeptFile(file, keptSchema, 'kept answer');
      if (kept.key !== key || kept.digest !== digestOfAnswer(kept.answer)) throw new Error('it is damaged');
      // The answers that nobody asks for go first.
      utimesSync(file, new Date(), new Date());
      return kept.answer;
    } catch (error) {
      this.#say(`${file} is not used: ${reasonOf(error)}`);
      return undefined;
    }
  }

  put(key: Digest, given: Answer): void {
    const answer = keptAnswer(given);
    try {
      const kept = JSON.stringify({ version: 1, key, answer, digest: digestOfAnswer(answer) });
      const bytes = Buffer.byteLength(kept);
      if (bytes > this.#maxBytes) return;
      const file = this.#file(key);
      makeKeptFolder(join(this.#directory, key.slice(0, SHARD_DIGITS)));
      writeKeptFile(file, kept);
      this.#held = this.#held === undefined ? heldIn(this.#files()) : added(this.#held, bytes);
      if (this.#held.bytes > this.#maxBytes || this.#held.answers > this.#maxAnswers) this.#makeRoom();
    } catch (error) {
      // The answer is there; that it will be paid for again is no reason to lose it.
      this.#say(`an answer could not be kept in ${this.#directory}: ${reasonOf(error)}`);
    }
  }

  #makeRoom(): void {
    const files = this.#files().sort((a, b) => b.usedMs - a.usedMs);
    let bytes = 0;
    let answers = 0;
    for (const { file, size } of files) {
      const fits =
        bytes + size <= this.#maxBytes * LEFT_SHARE &&
        answers + 1 <= Math.max(1, this.#maxAnswers * LEFT_SHARE);
      if (fits) {
        bytes += size;
        answers++;
      } else rmSync(file, { force: true });
    }
    this.#held = { bytes, answers };
  }

  #files(): HeldFile[] {
    return namesIn(this.#directory)
      .filter((shard) => /^[0-9a-f]{2}$/.test(shard))
      .flatMap((shard) =>
        namesIn(join(this.#directory, shard)).map((name) => join(this.#directory, shard, name)),
      )
      .flatMap((file) => {
        const stat = statSync(file, { throwIfNoEntry: false });
        return stat === undefined ? [] : [{ file, size: stat.size, usedMs: stat.mtimeMs }];
      });
  }

  #file(key: Digest): string {
    return join(this.#directory, key.slice(0, SHARD_DIGITS), `${key}.json`);
  }
}

interface HeldFile {
  readonly file: string;
  readonly size: number;
  readonly usedMs: number;
}

function heldIn(files: readonly HeldFile[]): { bytes: number; answers: number } {
  return { bytes: files.reduce((sum, { size }) => sum + size, 0), answers: files.length };
}

function added(held: { bytes: number; answers: number }, bytes: number): { bytes: number; answers: number } {
  return { bytes: held.bytes + bytes, answers: held.answers + 1 };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
