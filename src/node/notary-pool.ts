// The notary on worker threads: a decision of 33 seats is 33 BLS signatures, more than everything else about it
// together, and meanwhile the engine's thread has other cases to order. Each thread signs for its share of the
// seats, with their own keys. Threads take a moment to start, so a node that certifies once never has any.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ConclaveError } from '../errors.ts';
import type { Certification, SeatEndorsement } from '../ledger/certify.ts';
import type { Notary, NotaryOptions, Share } from './notary.ts';
import type { NotaryAnswer, NotaryOrder, NotaryTask } from './notary-thread.ts';

/** Two share the signing of one decision where there are cores for it; each costs some 25 MB. */
export const NOTARY_THREADS = availableParallelism() > 2 ? 2 : 1;

/** Decisions that are signed here before threads are worth starting. */
const SIGNED_HERE_FIRST = 2;

/** Only what is built can be loaded by a bare thread; from the sources everything stays on one. */
const IS_BUILT = import.meta.url.endsWith('.js');

export class NotaryPool implements Notary {
  readonly #options: NotaryOptions;
  readonly #here: Notary;
  #threads: readonly NotaryThread[] = [];
  #endorsed = 0;
  #signing = 0;
  #turn = 0;

  constructor(options: NotaryOptions, here: Notary) {
    this.#options = options;
    this.#here = here;
  }

  async endorse(payload: Uint8Array): Promise<readonly SeatEndorsement[]> {
    this.#endorsed++;
    if (this.#endorsed <= SIGNED_HERE_FIRST || !IS_BUILT) return this.#here.endorse(payload);
    if (this.#threads.length === 0) this.#threads = startThreads(this.#options);
    // While only one decision is being signed the engine waits for it too, so its thread lends a hand.
    const hands = this.#signing === 0 ? [...this.#threads, this.#here] : this.#threads;
    this.#signing++;
    try {
      const of = hands.length;
      return (await Promise.all(hands.map((hand, part) => hand.endorse(payload, { part, of })))).flat();
    } finally {
      this.#signing--;
    }
  }

  async certify(payload: Uint8Array, endorsements: readonly SeatEndorsement[]): Promise<Certification> {
    const thread = this.#threads[this.#turn++ % Math.max(1, this.#threads.length)];
    return (thread ?? this.#here).certify(payload, endorsements);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    this.#threads = [];
  }
}

function startThreads({ founding: { genesis, roster }, keys }: NotaryOptions): readonly NotaryThread[] {
  const options = { founding: { genesis, roster }, keys };
  return Array.from({ length: NOTARY_THREADS }, () => new NotaryThread(options));
}

class NotaryThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, (answer: NotaryAnswer) => void>();
  #next = 0;

  constructor(options: NotaryOptions) {
    this.#worker = new Worker(new URL('./notary-thread.js', import.meta.url), {
      workerData: options,
      // Signing makes next to no garbage; without a bound each thread would let tens of megabytes of it lie.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (answer: NotaryAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#failAll(error.message));
    this.#worker.on('exit', () => this.#failAll('it ended'));
    this.#worker.unref();
  }

  async endorse(payload: Uint8Array, share: Share): Promise<readonly SeatEndorsement[]> {
    const answer = await this.#ask({ kind: 'endorse', payload, share });
    if (answer.kind !== 'endorsed') throw failure(answer);
    return answer.endorsements;
  }

  async certify(payload: Uint8Array, endorsements: readonly SeatEndorsement[]): Promise<Certification> {
    const answer = await this.#ask({ kind: 'certify', payload, endorsements });
    if (answer.kind !== 'certified') throw failure(answer);
    return answer.certification;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(task: NotaryTask): Promise<NotaryAnswer> {
    const id = this.#next++;
    const order: NotaryOrder = { id, task };
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#worker.ref(); // the process stays until the answer is there
      this.#worker.postMessage(order);
    });
  }

  #answered(answer: NotaryAnswer): void {
    this.#asked.get(answer.id)?.(answer);
    this.#asked.delete(answer.id);
    if (this.#asked.size === 0) this.#worker.unref();
  }

  #failAll(reason: string): void {
    for (const id of this.#asked.keys()) this.#answered({ id, kind: 'failed', reason });
  }
}

function failure(answer: NotaryAnswer): ConclaveError {
  const reason = answer.kind === 'failed' ? answer.reason : `an answer of the kind ${answer.kind}`;
  return new ConclaveError('internal', `a notary thread failed: ${reason}`);
}
