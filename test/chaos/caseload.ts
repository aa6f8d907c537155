// Cases that come in all along, as people would submit them: one after the other, each a labelled sample under a subject
// of its own. Only what is acknowledged, by a proof that the submitter checked itself (protocol 8.3), counts; whatever is
// said else is "not yet", and the case may or may not be opened.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConclaveError } from '../../src/errors.ts';
import { Random } from '../../src/simulation/random.ts';
import { plainCase } from '../rigs/plain-case.ts';
import { type RunningCouncil, runCommand } from '../rigs/running-council.ts';
import { Clerk } from './clerk.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'evals', 'cases');
/** Two that should pass and two that must not; the last tries to talk the reviewer into it. */
const TAKEN = ['triage-assistant', 'customer-service', 'hiring-screener', 'skin-lesion-injected'] as const;
const SUBMIT_WITHIN_MS = 60_000;

export type Label = 'approve' | 'reject';

export interface Submission {
  readonly subject: string;
  readonly expected: Label;
  /** only when it is open, by a proof that was checked */
  readonly caseId: string | undefined;
  /** why not yet */
  readonly why: string | undefined;
  readonly tookMs: number;
}

export interface WrittenCase {
  readonly file: string;
  readonly subject: string;
  readonly expected: Label;
}

/** Writes case files that differ in their subject; their evidence is shared. */
export class CaseWriter {
  readonly #folder: string;
  readonly #random: Random;
  #written = 0;

  constructor(root: string, seed: number) {
    this.#folder = join(root, 'cases');
    this.#random = new Random(seed, 31);
    for (const sample of TAKEN) {
      mkdirSync(join(this.#folder, sample), { recursive: true });
      cpSync(join(SAMPLES, sample), join(this.#folder, sample), { recursive: true });
    }
  }

  write(sample: string = this.#random.pick(TAKEN)): WrittenCase {
    const number = ++this.#written;
    const text = readFileSync(join(this.#folder, sample, 'case.yaml'), 'utf8');
    const expected = /^expected: (approve|reject)$/m.exec(text)?.[1];
    if (expected !== 'approve' && expected !== 'reject') throw new Error(`${sample} has no label`);
    const subject = `${sample}-${number}`;
    const file = join(this.#folder, sample, `case-${number}.yaml`);
    writeFileSync(file, text.replace(/^subject: .*$/m, `subject: ${subject}`));
    return { file, subject, expected };
  }
}

/** A short case, for councils whose models are scripted. */
export function writePlainCase(root: string, subject: string): WrittenCase {
  const folder = join(root, 'cases');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${subject}.yaml`);
  writeFileSync(file, plainCase(subject));
  return { file, subject, expected: 'approve' };
}

/** By the command, as a person would. */
export async function submitByCommand(council: RunningCouncil, written: WrittenCase): Promise<Submission> {
  const began = performance.now();
  const to = ['--council', council.folder, '--redis', council.redisUrls, ...council.submitWords];
  const run = await runCommand(council.root, ['submit', written.file, ...to], SUBMIT_WITHIN_MS);
  const { caseId } = run.result;
  const acknowledged = run.exit === 0 && typeof caseId === 'string' ? caseId : undefined;
  return {
    ...labelOf(written),
    caseId: acknowledged,
    why: acknowledged === undefined ? `exit ${run.exit}: ${JSON.stringify(run.result)}` : undefined,
    tookMs: Math.round(performance.now() - began),
  };
}

export async function submitBy(clerk: Clerk, written: WrittenCase): Promise<Submission> {
  const began = performance.now();
  let answer: { readonly caseId?: string; readonly why?: string };
  try {
    const said = await clerk.submit(written.file, SUBMIT_WITHIN_MS);
    answer = said.acknowledged ? { caseId: said.caseId } : { why: said.why };
  } catch (error) {
    // A council that cannot be reached, or too few nodes of it: in words, and no acknowledgement.
    if (!(error instanceof ConclaveError) || error.code === 'internal') throw error;
    answer = { why: error.message };
  }
  const tookMs = Math.round(performance.now() - began);
  return { ...labelOf(written), caseId: answer.caseId, why: answer.why, tookMs };
}

function labelOf({ subject, expected }: WrittenCase): Pick<Submission, 'subject' | 'expected'> {
  return { subject, expected };
}

/** Submits until it is told to stop, so many clerks at a time. */
export class Caseload {
  readonly submissions: Submission[] = [];
  readonly writer: CaseWriter;
  readonly #council: RunningCouncil;
  readonly #log: (text: string) => void;
  readonly #everyMs: number;
  readonly #clerks: Clerk[] = [];
  #stopped = false;
  #going: Promise<void> = Promise.resolve();

  constructor(
    council: RunningCouncil,
    { seed, everyMs, log }: { seed: number; everyMs: number; log: (text: string) => void },
  ) {
    this.#council = council;
    this.writer = new CaseWriter(council.root, seed);
    this.#everyMs = everyMs;
    this.#log = log;
  }

  get acknowledged(): readonly Submission[] {
    return this.submissions.filter(({ caseId }) => caseId !== undefined);
  }

  /** False answers that the clerks found out. */
  get lies(): number {
    return this.#clerks.reduce((sum, clerk) => sum + clerk.lies.size, 0);
  }

  async begin(together = 2): Promise<void> {
    for (let i = 0; i < together; i++) this.#clerks.push(await Clerk.join(this.#council));
    this.#going = Promise.all(this.#clerks.map((clerk) => this.#keepSubmitting(clerk))).then(() => {});
    // Heard by whoever stops it.
    this.#going.catch(() => {});
  }

  /** Resolves when nothing is being submitted any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    try {
      await this.#going;
    } finally {
      await Promise.all(this.#clerks.map((clerk) => clerk.close()));
    }
  }

  async oneByCommand(): Promise<Submission> {
    return this.#note(await submitByCommand(this.#council, this.writer.write()));
  }

  #note(submission: Submission): Submission {
    this.submissions.push(submission);
    const { subject, caseId, why, tookMs } = submission;
    const said = caseId === undefined ? `not yet: ${why?.slice(0, 200)}` : 'acknowledged';
    this.#log(`          ${subject} ${said} after ${tookMs} ms`);
    return submission;
  }

  async #keepSubmitting(clerk: Clerk): Promise<void> {
    while (!this.#stopped) {
      const began = performance.now();
      this.#note(await submitBy(clerk, this.writer.write()));
      const restMs = this.#everyMs - (performance.now() - began);
      if (restMs > 0 && !this.#stopped) await delay(restMs);
    }
  }
}
