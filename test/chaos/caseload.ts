// Cases that come in all along, as people would submit them: by the command, one after the other, each a labelled sample
// under a subject of its own. Only what the command acknowledges, having checked the proof itself (protocol 8.3), counts
// as acknowledged; whatever it says else is "not yet", and the case may or may not be opened.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../src/simulation/random.ts';
import { type CommandRun, type RunningCouncil, runCommand } from '../rigs/running-council.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'evals', 'cases');
/** Two that should pass and two that must not; the last tries to talk the reviewer into it. */
const TAKEN = ['triage-assistant', 'customer-service', 'hiring-screener', 'skin-lesion-injected'] as const;
const SUBMIT_WITHIN_MS = 60_000;

export type Label = 'approve' | 'reject';

export interface Submission {
  readonly number: number;
  readonly subject: string;
  readonly expected: Label;
  readonly run: CommandRun;
  /** only when the command says that it is open, and has seen the proof */
  readonly caseId: string | undefined;
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

export async function submit(council: RunningCouncil, written: WrittenCase, number = 0): Promise<Submission> {
  const began = performance.now();
  const words = ['submit', written.file, '--council', council.folder, '--redis', council.redisUrls];
  const run = await runCommand(council.root, words, SUBMIT_WITHIN_MS);
  const tookMs = Math.round(performance.now() - began);
  const { caseId } = run.result;
  const acknowledged = run.exit === 0 && typeof caseId === 'string' ? caseId : undefined;
  const { subject, expected } = written;
  return { number, subject, expected, run, caseId: acknowledged, tookMs };
}

/** Submits until it is told to stop, so many commands at a time. */
export class Caseload {
  readonly submissions: Submission[] = [];
  readonly #council: RunningCouncil;
  readonly #writer: CaseWriter;
  readonly #log: (text: string) => void;
  readonly #everyMs: number;
  #stopped = false;
  #going: Promise<void> = Promise.resolve();

  constructor(
    council: RunningCouncil,
    { seed, everyMs, log }: { seed: number; everyMs: number; log: (text: string) => void },
  ) {
    this.#council = council;
    this.#writer = new CaseWriter(council.root, seed);
    this.#everyMs = everyMs;
    this.#log = log;
  }

  get acknowledged(): readonly Submission[] {
    return this.submissions.filter(({ caseId }) => caseId !== undefined);
  }

  begin(together = 2): void {
    this.#going = Promise.all(Array.from({ length: together }, () => this.#keepSubmitting())).then(() => {});
  }

  /** Resolves when no command is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#going;
  }

  async one(): Promise<Submission> {
    const written = this.#writer.write();
    const submission = await submit(this.#council, written, this.submissions.length + 1);
    this.submissions.push(submission);
    const { subject, caseId, run, tookMs } = submission;
    const said =
      caseId === undefined ? `not yet: ${JSON.stringify(run.result).slice(0, 200)}` : 'acknowledged';
    this.#log(`          ${subject} ${said} after ${tookMs} ms`);
    return submission;
  }

  async #keepSubmitting(): Promise<void> {
    while (!this.#stopped) {
      const began = performance.now();
      await this.one();
      const restMs = this.#everyMs - (performance.now() - began);
      if (restMs > 0 && !this.#stopped) await delay(restMs);
    }
  }
}
