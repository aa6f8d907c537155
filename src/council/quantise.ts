// From findings to a verdict, by code that anyone can run again (protocol 4.3). No model says "approve": it says
// what it found for each criterion, and the policy says what follows.
import { badInput } from '../errors.ts';
import type { Policy } from './charter.ts';

export const FINDINGS = ['met', 'not-met', 'insufficient'] as const;

export type Finding = (typeof FINDINGS)[number];
export type Findings = Readonly<Record<string, Finding>>;

export function isFinding(value: unknown): value is Finding {
  return value === 'met' || value === 'not-met' || value === 'insufficient';
}

/** Do the findings name every criterion of the policy, once, and nothing else? */
export function coversPolicy(findings: Findings, policy: Policy): boolean {
  return (
    Object.keys(findings).length === policy.criteria.length &&
    policy.criteria.every(({ id }) => Object.hasOwn(findings, id) && isFinding(findings[id]))
  );
}

/** A mandatory criterion that is not met, or for which the evidence does not suffice, means reject. */
export function quantise(findings: Findings, policy: Policy): 'approve' | 'reject' {
  if (!coversPolicy(findings, policy))
    throw badInput('expected one finding for each criterion of the policy');
  const mandatoryMet = policy.criteria.every(({ id, mandatory }) => !mandatory || findings[id] === 'met');
  return mandatoryMet ? 'approve' : 'reject';
}
