// Worker threads for what signatures cost. A decision of 33 seats takes some two hundred Ed25519 verifications and 33
// BLS signatures, more than everything else about it together, and meanwhile the engine's thread has other cases to
// order. Few signatures to check, as of votes, go before many, as of waiting entries, and before the notary's work,
// because the engine waits for them. Each thread signs with the seats' own keys.
// Threads take a moment to start, so a node with little to do never has any.
import { Worker } from 'node:worker_threads';
import { ConclaveError, invariant } from '../../errors.ts';
import type { Certification, SeatEndorsement } from '../../ledger/certify.ts';
import type { SignatureCheck } from '../../signing/ed25519.ts';
import { verifyMany } from '../../signing/ed25519-fastest.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { Notary, NotaryOptions, NotaryTerm } from './notary.ts';
import { packChecks } from './packed-checks.ts';
import type { SigningAnswer, SigningNotice, SigningTask } from './signing-thread.ts';

/** Each costs some 25 MB. */
const THREADS = 2;

/** What is done here before threads are worth starting. */
const CHECKED_HERE_FIRST = 1_000;
const ENDORSED_HERE_FIRST = 2;

/** Checks in one task: enough to be worth the message, few enough that what is urgent waits only milliseconds. */
const FEWEST_CHECKS = 8;
const MOST_CHECKS = 64;

/** A decision's endorsements are made in so many tasks, so that verifications never wait for all of them. */
const SHARES = 4;

/** Only what is built can be loaded by a bare thread; from the sources everything stays on one. */
const IS_BUILT = import.meta.url.endsWith('.js');

interface Asked {
  readonly task: SigningTask;
  readonly resolve: (answer: SigningAnswer) => void;
  readonly reject: (error: ConclaveError) => void;
}

export class SigningThreads implements Notary {
  readonly #keys: NotaryOptions | undefined;
  readonly #here: Notary | undefined;
  readonly #urgent: Asked[] = [];
  readonly #patient: Asked[] = [];
  /** epochs after the first, for threads that start later */
  readonly #terms: NotaryTerm[] = [];
  #threads: readonly SigningThread[] = [];
  #checked = 0;
  #endorsed = 0;
  #closed = false;

  /** Without a notary's keys they only verify. */
  constructor(keys?: NotaryOptions, here?: Notary) {
    this.#keys = keys && {
      founding: { genesis: keys.founding.genesis, roster: keys.founding.roster },
      keys: keys.keys,
    };
    this.#here = here;
  }

  readonly verifyMany = async (checks: readonly SignatureCheck[]): Promise<readonly boolean[]> => {
    this.#checked += checks.length;
    if (this.#checked > CHECKED_HERE_FIRST) this.#start();
    if (this.#threads.length === 0) return verifyMany(checks);
    const even = Math.ceil(checks.length / this.#threads.length);
    const portion = Math.min(MOST_CHECKS, Math.max(FEWEST_CHECKS, even));
    const queue = checks.length > 2 * MOST_CHECKS ? this.#patient : this.#urgent;
    const answers: Promise<readonly boolean[]>[] = [];
    for (let at = 0; at < checks.length; at += portion) {
      answers.push(this.#verified(checks.slice(at, at + portion), queue));
    }
    return (await Promise.all(answers)).flat();
  };

  begin(term: NotaryTerm): void {
    this.#terms.push(term);
    this.#here?.begin(term);
    for (const thread of this.#threads) thread.tell({ kind: 'begin', term });
  }

  async endorse(payload: Uint8Array, epoch: Epoch): Promise<readonly SeatEndorsement[]> {
    invariant(this.#here !== undefined, 'who endorses was given keys');
    if (++this.#endorsed > ENDORSED_HERE_FIRST) this.#start();
    if (this.#threads.length === 0) return this.#here.endorse(payload, epoch);
    const shares = Array.from({ length: SHARES }, async (_, part) => {
      const answer = await this.#ask(
        { kind: 'endorse', payload, epoch, share: { part, of: SHARES } },
        this.#patient,
      );
      return answer.kind === 'endorsed' ? answer.endorsements : mixedUp(answer);
    });
    return (await Promise.all(shares)).flat();
  }

  async certify(
    payload: Uint8Array,
    epoch: Epoch,
    endorsements: readonly SeatEndorsement[],
  ): Promise<Certification> {
    invariant(this.#here !== undefined, 'who certifies was given keys');
    if (this.#threads.length === 0) return this.#here.certify(payload, epoch, endorsements);
    const answer = await this.#ask({ kind: 'certify', payload, epoch, endorsements }, this.#patient);
    return answer.kind === 'certified' ? answer.certification : mixedUp(answer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  async #verified(checks: readonly SignatureCheck[], queue: Asked[]): Promise<readonly boolean[]> {
    const answer = await this.#ask({ kind: 'verify', checks: packChecks(checks) }, queue);
    return answer.kind === 'verified' ? answer.holds : mixedUp(answer);
  }

  #start(): void {
    if (!IS_BUILT || this.#closed || this.#threads.length > 0) return;
    this.#threads = Array.from({ length: THREADS }, () => new SigningThread(this.#keys, () => this.#hand()));
    for (const thread of this.#threads) for (const term of this.#terms) thread.tell({ kind: 'begin', term });
  }

  #ask(task: SigningTask, queue: Asked[]): Promise<SigningAnswer> {
    return new Promise((resolve, reject) => {
      queue.push({ task, resolve, reject });
      this.#hand();
    });
  }

  /** Gives what waits to the threads that have nothing to do. */
  #hand(): void {
    for (const thread of this.#threads) {
      if (thread.busy) continue;
      const next = this.#urgent.shift() ?? this.#patient.shift();
      if (next === undefined) return;
      thread.give(next);
    }
  }
}

/** One thread, which does one task at a time. */
class SigningThread {
  readonly #worker: Worker;
  readonly #onIdle: () => void;
  #doing: Asked | undefined;
  #ended: string | undefined;

  constructor(keys: NotaryOptions | undefined, onIdle: () => void) {
    this.#onIdle = onIdle;
    this.#worker = new Worker(new URL('./signing-thread.js', import.meta.url), {
      workerData: keys,
      // Signing makes next to no garbage; without a bound each thread would let tens of megabytes of it lie.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (answer: SigningAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#end(error.message));
    this.#worker.on('exit', () => this.#end('it ended'));
    this.#worker.unref();
  }

  get busy(): boolean {
    return this.#doing !== undefined;
  }

  give(asked: Asked): void {
    if (this.#ended !== undefined) return asked.reject(failure(this.#ended));
    this.#doing = asked;
    this.#worker.ref(); // the process stays until the answer is there
    this.#worker.postMessage(asked.task);
  }

  tell(notice: SigningNotice): void {
    if (this.#ended === undefined) this.#worker.postMessage(notice);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #answered(answer: SigningAnswer): void {
    const asked = this.#doing;
    this.#doing = undefined;
    this.#worker.unref();
    this.#onIdle();
    if (answer.kind === 'failed') asked?.reject(failure(answer.reason));
    else asked?.resolve(answer);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#answered({ kind: 'failed', reason });
  }
}

function mixedUp(answer: SigningAnswer): never {
  throw failure(`an answer of the kind ${answer.kind}`);
}

function failure(reason: string): ConclaveError {
  return new ConclaveError('internal', `a signing thread failed: ${reason}`);
}
