// What runs on a signing thread: verifications and the notary's work, behind messages. See signing-threads.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { reasonOf } from '../../errors.ts';
import type { Certification, SeatEndorsement } from '../../ledger/certify.ts';
import { verifyMany } from '../../signing/ed25519-fastest.ts';
import type { Epoch } from '../../signing/purpose.ts';
import { fastestBls, NotaryHere, type NotaryOptions, type NotaryTerm, type Share } from './notary.ts';
import { type PackedChecks, unpackChecks } from './packed-checks.ts';

export type SigningTask =
  | { readonly kind: 'verify'; readonly checks: PackedChecks }
  | {
      readonly kind: 'endorse';
      readonly payload: Uint8Array;
      readonly epoch: Epoch;
      readonly share: Share;
    }
  | {
      readonly kind: 'certify';
      readonly payload: Uint8Array;
      readonly epoch: Epoch;
      readonly endorsements: readonly SeatEndorsement[];
    };

/** Told to every thread, and answered by none: what comes after it to the same thread is done after it. */
export interface SigningNotice {
  readonly kind: 'begin';
  readonly term: NotaryTerm;
}

export type SigningAnswer =
  | { readonly kind: 'verified'; readonly holds: readonly boolean[] }
  | { readonly kind: 'endorsed'; readonly endorsements: readonly SeatEndorsement[] }
  | { readonly kind: 'certified'; readonly certification: Certification }
  | { readonly kind: 'failed'; readonly reason: string };

const keys: NotaryOptions | undefined = workerData;
const notary = keys && new NotaryHere(keys, await fastestBls());

parentPort?.on('message', async (task: SigningTask | SigningNotice) => {
  if (task.kind === 'begin') return notary?.begin(task.term);
  parentPort?.postMessage(await answerTo(task));
});

async function answerTo(task: SigningTask): Promise<SigningAnswer> {
  try {
    if (task.kind === 'verify')
      return { kind: 'verified', holds: await verifyMany(unpackChecks(task.checks)) };
    if (notary === undefined) return { kind: 'failed', reason: 'it was given no keys to sign with' };
    if (task.kind === 'endorse') {
      return { kind: 'endorsed', endorsements: await notary.endorse(task.payload, task.epoch, task.share) };
    }
    const { payload, epoch, endorsements } = task;
    return { kind: 'certified', certification: await notary.certify(payload, epoch, endorsements) };
  } catch (error) {
    return { kind: 'failed', reason: reasonOf(error) };
  }
}
