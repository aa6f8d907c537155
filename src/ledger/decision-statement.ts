// What every seat signs after executing a decision: an in-toto Statement v1 about the case (protocol 7.2). Its
// predicate is the decision as it stands on the ledger, field for field, and the council's id, so that from a
// statement anyone can spell the ledger's leaf and look for it in the log.
import * as z from 'zod';
import { type CouncilRecord, type Decision, openRecord, recordBytes } from '../council/records.ts';
import { badInput } from '../errors.ts';
import { canonicalBytes, parseCanonical } from '../signing/canonical.ts';
import { type Digest, isDigest } from '../signing/digest.ts';
import { IN_TOTO_PAYLOAD_TYPE, pae } from '../signing/pae.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const DECISION_TYPE = 'https://conclave.dev/decision/v1';

export interface DecisionStatement {
  readonly councilId: Digest;
  readonly decision: Decision;
}

const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  predicate: z.looseObject({ council: z.custom<Digest>(isDigest, 'expected a digest') }),
  predicateType: z.literal(DECISION_TYPE),
  subject: z
    .array(z.strictObject({ digest: z.strictObject({ sha256: z.string() }), name: z.string() }))
    .length(1),
});

/** The payload of the envelope. */
export function statementPayload({ councilId, decision }: DecisionStatement): Uint8Array {
  const { kind: _, ...fields } = decision;
  return canonicalBytes({
    _type: STATEMENT_TYPE,
    predicate: { council: councilId, ...fields },
    predicateType: DECISION_TYPE,
    subject: [{ digest: { sha256: decision.caseId }, name: decision.subject }],
  });
}

/** The bytes that seats sign, with Ed25519 and with BLS alike: DSSE's encoding of the payload (protocol 7.2). */
export function certifiedBytes(payload: Uint8Array): Uint8Array {
  return pae(IN_TOTO_PAYLOAD_TYPE, payload);
}

export function parseStatement(payload: Uint8Array): DecisionStatement {
  const result = statementSchema.safeParse(parseCanonical(payload));
  if (!result.success) {
    const issue = result.error.issues[0];
    const where = (issue?.path ?? []).map((part) => String(part).slice(0, 60)).join('.');
    throw badInput(`statement: at ${where}: ${issue?.message ?? ''}`);
  }
  const { predicate, subject } = result.data;
  const { council, ...fields } = predicate;
  const decision = openRecord(canonicalBytes({ record: { ...fields, kind: 'case.decided' } }));
  if (!isDecision(decision)) throw badInput('statement: its predicate is not a decision');
  const [about] = subject;
  if (about?.digest.sha256 !== decision.caseId || about.name !== decision.subject) {
    throw badInput('statement: it is about another subject than its predicate');
  }
  return { councilId: council, decision };
}

/** The leaf that a decision is on the ledger. */
export function decisionLeaf(decision: Decision): Uint8Array {
  return recordBytes(decision);
}

export function isDecision(record: CouncilRecord): record is Decision {
  return record.kind === 'case.decided';
}
