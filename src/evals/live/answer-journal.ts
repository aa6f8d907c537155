// Answers of seats to an eval, a JSON line each, written the moment they are there, so that a run that is killed and started again
// asks nothing twice. A line that broke off with the process is dropped and said. Failures are kept too; those that may well not
// happen again are asked again. While it is open no other run may have it open: both would ask and pay for the same. In here stand
// words of models about cases: for the owner only.
import { appendFileSync, createReadStream, mkdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type Ballot, ballotOf } from '../../council/ballot.ts';
import { badInput, ConclaveError, reasonOf } from '../../errors.ts';
import { type DirectoryLock, lockDirectory } from '../../node/directory-lock.ts';
import { utf8 } from '../../signing/bytes.ts';
import { type Digest, digestOfBytes, isDigest } from '../../signing/digest.ts';

export interface SeatAnswer {
  /** of what was asked, of whom, and which time it was */
  readonly key: Digest;
  readonly ballot: Ballot;
  readonly rationale: string;
  /** by criterion */
  readonly reasons: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** what says that it answered */
  readonly servedBy: string | null;
  readonly costUsd: number | null;
}

const JOURNAL_FILE = 'answers.jsonl';
/** Beside it: who has it open. */
const LOCK_FOLDER = 'running';
const HEAD = JSON.stringify({ kind: 'conclave-eval-answers', version: 1 });
/** The longest rationale and as much again in reasons, every character spelled as six. */
const MAX_LINE_BYTES = 2 * 1024 * 1024;
/** A million answers of a few kilobytes. */
const MAX_JOURNAL_BYTES = 4 * 1024 * 1024 * 1024;
/** Of damage, so that a file of rubbish does not flood whoever listens. */
const MAX_SAID = 10;

const answerSchema = z
  .strictObject({
    key: z.custom<Digest>(isDigest),
    ballot: z.unknown(),
    rationale: z.string(),
    reasons: z.record(z.string(), z.string()).readonly(),
    flags: z.array(z.string()).readonly(),
    servedBy: z.string().nullable(),
    costUsd: z.number().min(0).nullable(),
  })
  .readonly();

/** Reasons of an abstention that need not be there the next time: no answer in time, out of reach, not paid for. */
const PASSING: ReadonlySet<string> = new Set([
  'timeout',
  'rate-limit',
  'server',
  'over-budget',
  'quota',
  'auth',
  'unexpected',
]);

export function isWorthAskingAgain({ ballot }: SeatAnswer): boolean {
  return ballot.reason !== null && PASSING.has(ballot.reason);
}

export interface JournalOptions {
  /** undefined: kept in memory only */
  readonly directory: string | undefined;
  /** goes on where an earlier run ended */
  readonly resume: boolean;
}

export interface JournalDependencies {
  /** hears of what was dropped */
  readonly say: (trouble: string) => void;
}

/** To be closed by whoever opened it. */
export async function openJournal(
  { directory, resume }: JournalOptions,
  { say }: JournalDependencies,
): Promise<AnswerJournal> {
  if (directory === undefined) return new AnswerJournal(undefined, new Map());
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // A run that was killed releases nothing; whoever comes next finds its process gone and takes the lock over.
  const lock = lockDirectory(
    join(directory, LOCK_FOLDER),
    (pid) => `another run of this suite is asking (process ${pid}); wait for it, or stop it`,
  );
  const file = join(directory, JOURNAL_FILE);
  try {
    return new AnswerJournal(file, await keptAnswers(file, resume, say), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Without `resume`, answers that were paid for are never thrown away; those of a stand-in are, and it is said. */
async function keptAnswers(
  file: string,
  resume: boolean,
  say: (trouble: string) => void,
): Promise<Map<Digest, SeatAnswer>> {
  const kept = await readJournal(file, say);
  if (kept.size > 0 && !resume) {
    const paid = [...kept.values()].filter(({ ballot }) => ballot.provenance === 'live').length;
    if (paid > 0) {
      throw new ConclaveError(
        'usage',
        `${file} holds ${paid} answers of models from an earlier run: go on with it (--resume), or move the file away to ask everything anew`,
      );
    }
    say(`${file}: ${kept.size} answers of an earlier run that no model gave are dropped; all is asked anew`);
    kept.clear();
    rmSync(file);
  }
  return kept;
}

export class AnswerJournal {
  readonly #file: string | undefined;
  readonly #kept: Map<Digest, SeatAnswer>;
  #lock: DirectoryLock | undefined;
  #begun: boolean;

  constructor(file: string | undefined, kept: Map<Digest, SeatAnswer>, lock?: DirectoryLock) {
    this.#file = file;
    this.#kept = kept;
    this.#lock = lock;
    this.#begun = file === undefined || statSync(file, { throwIfNoEntry: false }) !== undefined;
  }

  answerTo(key: Digest): SeatAnswer | undefined {
    return this.#kept.get(key);
  }

  keep(answer: SeatAnswer): void {
    this.#kept.set(answer.key, answer);
    if (this.#file === undefined) return;
    const head = this.#begun ? '' : `${HEAD}\n`;
    try {
      // Killed before this, the answer is asked for again; within it, the line is torn and dropped; after it, it is kept.
      appendFileSync(this.#file, `${head}${JSON.stringify(answer)}\n`, { mode: 0o600 });
    } catch (error) {
      throw new ConclaveError('storage', `an answer could not be kept in ${this.#file}: ${reasonOf(error)}`);
    }
    this.#begun = true;
  }

  /** From now on another run may have it. */
  close(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}

async function readJournal(file: string, say: (trouble: string) => void): Promise<Map<Digest, SeatAnswer>> {
  const kept = new Map<Digest, SeatAnswer>();
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return kept;
  if (stat.size > MAX_JOURNAL_BYTES)
    throw badInput(`expected at most ${MAX_JOURNAL_BYTES} bytes of answers, found ${stat.size}`, { file });
  let rest = Buffer.alloc(0);
  let line = 0;
  let whole = 0;
  let damaged = 0;
  for await (const chunk of createReadStream(file)) {
    rest = Buffer.concat([rest, chunk]);
    const end = rest.lastIndexOf(0x0a) + 1;
    for (const text of rest.subarray(0, end).toString('utf8').split('\n').slice(0, -1)) {
      line++;
      if (line === 1) refuseOther(text, file);
      else {
        const answer = answerOf(text);
        if (answer !== undefined) kept.set(answer.key, answer);
        else if (++damaged <= MAX_SAID) say(`${file}, line ${line}: damaged, so it is asked again`);
      }
    }
    whole += end;
    rest = rest.subarray(end);
    if (rest.length > MAX_LINE_BYTES)
      throw badInput('expected an answer a line, found a line without end', { file, line: line + 1 });
  }
  if (rest.length > 0) {
    if (line === 0) refuseOther(HEAD.startsWith(rest.toString('utf8')) ? HEAD : '', file);
    say(`${file}, line ${line + 1}: broke off in the middle, so it is dropped and asked again`);
    // Cut off, or the next answer would be glued to it.
    if (whole === 0) rmSync(file);
    else truncateSync(file, whole);
  }
  return kept;
}

function refuseOther(head: string, file: string): void {
  if (head !== HEAD) throw badInput(`expected answers to an eval, beginning with ${HEAD}`, { file, line: 1 });
}

function answerOf(text: string): SeatAnswer | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = answerSchema.safeParse(value);
  const ballot = read.success ? ballotOf(read.data.ballot) : undefined;
  if (!read.success || ballot === undefined) return undefined;
  // The ballot names its rationale by digest: what was changed since does not go unnoticed.
  const isWhole = digestOfBytes(utf8(read.data.rationale)) === ballot.rationale;
  return isWhole ? { ...read.data, ballot } : undefined;
}
