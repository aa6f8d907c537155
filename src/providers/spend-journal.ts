// What calls may cost and did cost, kept as JSON lines, a file a day, so that a day's limit holds across runs and for
// several processes at once. A call is written down at its worst before it is sent and at what it came to afterwards.
// Lines are appended whole, and everyone reads them in the order of the file: of two processes that promise the last
// cent, the one whose line stands first has it. A process that dies in between leaves the worst standing.
import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ConclaveError } from '../errors.ts';
import { asSeatId, MAX_SEATS } from '../signing/seat-id.ts';

/** What a case cost on days before these is forgotten. */
const DAYS_READ = 7;
/** A day of a hundred thousand calls. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Of damage to one file, so that a file of rubbish does not flood whoever listens. */
const MAX_SAID = 10;
const FILE_NAME = /^spend-(\d{4}-\d{2}-\d{2})\.jsonl$/;

const name = z.string().min(1).max(200);
const chargeSchema = z
  .strictObject({
    /** promised at its worst; not sent after all; billed */
    kind: z.enum(['reserved', 'refused', 'settled']),
    id: name,
    at: z.iso.datetime(),
    caseId: name,
    seat: z.int().min(1).max(MAX_SEATS).transform(asSeatId),
    provider: name,
    host: name,
    model: name,
    /** billionths of a USD: whole numbers add up without error */
    nanoUsd: z.int().min(0),
    /** whether the maker said so; else it is the most that it can have been */
    certain: z.boolean(),
  })
  .readonly();

export type Charge = z.infer<typeof chargeSchema>;

export interface SpendJournalOptions {
  /** undefined: kept in memory only */
  readonly directory?: string | undefined;
}

interface Reading {
  offset: number;
  line: number;
  /** the beginning of a line whose end is not there yet */
  rest: Buffer;
  said: number;
}

export class SpendJournal {
  readonly #directory: string | undefined;
  readonly #say: (trouble: string) => void;
  readonly #readings = new Map<string, Reading>();
  readonly #inMemory: Charge[] = [];

  constructor({ directory }: SpendJournalOptions, { say }: { readonly say: (trouble: string) => void }) {
    this.#directory = directory;
    this.#say = say;
  }

  /** The days that are still of interest on a day, oldest first. */
  days(today: string): readonly string[] {
    if (this.#directory === undefined) return [today];
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const kept = readdirSync(this.#directory).flatMap((file) => FILE_NAME.exec(file)?.[1] ?? []);
    return [...new Set([...kept, today])]
      .filter((day) => day <= today)
      .sort()
      .slice(-DAYS_READ);
  }

  append(charge: Charge): void {
    if (this.#directory === undefined) {
      this.#inMemory.push(charge);
      return;
    }
    const day = dayOf(charge);
    // A line that broke off stays alone; ours begins on a new one.
    const torn = (this.#readings.get(day)?.rest.length ?? 0) > 0 ? '\n' : '';
    appendFileSync(this.#file(day), `${torn}${JSON.stringify(charge)}\n`, { mode: 0o600 });
  }

  /** What has been written on a day since the last look, by anyone, in the order of the file. */
  news(day: string): readonly Charge[] {
    if (this.#directory === undefined) return this.#inMemory.splice(0);
    const reading = this.#readings.get(day) ?? { offset: 0, line: 0, rest: Buffer.alloc(0), said: 0 };
    this.#readings.set(day, reading);
    const bytes = added(this.#file(day), reading.offset);
    reading.offset += bytes.length;
    const all = Buffer.concat([reading.rest, bytes]);
    const end = all.lastIndexOf(0x0a) + 1;
    reading.rest = all.subarray(end);
    const lines = all.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    return lines.flatMap((line) => this.#read(line, day, reading));
  }

  #read(line: string, day: string, reading: Reading): readonly Charge[] {
    reading.line++;
    if (line === '') return [];
    const charge = parse(line);
    if (charge !== undefined && dayOf(charge) === day) return [charge];
    if (++reading.said <= MAX_SAID) {
      const rest = reading.said === MAX_SAID ? '; no more is said about this file' : '';
      this.#say(`${this.#file(day)}, line ${reading.line}: no record of a call, left out of account${rest}`);
    }
    return [];
  }

  #file(day: string): string {
    return join(this.#directory ?? '', `spend-${day}.jsonl`);
  }
}

/** In UTC, wherever it is kept. */
export function dayOf({ at }: Pick<Charge, 'at'>): string {
  return at.slice(0, 10);
}

function parse(line: string): Charge | undefined {
  try {
    return chargeSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** The bytes of a file from somewhere on; none where there is no file. */
function added(file: string, offset: number): Buffer {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const { size } = fstatSync(opened);
    if (size > MAX_FILE_BYTES) {
      throw new ConclaveError('storage', `${file} has more than ${MAX_FILE_BYTES} bytes: move it away`);
    }
    if (size < offset) {
      throw new ConclaveError('storage', `${file} has become shorter while it was in use`);
    }
    const bytes = Buffer.alloc(size - offset);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(opened, bytes, length, bytes.length - length, offset + length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(opened);
  }
}
