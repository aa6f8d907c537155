// A change of the roster on its way from one operator to the next, as a file that each adds an approval to (protocol
// 6.1). It holds nothing confidential, and whoever alters it only spoils the approvals that are in it.
import * as z from 'zod';
import type { Entry } from '../../consensus/block.ts';
import type { Operators } from '../../council/charter.ts';
import { type Approval, isSignature, sealEntry } from '../../council/entry.ts';
import { digest, readDocument, slug } from '../../council/field-rules.ts';
import { epoch } from '../../council/roster.ts';
import { approvalMessage, type RosterChange, rosterChangeSchema } from '../../council/roster-change.ts';
import { badInput, ConclaveError } from '../../errors.ts';
import { fromBase64, toBase64, utf8 } from '../../signing/bytes.ts';
import { canonicalText, parseCanonical } from '../../signing/canonical.ts';
import type { Digest } from '../../signing/digest.ts';
import type { Ed25519 } from '../../signing/ed25519.ts';
import type { Epoch } from '../../signing/purpose.ts';

const FORMAT = 'conclave-roster-change-1';
const MAX_PROPOSAL_BYTES = 128 * 1024;

const proposalSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    councilId: digest,
    /** in force when it was proposed; in a later one it is void */
    epoch,
    change: rosterChangeSchema,
    /** by ascending operator */
    approvals: z
      .array(
        z
          .strictObject({
            operator: slug,
            sig: z.custom<string>(isSignature, 'expected an Ed25519 signature in base64'),
          })
          .readonly(),
      )
      .max(64)
      .readonly(),
  })
  .readonly();

export type RosterProposal = z.infer<typeof proposalSchema>;

export interface OperatorKey {
  readonly operator: string;
  readonly secret: Uint8Array;
}

type Signer = Pick<Ed25519, 'sign' | 'publicKeyOf'>;

export function proposalOf(councilId: Digest, inForce: Epoch, change: RosterChange): RosterProposal {
  return { format: FORMAT, councilId, epoch: inForce, change, approvals: [] };
}

export function proposalBytes(proposal: RosterProposal): Uint8Array {
  return utf8(`${canonicalText(proposal)}\n`);
}

export function readProposal(bytes: Uint8Array, file: string): RosterProposal {
  if (bytes.length > MAX_PROPOSAL_BYTES) throw badInput('expected a proposal, found a larger file', { file });
  const text = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  try {
    return readDocument('proposal', proposalSchema, parseCanonical(text));
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
    throw badInput(`expected a proposal that conclave roster propose wrote: ${error.message}`, { file });
  }
}

/** The same with one operator's approval more; who has approved already is not counted twice. */
export function approve(
  proposal: RosterProposal,
  { operator, secret }: OperatorKey,
  operators: Operators | undefined,
  ed25519: Signer,
): RosterProposal {
  requireOperator({ operator, secret }, operators, ed25519);
  const { councilId, epoch: inForce, change } = proposal;
  const sig = toBase64(ed25519.sign(secret, approvalMessage(change, { councilId, epoch: inForce })));
  const others = proposal.approvals.filter((approval) => approval.operator !== operator);
  const approvals = [...others, { operator, sig }].sort((a, b) => (a.operator < b.operator ? -1 : 1));
  return { ...proposal, approvals };
}

/** The approvals in it that hold; what does not was altered, or signed by nobody of this council. */
export function validApprovals(
  { councilId, epoch: inForce, change, approvals }: RosterProposal,
  operators: Operators | undefined,
  { verify }: Pick<Ed25519, 'verify'>,
): readonly Approval[] {
  const message = approvalMessage(change, { councilId, epoch: inForce });
  return approvals.filter(({ operator, sig }) => {
    const key = operators?.keys.find(({ id }) => id === operator);
    return key !== undefined && verify(fromBase64(key.ed25519), message, fromBase64(sig));
  });
}

/** What is ordered: throws while too few have approved. */
export function entryOf(
  proposal: RosterProposal,
  submitter: OperatorKey,
  operators: Operators | undefined,
  ed25519: Signer & Pick<Ed25519, 'verify'>,
): Entry {
  requireOperator(submitter, operators, ed25519);
  const approvals = validApprovals(proposal, operators, ed25519);
  const threshold = operators?.threshold ?? 0;
  if (approvals.length < threshold) {
    throw new ConclaveError(
      'usage',
      `${threshold} operators must approve this change and ${approvals.length} did: conclave roster sign adds an approval`,
    );
  }
  const { councilId, epoch: inForce, change } = proposal;
  const by = `operator/${submitter.operator}` as const;
  return sealEntry({ kind: 'roster.changed', by, epoch: inForce, change, approvals }, councilId, (message) =>
    toBase64(ed25519.sign(submitter.secret, message)),
  );
}

function requireOperator(
  { operator, secret }: OperatorKey,
  operators: Operators | undefined,
  ed25519: Pick<Ed25519, 'publicKeyOf'>,
): void {
  if (operators === undefined)
    throw badInput('the charter of this council names no operators: its roster never changes');
  const key = operators.keys.find(({ id }) => id === operator);
  if (key === undefined) throw badInput(`"${operator}" is no operator of this council`);
  if (toBase64(ed25519.publicKeyOf(secret)) !== key.ed25519)
    throw badInput(`the key of operator "${operator}" is not the one in the charter`);
}
