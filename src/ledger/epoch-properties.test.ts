// Whatever rosters come and go, and whenever cases open and are decided meanwhile: every certificate verifies from the
// genesis, and a stranger replays the ledger to the same decisions (protocol 4.10, 6.3).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATORS, standInVerify, testCharter } from '../../test/rigs/chamber.ts';
import { chairOf, endEpoch } from '../../test/rigs/epochs.ts';
import { bls, foundingWithKeys, LedgerChamber, newcomerWithKeys } from '../../test/rigs/published-ledger.ts';
import { toBase64 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { auditLedger } from './audit.ts';
import { verifyCertificate } from './verifier.ts';

const N = 7;

const season = fc.record({
  /** who leaves, and what becomes of the chair */
  seat: fc.integer({ min: 1, max: N }),
  how: fc.constantFrom('given away', 'given away', 'swapped model', 'left empty'),
  /** empty blocks until the end of the epoch is committed */
  suffix: fc.integer({ min: 0, max: 3 }),
  opens: fc.constantFrom('before', 'after', 'never'),
  decidedAtTheEnd: fc.boolean(),
});

const AUDITOR = {
  bls,
  ed25519: {
    verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
      standInVerify(toBase64(publicKey), message, toBase64(signature)) ||
      fastestEd25519.verify(publicKey, message, signature),
  },
};

describe('a council through its epochs', () => {
  it('leaves certificates and a ledger that a stranger can follow from the genesis', () => {
    const founding = foundingWithKeys(N, undefined, testCharter({ operators: OPERATORS }));
    let certified = 0;
    fc.assert(
      fc.property(fc.array(season, { minLength: 1, maxLength: 4 }), (seasons) => {
        const chamber = new LedgerChamber(founding, { uncertifiedEvery: 2 });
        let empty: number | undefined;
        for (const [i, { seat, how, suffix, opens, decidedAtTheEnd }] of seasons.entries()) {
          const subject = `urn:test:season-${i}`;
          const inFlight = opens === 'before' ? chamber.open({ subject }) : undefined;
          if (inFlight !== undefined && decidedAtTheEnd) judged(chamber, inFlight);
          const chair = chairOf(chamber, seat);
          const next =
            how === 'given away' || chair.vacant === true
              ? newcomerWithKeys(seat, i + 1)
              : how === 'left empty' && empty === undefined
                ? { ...chair, vacant: true as const }
                : { ...newcomerWithKeys(seat, i + 1), ...keysOf(chair) };
          if (next.vacant === true) empty = seat;
          else if (empty === seat) empty = undefined;
          chamber.suffix = suffix;
          endEpoch(chamber, [next]);
          if (inFlight !== undefined && !decidedAtTheEnd) judged(chamber, inFlight);
          if (opens === 'after') judged(chamber, chamber.open({ subject }));
        }
        while (chamber.height % 2 === 0) chamber.block([]);
        chamber.publish();
        const audit = auditLedger(founding, chamber.read, AUDITOR);
        expect(audit.problem).toBeUndefined();
        expect(audit.decisions).toEqual(chamber.records.filter(({ kind }) => kind === 'case.decided'));
        for (const decision of audit.decisions) {
          const papers = { certificate: chamber.certificateOf(decision), proof: chamber.proofOf(decision) };
          const found = verifyCertificate(
            { ...papers, anchor: founding.councilId },
            { ed25519: fastestEd25519, bls },
          );
          expect(found.status, found.checks.at(-1)?.detail).toBe('valid');
          certified++;
        }
      }),
      { numRuns: 8 },
    );
    expect(certified).toBeGreaterThan(3);
  });
});

function keysOf({ ed25519, bls: key, possession }: ReturnType<typeof chairOf>) {
  return { ed25519, bls: key, possession };
}

/** By everybody on its panel, now. */
function judged(chamber: LedgerChamber, caseId: ReturnType<LedgerChamber['open']>): void {
  const panel = chamber.state.open.get(caseId)?.seats ?? [];
  const seats = panel.flatMap(({ kind }, i) => (kind === 'vacant' ? [] : [i + 1]));
  chamber.block(seats.map((seat) => chamber.commit(caseId, seat, 'approve')));
  chamber.block(seats.map((seat) => chamber.reveal(caseId, seat, 'approve')));
  expect(chamber.decision(caseId).outcome).toBe('approved');
}
