// A ledger of the size that "Done means" 5 of the foundations names: full tiles on every level that a council will see.
import { expect, test } from 'vitest';
import { auditLedger } from '../../src/ledger/audit.ts';
import { proveEntry } from '../../src/ledger/prove.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { allSeats } from '../../src/signing/seat-id.ts';
import { foundingWithKeys, LedgerChamber, NO_SIGNATURE } from '../rigs/published-ledger.ts';

test('a ledger of 70,000 entries verifies, whole and entry by entry', { timeout: 300_000 }, () => {
  const cases = Math.ceil(70_000 / 69);
  const chamber = new LedgerChamber(foundingWithKeys(33), { unsigned: true });
  for (let i = 0; i < cases; i++) {
    const caseId = chamber.open({ subject: `urn:test:${i}` });
    chamber.block(allSeats(33).map((seat) => chamber.commit(caseId, seat, 'approve')));
    chamber.block(allSeats(33).map((seat) => chamber.reveal(caseId, seat, 'approve')));
  }
  chamber.publish({ ...fastestEd25519, sign: () => NO_SIGNATURE });
  // Real signatures are checked in the other tests; here, all else is done 70,000 times.
  const audit = auditLedger(chamber.founding, chamber.read, { ed25519: { verify: () => true } });
  expect(audit.problem).toBeUndefined();
  expect(audit.size).toBeGreaterThanOrEqual(70_000);
  expect(audit.decisions).toHaveLength(cases);
  expect(proveEntry(35_000, chamber.read).size).toBe(audit.size);
});
