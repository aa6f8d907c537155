// Faults that prove themselves, whoever shows them (protocol 5.1): those of ordering come as evidence entries, those
// of judging are the entries themselves. A seat is marked once for each kind.
import * as z from 'zod';
import type { Admission } from '../consensus/application.ts';
import type { Header, Height, View } from '../consensus/block.ts';
import { digestOfHeader, payloadRoot } from '../consensus/digests.ts';
import { convicts, type Evidence } from '../consensus/evidence.ts';
import { type Signature, type StatementVerifier, statementBytes } from '../consensus/statements.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { Draft } from './draft.ts';
import { type EvidenceFound, isSignature } from './entry.ts';
import { digest, timeMs } from './field-rules.ts';
import { epoch, type Roster, seatId, sitterOf } from './roster.ts';
import type { Rules } from './rules.ts';

/** Marks a ballot earns by itself. */
export const BALLOT_FAULTS = ['two-commitments', 'false-reveal', 'verdict-not-following'] as const;
const ORDERING_FAULTS = [
  'two-proposals',
  'two-votes',
  'two-timeouts',
  'timeout-below-vote-2',
  'timeout-below-vote-1',
] as const satisfies readonly Evidence['kind'][];
export const FAULTS = [...BALLOT_FAULTS, ...ORDERING_FAULTS] as const;

export type BallotFault = (typeof BALLOT_FAULTS)[number];
export type Fault = (typeof FAULTS)[number];

export interface Conviction {
  readonly seat: SeatId;
  /** in which it did it: whoever sat there then is guilty */
  readonly epoch: Epoch;
  readonly fault: Fault;
}

/** Checks an Ed25519 signature; key and signature in padded base64. The caller may remember what it has checked. */
export type VerifySignature = (publicKey: string, message: Uint8Array, signature: string) => boolean;

/** Checks statements of ordering by the keys of a roster, which are good for its epoch and no other (protocol 2.2). */
export function statementVerifier(
  { councilId, roster }: { readonly councilId: Digest; readonly roster: Roster },
  dependencies: { readonly verifySignature: VerifySignature },
): StatementVerifier {
  return statementVerifierOf({ councilId, rosters: new Map([[roster.epoch, roster]]) }, dependencies);
}

/** The same by the roster of each statement's own epoch. Who left a chair vacant says nothing (protocol 5.2). */
export function statementVerifierOf(
  { councilId, rosters }: { readonly councilId: Digest; readonly rosters: ReadonlyMap<Epoch, Roster> },
  { verifySignature }: { readonly verifySignature: VerifySignature },
): StatementVerifier {
  return {
    verify(seat, statement, signature) {
      const roster = rosters.get(statement.epoch);
      const key = roster && sitterOf(roster, seat)?.ed25519;
      return key !== undefined && verifySignature(key, statementBytes(councilId, statement), signature);
    },
    digestOfHeader,
    payloadRoot,
  };
}

const signature = z.custom<Signature>(isSignature, 'expected a signature');
const place = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const view = z.custom<View>(place, 'expected a view');
const height = z.custom<Height>(place, 'expected a height');
const common = { seat: seatId, epoch, view, signature };

const proposal = z.strictObject({ ...common, block: digest });
const vote = z.strictObject({ ...common, phase: z.literal([1, 2]), height, block: digest });
const timeout = z.strictObject({ ...common, prepareView: view });
const header: z.ZodType<Header> = z.strictObject({
  epoch,
  view,
  height,
  parent: digest,
  proposer: seatId,
  timeMs,
  payloadRoot: digest,
  ledgerSize: z.int().min(0),
  ledgerRoot: digest,
});

const evidence: z.ZodType<Evidence> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('two-proposals'), first: proposal, second: proposal }),
  z.strictObject({ kind: z.literal('two-votes'), first: vote, second: vote }),
  z.strictObject({ kind: z.literal('two-timeouts'), first: timeout, second: timeout }),
  z.strictObject({ kind: z.literal('timeout-below-vote-2'), timeout, vote }),
  z.strictObject({ kind: z.literal('timeout-below-vote-1'), timeout, vote, header, parent: header }),
]);

/** The seat that the evidence in an entry convicts, and of what; undefined when it proves nothing. */
export function convictionOf(value: unknown, statements: StatementVerifier): Conviction | undefined {
  const read = evidence.safeParse(value);
  if (!read.success) return undefined;
  const seat = convicts(read.data, statements);
  return seat === undefined ? undefined : { seat, epoch: epochOf(read.data), fault: read.data.kind };
}

/** Both messages are of one epoch, else they would not contradict each other. */
function epochOf(found: Evidence): Epoch {
  return 'first' in found ? found.first.epoch : found.vote.epoch;
}

/** Marks whom the evidence convicts, if that is who still sits there; in the draft, when it answers 'now'. */
export function accuse(draft: Draft, { evidence }: EvidenceFound, { statementsOf }: Rules): Admission {
  const conviction = convictionOf(evidence, statementsOf(draft.rosters));
  if (conviction === undefined) return 'never';
  return draft.mark({ ...conviction, caseId: null }) ? 'now' : 'never'; // protocol 5.1
}
