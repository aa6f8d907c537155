// When a case may open, and everything that keeps it from opening (protocol 4.1).
import { describe, expect, it } from 'vitest';
import {
  Chamber,
  SUBMITTER_KEY,
  signerOf,
  standInSignature,
  testCharter,
  testFounding,
  votes,
} from '../../test/rigs/chamber.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { caseIdOf } from './case.ts';
import { earlierCases } from './council.ts';
import { openEntry, receiptMessage, sealEntry } from './entry.ts';
import { FIRST_EPOCH } from './roster.ts';
import { MAX_OPEN_CASES } from './state.ts';

describe('a case', () => {
  it('opens with receipts of a quorum, and not with one fewer', () => {
    const chamber = new Chamber(33);
    const document = chamber.document();
    expect(chamber.admits(chamber.opened(document, chamber.firstSeats(21)))).toBe('never');
    expect(chamber.block([chamber.opened(document, chamber.firstSeats(21))])).toBeUndefined();
    expect(chamber.admits(chamber.opened(document, chamber.firstSeats(22)))).toBe('now');
    expect(chamber.admits(chamber.opened(document, chamber.firstSeats(33)))).toBe('now');
    expect(chamber.block([chamber.opened(document, chamber.firstSeats(22))])).toEqual([]);
    expect(chamber.state.open.get(caseIdOf(document))?.phase).toBe('commit');
  });

  it('does not open when one of its receipts is not genuine, however many others there are', () => {
    const chamber = new Chamber(4);
    const document = chamber.document();
    const { councilId } = chamber.founding;
    const message = receiptMessage(caseIdOf(document), { councilId, epoch: FIRST_EPOCH });
    const sealed = (forged: string) =>
      chamber.seal({
        kind: 'case.opened',
        by: 'submitter/acme',
        epoch: FIRST_EPOCH,
        case: document,
        receipts: [1, 2, 3, 4].map((seat) => ({
          seat: asSeatId(seat),
          sig: seat === 4 ? forged : standInSignature(chamber.keyOf(seat), message),
        })),
      });
    expect(chamber.admits(sealed(standInSignature(chamber.keyOf(4), message)))).toBe('now');
    expect(chamber.admits(sealed(standInSignature(chamber.keyOf(3), message)))).toBe('never');
    const otherCase = receiptMessage(caseIdOf(chamber.document()), { councilId, epoch: FIRST_EPOCH });
    expect(chamber.admits(sealed(standInSignature(chamber.keyOf(4), otherCase)))).toBe('never');
    const otherEpoch = receiptMessage(caseIdOf(document), { councilId, epoch: 2 as Epoch });
    expect(chamber.admits(sealed(standInSignature(chamber.keyOf(4), otherEpoch)))).toBe('never');
  });

  it('does not open twice, nor in one block twice', () => {
    const chamber = new Chamber(4);
    const entry = chamber.opened(chamber.document());
    expect(chamber.block([entry, entry])).toBeUndefined();
    expect(chamber.block([entry])).toEqual([]);
    expect(chamber.admits(entry)).toBe('never');
    expect(chamber.block([entry])).toBeUndefined();
  });

  it('of a type without a policy, or by a submitter the charter does not name, does not open', () => {
    const chamber = new Chamber(4);
    expect(chamber.admits(chamber.opened(chamber.document({ type: 'emergency' })))).toBe('now');
    expect(chamber.admits(chamber.opened(chamber.document({ type: 'appeal' })))).toBe('never');
    expect(chamber.admits(chamber.opened(chamber.document({ submitter: 'stranger' })))).toBe('never');
  });

  it('opens only under the key of its submitter', () => {
    const chamber = new Chamber(4);
    const { fields } = openEntry(chamber.opened(chamber.document()).bytes);
    const { councilId } = chamber.founding;
    expect(chamber.admits(sealEntry(fields, councilId, signerOf(SUBMITTER_KEY)))).toBe('now');
    expect(chamber.admits(sealEntry(fields, councilId, signerOf(chamber.keyOf(1))))).toBe('never');
    const other = testFounding(7).councilId;
    expect(chamber.admits(sealEntry(fields, other, signerOf(SUBMITTER_KEY)))).toBe('never');
  });

  it('of another epoch does not open', () => {
    const chamber = new Chamber(4);
    const { fields } = openEntry(chamber.opened(chamber.document()).bytes);
    expect(chamber.admits(chamber.seal({ ...fields, epoch: 2 as Epoch }))).toBe('never');
  });
});

describe('attempts', () => {
  it('name all earlier cases of the same type and subject, in order', () => {
    const chamber = new Chamber(4);
    const first = chamber.open();
    chamber.judge(first, votes([4, 'reject']));
    expect(chamber.admits(chamber.opened(chamber.document({ attempt: 1, earlier: [] })))).toBe('never');
    expect(chamber.admits(chamber.opened(chamber.document({ attempt: 2, earlier: [] })))).toBe('never');
    expect(chamber.admits(chamber.opened(chamber.document({ attempt: 1, earlier: [first] })))).toBe('never');
    const document = chamber.document();
    expect(document).toMatchObject({ attempt: 2, earlier: [first] });
    chamber.judge(chamber.open(), votes([4, 'abstain']));
    const [one, two] = earlierCases(chamber.state, document);
    if (one === undefined || two === undefined) throw new Error('two cases expected');
    expect(chamber.admits(chamber.opened(chamber.document({ earlier: [two, one] })))).toBe('never');
    expect(chamber.admits(chamber.opened(chamber.document({ earlier: [one, two] })))).toBe('now');
  });

  it('are capped by the charter, whatever came of the earlier ones', () => {
    const chamber = new Chamber(4);
    for (let attempt = 1; attempt <= 3; attempt++) chamber.judge(chamber.open(), votes([4, 'abstain']));
    const fourth = chamber.document();
    expect(fourth.attempt).toBe(4);
    expect(chamber.admits(chamber.opened(fourth))).toBe('never');
    expect(chamber.admits(chamber.opened(chamber.document({ subject: 'urn:test:other' })))).toBe('now');
    expect(chamber.admits(chamber.opened(chamber.document({ type: 'emergency' })))).toBe('now');
  });

  it('are not made side by side: the next waits for the decision of the last', () => {
    const chamber = new Chamber(4);
    const first = chamber.open();
    const second = chamber.opened(chamber.document());
    expect(chamber.admits(second)).toBe('later');
    expect(chamber.block([second])).toBeUndefined();
    chamber.judge(first, votes([4, 'approve']));
    expect(chamber.admits(second)).toBe('now');
  });
});

describe('quotas', () => {
  it('bound how many cases of a submitter are open at once; the next waits', () => {
    const submitters = [{ id: 'acme', ed25519: SUBMITTER_KEY, quota: 2 }];
    const chamber = new Chamber(4, testFounding(4, testCharter({ submitters })));
    const first = chamber.open({ subject: 'one' });
    chamber.open({ subject: 'two' });
    const third = chamber.opened(chamber.document({ subject: 'three' }));
    expect(chamber.admits(third)).toBe('later');
    chamber.judge(first, votes([4, 'approve']));
    expect(chamber.block([third])).toEqual([]);
  });

  it(`bound the whole council at ${MAX_OPEN_CASES} open cases`, () => {
    const submitters = [{ id: 'acme', ed25519: SUBMITTER_KEY, quota: 10_000 }];
    const chamber = new Chamber(4, testFounding(4, testCharter({ submitters })));
    const entries = Array.from({ length: MAX_OPEN_CASES }, (_, i) =>
      chamber.opened(chamber.document({ subject: `urn:test:${i}` })),
    );
    expect(chamber.block(entries)).toEqual([]);
    expect(chamber.admits(chamber.opened(chamber.document({ subject: 'one more' })))).toBe('later');
  });
});
