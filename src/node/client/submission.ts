// From a case file to a case that is open: prepared, offered to every node, receipted by a quorum, handed in, and
// acknowledged when there is a proof, checked here, that its opening is committed (protocol 8.3). Before that the
// answer is "not yet". It may be killed anywhere and begun again: what it needs to go on is on disk before it speaks.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { quorumOf } from '../../consensus/quorum.ts';
import type { CaseId } from '../../council/case.ts';
import type { CaseSource } from '../../council/case-file.ts';
import { policyOf } from '../../council/charter.ts';
import type { PreparedCase } from '../../council/dossier.ts';
import { sealEntry } from '../../council/entry.ts';
import { badInput } from '../../errors.ts';
import { toBase64, toHex } from '../../signing/bytes.ts';
import type { Ed25519 } from '../../signing/ed25519.ts';
import type { Transport } from '../../transport/transport.ts';
import type { CommittedOpening } from './committed-opening.ts';
import { ANSWER_WITHIN_MS, type CouncilClient } from './council-client.ts';
import { DossierOffering } from './dossier-offering.ts';
import {
  newSubmission,
  type SubmissionRecords,
  type Submitted,
  sameSubmission,
  shortened,
} from './submission-record.ts';

/** How long one round waits for receipts, and then for the entry to be committed, before it begins anew. */
const RECEIPTS_WITHIN_MS = 20_000;
const COMMITTED_WITHIN_MS = 6_000;
const ROSTERS_WITHIN_MS = 1_000;
const FIRST_LOOK_MS = 60;
const MAX_LOOK_MS = 1_000;

export interface SubmissionOptions {
  readonly source: CaseSource;
  readonly submitter: string;
  readonly secret: Uint8Array;
  /** open another attempt at what was submitted before */
  readonly again: boolean;
  readonly withinMs: number;
}

export interface SubmissionDependencies {
  readonly client: CouncilClient;
  /** the line `dossiers` */
  readonly dossiers: Transport;
  readonly ed25519: Ed25519;
  readonly records: SubmissionRecords;
  readonly tell: (progress: SubmissionProgress) => void;
}

export type SubmissionProgress =
  | { readonly kind: 'prepared'; readonly caseId: CaseId; readonly resumed: boolean }
  | { readonly kind: 'offered'; readonly bytes: number }
  | { readonly kind: 'receipted'; readonly seats: number }
  | { readonly kind: 'handed-in'; readonly nodes: number }
  | { readonly kind: 'acknowledged'; readonly opening: CommittedOpening };

export type Submission =
  | {
      readonly acknowledged: true;
      readonly caseId: CaseId;
      readonly attempt: number;
      readonly resumed: boolean;
      readonly opening: CommittedOpening;
    }
  /** not yet: it may still be opened, by what was said; the same command goes on from here */
  | {
      readonly acknowledged: false;
      readonly caseId: CaseId;
      readonly attempt: number;
      readonly resumed: boolean;
      readonly why: string;
    };

export async function submitCase(
  options: SubmissionOptions,
  dependencies: SubmissionDependencies,
): Promise<Submission> {
  const { client, records, tell } = dependencies;
  const { source, withinMs } = options;
  requireKnown(options, client);
  const { submitted, resumed } = await submissionFor(options, dependencies);
  const until = Date.now() + withinMs;
  const { prepared, record } = submitted;
  const { caseId } = prepared;
  tell({ kind: 'prepared', caseId, resumed });
  const { attempt } = record;
  let why = 'no node has answered yet';
  let opening = resumed ? await client.committed(caseId) : undefined;
  let entry: string | undefined;
  while (opening === undefined && Date.now() < until) {
    if (entry === undefined) {
      await client.refresh(ROSTERS_WITHIN_MS);
      const receipted = await openingEntry(prepared, until, options, dependencies);
      if (receipted.entry === undefined) {
        why = receipted.why;
        if (receipted.hopeless) break;
        continue;
      }
      entry = receipted.entry;
    }
    const handed = await handIn(entry, caseId, until, dependencies);
    why = handed.why;
    opening = handed.opening;
    // Its receipts may be of an epoch that is over; then they are gathered again, for the same case.
    if (!handed.isTaken) entry = undefined;
  }
  if (opening === undefined) return { acknowledged: false, caseId, attempt, resumed, why };
  await records.write(source, { ...record, acknowledged: true });
  tell({ kind: 'acknowledged', opening });
  return { acknowledged: true, caseId, attempt, resumed, opening };
}

function requireKnown({ source, submitter }: SubmissionOptions, { founding }: CouncilClient): void {
  const { charter } = founding;
  if (policyOf(charter, source.type) === undefined) {
    throw badInput(`the charter has no policy for a case of type ${source.type}`);
  }
  if (charter.submitters.every(({ id }) => id !== submitter)) {
    throw badInput(`the charter names no submitter "${submitter}"`);
  }
}

/** The one under way, or a new one; throws where it was submitted before and nobody asked for another attempt. */
async function submissionFor(
  { source, submitter, again }: SubmissionOptions,
  { client, records }: SubmissionDependencies,
): Promise<{ readonly submitted: Submitted; readonly resumed: boolean }> {
  const record = records.read(source);
  const same = record && sameSubmission(source, record);
  if (same !== undefined && (!again || !same.record.acknowledged)) {
    if (same.record.acknowledged || (await isStillPossible(same, source, client))) {
      return { submitted: same, resumed: true };
    }
  }
  const earlier = await client.attempts(source);
  const latest = earlier.at(-1);
  if (latest !== undefined && !again) {
    throw badInput(
      `"${source.subject}" was submitted before, as case ${shortened(latest)}: --again opens attempt ${earlier.length + 1}`,
    );
  }
  if (record !== undefined && same === undefined && !record.acknowledged && !again) {
    throw badInput(
      `"${source.subject}" is being submitted on other texts than these, as case ${shortened(record.caseId)}: --again submits these instead`,
    );
  }
  const { attempts: most } = client.founding.charter;
  if (earlier.length >= most) {
    throw badInput(`"${source.subject}" was judged ${most} times, as often as the charter allows`);
  }
  const filing = { submitter, attempt: earlier.length + 1, earlier };
  const submitted = newSubmission(source, filing, () => toHex(randomBytes(32)));
  // Crash before this is durable: nobody has heard of the case. After it: the same command goes on with it.
  await records.write(source, submitted.record);
  return { submitted, resumed: false };
}

/** Not when another attempt took its place. */
async function isStillPossible(
  { record }: Submitted,
  source: CaseSource,
  client: CouncilClient,
): Promise<boolean> {
  const attempts = await client.attempts(source);
  return attempts.includes(record.caseId) || attempts.length < record.attempt;
}

interface Receipted {
  readonly entry: string | undefined;
  readonly why: string;
  /** so many nodes refuse it that no quorum can be had */
  readonly hopeless: boolean;
}

async function openingEntry(
  prepared: PreparedCase,
  until: number,
  { submitter, secret }: SubmissionOptions,
  { client, dossiers, ed25519, tell }: SubmissionDependencies,
): Promise<Receipted> {
  const { councilId } = client.founding;
  const { q, n } = quorumOf(client.roster.seats.length);
  const offering = new DossierOffering(
    prepared,
    { councilId, secret, roster: client.roster, rosterOf: (epoch) => client.rosterOf(epoch) },
    { transport: dossiers, ed25519 },
  );
  tell({ kind: 'offered', bytes: offering.bytes });
  const gathered = await offering.gather(Math.max(1, Math.min(RECEIPTS_WITHIN_MS, until - Date.now())));
  if (gathered === undefined) {
    const refusals = [...offering.refusals].map(([node, why]) => `${node}: ${why}`);
    const why = [`${offering.held} of ${n} seats hold the dossier, ${q} must`, ...refusals].join('; ');
    return { entry: undefined, why, hopeless: offering.isHopeless };
  }
  const { epoch, receipts } = gathered;
  tell({ kind: 'receipted', seats: receipts.length });
  const by = `submitter/${submitter}` as const;
  const fields = { kind: 'case.opened', by, epoch, case: prepared.document, receipts } as const;
  const { bytes } = sealEntry(fields, councilId, (message) => toBase64(ed25519.sign(secret, message)));
  return { entry: toBase64(bytes), why: '', hopeless: false };
}

interface HandedIn {
  readonly opening: CommittedOpening | undefined;
  /** by more seats than may lie about it */
  readonly isTaken: boolean;
  readonly why: string;
}

async function handIn(
  entry: string,
  caseId: CaseId,
  until: number,
  { client, tell }: SubmissionDependencies,
): Promise<HandedIn> {
  const filed = await client.file(entry, Math.max(1, Math.min(ANSWER_WITHIN_MS, until - Date.now())));
  const refused = [...filed].flatMap(([node, why]) => (why === undefined ? [] : [`${node}: ${why}`]));
  const taken = [...filed].flatMap(([node, why]) => (why === undefined ? [node] : []));
  const { f } = quorumOf(client.roster.seats.length);
  tell({ kind: 'handed-in', nodes: taken.length });
  const why = [`handed in at ${taken.length} nodes and not committed yet`, ...refused].join('; ');
  // Also where all refuse: the reason may be that it is open by now.
  const opening = await awaited(client, caseId, Math.min(until, Date.now() + COMMITTED_WITHIN_MS));
  return { opening, isTaken: client.seatsAt(taken) > f, why };
}

/** Looks for the proof until there is one, ever more slowly. */
export async function awaited(
  client: CouncilClient,
  caseId: CaseId,
  until: number,
): Promise<CommittedOpening | undefined> {
  let lookMs = FIRST_LOOK_MS;
  for (;;) {
    const opening = await client.committed(caseId, Math.max(1, Math.min(until - Date.now(), 2_000)));
    if (opening !== undefined || Date.now() + lookMs > until) return opening;
    await pause(lookMs);
    lookMs = Math.min(2 * lookMs, MAX_LOOK_MS);
  }
}
