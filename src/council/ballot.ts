// A ballot: what one seat found, the verdict that follows, and where the answer came from (protocol 4.3). It is
// spelled by hand, because every ballot is parsed and hashed by every node; a test holds the spelling against
// the canonical one.
import { utf8 } from '../signing/bytes.ts';
import { type Digest, digestOfBytes, isDigest } from '../signing/digest.ts';
import { MAX_CRITERIA, type Policy } from './charter.ts';
import { isRecord, isSlug } from './field-rules.ts';
import { coversPolicy, type Findings, isFinding, quantise } from './quantise.ts';

export const VERDICTS = ['approve', 'reject', 'abstain'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const PROVENANCES = ['live', 'recorded', 'replay', 'offline'] as const;
export type Provenance = (typeof PROVENANCES)[number];

export interface Ballot {
  /** by criterion; empty in an abstention */
  readonly findings: Findings;
  readonly verdict: Verdict;
  /** in whole percent, as the model says; nothing is ever weighted by it */
  readonly confidence: number;
  readonly rationale: Digest;
  readonly model: Digest;
  readonly prompt: Digest;
  readonly provenance: Provenance;
  /** why a seat abstains, one short word such as `timeout`; null otherwise */
  readonly reason: string | null;
}

/** What a ballot says besides findings and verdict. */
export type BallotSource = Pick<Ballot, 'rationale' | 'model' | 'prompt' | 'provenance'>;

export function ballotFrom(
  findings: Findings,
  policy: Policy,
  { confidence, rationale, model, prompt, provenance }: BallotSource & Pick<Ballot, 'confidence'>,
): Ballot {
  const verdict = quantise(findings, policy);
  return { confidence, findings, model, prompt, provenance, rationale, reason: null, verdict };
}

/** A model that fails is an event, not a crash, and never an approval (protocol 4.3). */
export function abstention(reason: string, { rationale, model, prompt, provenance }: BallotSource): Ballot {
  return { confidence: 0, findings: {}, model, prompt, provenance, rationale, reason, verdict: 'abstain' };
}

/** Anyone can tell whether a ballot's verdict is the one its findings give. */
export function verdictFollows(ballot: Ballot, policy: Policy): boolean {
  if (ballot.verdict === 'abstain')
    return ballot.reason !== null && Object.keys(ballot.findings).length === 0;
  if (ballot.reason !== null || !coversPolicy(ballot.findings, policy)) return false;
  return ballot.verdict === quantise(ballot.findings, policy);
}

/** The ballot in a parsed value, or undefined; unknown and missing fields are refused. */
export function ballotOf(value: unknown): Ballot | undefined {
  if (!isRecord(value) || Object.keys(value).length !== 8) return undefined;
  const { findings, verdict, confidence, rationale, model, prompt, provenance, reason } = value;
  if (!areFindings(findings) || !isVerdict(verdict) || !isProvenance(provenance)) return undefined;
  if (typeof confidence !== 'number' || !Number.isInteger(confidence)) return undefined;
  if (confidence < 0 || confidence > 100) return undefined;
  if (!isDigest(rationale) || !isDigest(model) || !isDigest(prompt)) return undefined;
  if (reason !== null && !isSlug(reason)) return undefined;
  return { confidence, findings, model, prompt, provenance, rationale, reason, verdict };
}

function areFindings(value: unknown): value is Findings {
  if (!isRecord(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_CRITERIA && entries.every(([id, finding]) => isSlug(id) && isFinding(finding));
}

export function isVerdict(value: unknown): value is Verdict {
  return value === 'approve' || value === 'reject' || value === 'abstain';
}

export function isProvenance(value: unknown): value is Provenance {
  return PROVENANCES.some((provenance) => provenance === value);
}

/** The canonical spelling (RFC 8785) of a ballot that `ballotOf` gave: no field of it needs escaping. */
export function ballotText(ballot: Ballot): string {
  const reason = ballot.reason === null ? 'null' : `"${ballot.reason}"`;
  let findings = '';
  for (const id of Object.keys(ballot.findings).sort()) {
    findings += `${findings === '' ? '' : ','}"${id}":"${ballot.findings[id]}"`;
  }
  return (
    `{"confidence":${ballot.confidence},"findings":{${findings}},"model":"${ballot.model}",` +
    `"prompt":"${ballot.prompt}","provenance":"${ballot.provenance}","rationale":"${ballot.rationale}",` +
    `"reason":${reason},"verdict":"${ballot.verdict}"}`
  );
}

/** What a decision names a counted ballot by. */
export function ballotDigest(ballot: Ballot): Digest {
  return digestOfBytes(utf8(ballotText(ballot)));
}
