// The reason for each criterion in what a model sent. Findings are not read here: those that count stand in the ballot
// (seats/answer.ts has read them); a reason that cannot be found is simply not there.
import { isRecord } from '../../council/field-rules.ts';
import { findObject } from '../answer-text.ts';

/** By criterion, as the model spelled it. Where a criterion stands twice, the reasons are joined. */
export function reasonsIn(raw: string): ReadonlyMap<string, string> {
  const found = findObject(raw, (value) => Object.hasOwn(value, 'findings'));
  const reasons = new Map<string, string>();
  if (found.kind === 'none') return reasons;
  for (const [criterion, item] of itemsOf(found.value.findings)) {
    const reason = isRecord(item) && typeof item.reason === 'string' ? item.reason.trim() : '';
    if (typeof criterion !== 'string' || reason === '') continue;
    const id = criterion.trim();
    const known = reasons.get(id);
    reasons.set(id, known === undefined ? reason : `${known} / ${reason}`);
  }
  return reasons;
}

function itemsOf(findings: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(findings)) {
    return findings.filter(isRecord).map((item) => [item.criterion ?? item.id, item]);
  }
  return isRecord(findings) ? Object.entries(findings) : [];
}
