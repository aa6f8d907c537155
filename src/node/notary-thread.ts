// A worker thread that signs and certifies: the notary itself, behind messages. See notary-pool.ts.
import { parentPort, workerData } from 'node:worker_threads';
import type { Certification, SeatEndorsement } from '../ledger/certify.ts';
import { fastestBls, NotaryHere, type NotaryOptions, type Share } from './notary.ts';

export type NotaryTask =
  | { readonly kind: 'endorse'; readonly payload: Uint8Array; readonly share: Share }
  | {
      readonly kind: 'certify';
      readonly payload: Uint8Array;
      readonly endorsements: readonly SeatEndorsement[];
    };

export interface NotaryOrder {
  readonly id: number;
  readonly task: NotaryTask;
}

export type NotaryAnswer = { readonly id: number } & (
  | { readonly kind: 'endorsed'; readonly endorsements: readonly SeatEndorsement[] }
  | { readonly kind: 'certified'; readonly certification: Certification }
  | { readonly kind: 'failed'; readonly reason: string }
);

const options: NotaryOptions = workerData;
const notary = new NotaryHere(options, await fastestBls());

parentPort?.on('message', async ({ id, task }: NotaryOrder) => {
  parentPort?.postMessage(await answerTo(id, task));
});

async function answerTo(id: number, task: NotaryTask): Promise<NotaryAnswer> {
  try {
    if (task.kind === 'endorse') {
      return { id, kind: 'endorsed', endorsements: await notary.endorse(task.payload, task.share) };
    }
    return { id, kind: 'certified', certification: await notary.certify(task.payload, task.endorsements) };
  } catch (error) {
    return { id, kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
