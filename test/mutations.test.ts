// The short form of `npm run mutations`: a certificate or proof that is not byte for byte what was signed and
// committed is refused, and the check that refuses it is named.
import { describe, expect, test } from 'vitest';
import { type CheckName, verifyCertificate } from '../src/ledger/verifier.ts';
import { fastestEd25519 } from '../src/signing/ed25519-fastest.ts';
import { forgeries, subjectOf } from './rigs/forgeries.ts';
import { nextMutant, seededPick } from './rigs/mutants.ts';
import { bls } from './rigs/published-ledger.ts';

const FAST = { ed25519: fastestEd25519, bls };
const MUTANTS = 400;

describe('a certificate of 33 seats', () => {
  const subject = subjectOf(33, 22);
  const anchor = subject.chamber.founding.councilId;

  test('is valid as it is', () => {
    expect(verifyCertificate({ ...subject, anchor }, FAST).status).toBe('valid');
  });

  test(`is refused in each of ${MUTANTS} mutations`, () => {
    const pick = seededPick(1);
    const refused = new Map<CheckName, number>();
    for (let i = 0; i < MUTANTS; i++) {
      const mutant = nextMutant(subject, pick);
      const { status, failed } = verifyCertificate({ ...mutant, anchor }, FAST);
      expect(status, `mutant ${i}: ${mutant.name}`).toBe('invalid');
      if (failed !== undefined) refused.set(failed, (refused.get(failed) ?? 0) + 1);
    }
    expect(refused.size).toBeGreaterThanOrEqual(8);
  });

  test('is refused in every forgery, by the check that is there for it', () => {
    for (const { name, refusedBy, certificate, proof } of forgeries(33)) {
      const { status, failed, checks } = verifyCertificate({ certificate, proof, anchor }, FAST);
      expect([name, status, failed], checks.at(-1)?.detail).toEqual([name, 'invalid', refusedBy]);
    }
  });
});
