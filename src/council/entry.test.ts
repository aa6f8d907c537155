// Entries at the door: one spelling, known fields, bounded, and a signature over the exact bytes that came.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  APPROVES,
  ballotOfVote,
  bytesFor,
  Chamber,
  REJECTS,
  SUBMITTER_KEY,
  standInVerify,
} from '../../test/rigs/chamber.ts';
import { changeEntry, newcomer, suspicion } from '../../test/rigs/epochs.ts';
import { MAX_ENTRY_BYTES } from '../consensus/limits.ts';
import { ConclaveError } from '../errors.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { canonicalBytes, parseCanonical } from '../signing/canonical.ts';
import { digestOf, digestOfBytes } from '../signing/digest.ts';
import { signedBytes } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { entryMessage, openEntry, seatOfAuthor } from './entry.ts';
import { FIRST_EPOCH } from './roster.ts';

const chamber = new Chamber(4);
const caseId = digestOf('case');
const entries = {
  'case.opened': chamber.opened(chamber.document()),
  'ballot.committed': chamber.commit(caseId, 2, 'approve'),
  'ballot.revealed': chamber.reveal(caseId, 2, 'approve'),
  'ballot.revealed (abstain)': chamber.reveal(caseId, 3, 'abstain'),
  'evidence.found': chamber.seal({
    kind: 'evidence.found',
    by: 'seat/1',
    epoch: FIRST_EPOCH,
    evidence: { kind: 'two-votes' },
  }),
  'roster.changed': changeEntry(chamber, [newcomer(2)]),
  'seats.suspected': suspicion(chamber, 1, [2, 4]),
};
/** Whose key an entry's outer signature is by. */
const keyOf = (by: string): string => {
  const [role = '', name = ''] = by.split('/');
  if (role === 'submitter') return SUBMITTER_KEY;
  return role === 'operator' ? bytesFor(`operator ${name}`, 32) : chamber.keyOf(Number(name));
};
const each = Object.entries(entries);

function refusal(bytes: Uint8Array | string): string {
  try {
    openEntry(typeof bytes === 'string' ? utf8(bytes) : bytes);
  } catch (error) {
    if (error instanceof ConclaveError && error.code === 'bad-input') return error.message;
    throw error;
  }
  return 'accepted';
}

/** The entry with its inner object's text changed; the signature is not looked at when opening. */
const changed = (entry: { bytes: Uint8Array }, from: string | RegExp, to: string): string => {
  const text = textOf(entry.bytes);
  const result = text.replace(from, to);
  expect(result).not.toBe(text);
  return result;
};

describe.each(each)('%s', (_, entry) => {
  it('is canonical JSON as a whole, named by the digest of its bytes', () => {
    expect(() => parseCanonical(entry.bytes)).not.toThrow();
    expect(entry.digest).toBe(digestOfBytes(entry.bytes));
  });

  it('opens, and its signed payload is the slice of the bytes that came', () => {
    const open = openEntry(entry.bytes);
    expect(textOf(open.payload)).toBe(textOf(canonicalBytes(open.fields)));
    expect(open.payload.buffer).toBe(entry.bytes.buffer);
    const { councilId } = chamber.founding;
    const message = signedBytes({ purpose: open.fields.kind, councilId, epoch: FIRST_EPOCH }, open.payload);
    expect(entryMessage(open, councilId)).toEqual(message);
    expect(standInVerify(keyOf(open.fields.by), message, open.signature)).toBe(true);
  });

  it('is refused with an unknown field, a doubled field, a missing field or other spacing', () => {
    const kind = `"kind":"${openEntry(entry.bytes).fields.kind}"`;
    expect(refusal(changed(entry, kind, `"extra":1,${kind}`))).toMatch(/canonical|unknown/);
    expect(refusal(changed(entry, /"epoch":1,/, '"epoch":1,"epoch":1,'))).toMatch(/canonical/);
    expect(refusal(changed(entry, /"epoch":1,/, ''))).toMatch(/fields/);
    expect(refusal(changed(entry, /"epoch":1,/, '"epoch": 1,'))).toMatch(/canonical/);
    expect(refusal(changed(entry, /"epoch":1,/, '"epoch":1.0,'))).toMatch(/canonical/);
    expect(refusal(changed(entry, kind, `"__proto__":{},${kind}`))).toMatch(/canonical|unknown|__proto__/);
    expect(refusal(changed(entry, kind, kind.replace('kind', '\\u006bind')))).toMatch(/canonical/);
  });

  it('is refused with anything before, behind or between', () => {
    const text = textOf(entry.bytes);
    for (const other of [
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      text.slice(1),
      text.slice(0, -1),
      `\ufeff${text}`,
    ]) {
      expect(refusal(other)).not.toBe('accepted');
    }
    expect(refusal(changed(entry, ',"sig":"', ',"also":1,"sig":"'))).not.toBe('accepted');
    expect(refusal(changed(entry, /.{4}(?===.{2}$)/, '    '))).toMatch(/signature/);
    expect(refusal(changed(entry, /.=="}$/, 'B=="}'))).toMatch(/signature/);
  });

  it('with any one byte changed is refused, or is another entry under the same signature', () => {
    const { fields, payload, signature } = openEntry(entry.bytes);
    const { councilId } = chamber.founding;
    const key = keyOf(fields.by);
    const message = entryMessage({ fields, payload }, councilId);
    expect(standInVerify(key, message, signature)).toBe(true);
    fc.assert(
      fc.property(fc.nat(entry.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = entry.bytes.slice();
        bytes[at] = (bytes[at] ?? 0) ^ by;
        if (refusal(bytes) !== 'accepted') return;
        const open = openEntry(bytes);
        expect(standInVerify(key, entryMessage(open, councilId), open.signature)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('hostile bytes', () => {
  it('are refused as bad input, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(refusal(bytes)).not.toBe('accepted');
      }),
      { numRuns: 200 },
    );
    const wrapped = (inner: string) => `{"entry":${inner},"sig":"${'A'.repeat(86)}=="}`;
    fc.assert(
      fc.property(fc.json(), (inner) => {
        expect(refusal(wrapped(inner))).not.toBe('accepted');
      }),
      { numRuns: 200 },
    );
    const deep = 30_000;
    for (const inner of [
      '',
      'null',
      '[]',
      '{}',
      '{"kind":"case.opened"}',
      '{"by":"seat/1","epoch":1,"evidence":1,"kind":"constructor"}',
      `{"by":"seat/1","epoch":1,"evidence":${'['.repeat(deep)}${']'.repeat(deep)},"kind":"evidence.found"}`,
      `{"by":"submitter/acme","case":${'['.repeat(deep)}${']'.repeat(deep)},"epoch":1,"kind":"case.opened","receipts":[]}`,
      '{"by":"seat/1","epoch":1,"evidence":1,"kind":"evidence.found"},"x":{}',
    ]) {
      expect(refusal(wrapped(inner))).not.toBe('accepted');
    }
  });

  it('of more than 65,535 are refused before they are read, and never sealed', () => {
    expect(refusal(new Uint8Array(MAX_ENTRY_BYTES + 1))).toMatch(/65535 bytes/);
    const evidence = 'x'.repeat(MAX_ENTRY_BYTES);
    expect(() =>
      chamber.seal({ kind: 'evidence.found', by: 'seat/1', epoch: FIRST_EPOCH, evidence }),
    ).toThrow(/fit/);
  });

  it('cannot speak for another seat than the one that signs', () => {
    expect(refusal(changed(entries['ballot.committed'], '"by":"seat/2"', '"by":"seat/3"'))).toMatch(/fields/);
    expect(refusal(changed(entries['ballot.committed'], '"by":"seat/2"', '"by":"seat/02"'))).toMatch(
      /fields/,
    );
    expect(refusal(changed(entries['case.opened'], 'submitter/acme', 'submitter/other'))).toMatch(/fields/);
  });

  it('cannot double a receipt, reorder them, or hang anything on one', () => {
    const { fields } = openEntry(entries['case.opened'].bytes);
    if (fields.kind !== 'case.opened') throw new Error('a case expected');
    const [first, second, third] = fields.receipts;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('receipts expected');
    for (const receipts of [
      [first, first, second],
      [second, first, third],
      [first, { ...second, note: 1 }, third],
      [first, { ...second, seat: asSeatId(1) }, third],
    ]) {
      expect(refusal(chamber.seal({ ...fields, receipts }).bytes)).not.toBe('accepted');
    }
  });

  it('cannot double an approval, reorder them, or hang anything on one or on a change', () => {
    const { fields, signature: sig } = openEntry(entries['roster.changed'].bytes);
    if (fields.kind !== 'roster.changed') throw new Error('a change expected');
    const [ann, ben] = fields.approvals;
    const spelled = (changes: object) => refusal(canonicalBytes({ entry: { ...fields, ...changes }, sig }));
    expect(spelled({})).toBe('accepted');
    for (const approvals of [
      [ann, ann],
      [ben, ann],
      [ann, { ...ben, note: 1 }],
      [{ ...ann, sig: 'x' }],
      {},
      null,
    ]) {
      expect(spelled({ approvals })).not.toBe('accepted');
    }
    const { change } = fields;
    for (const wrong of [
      { ...change, note: 1 },
      { seats: [] },
      { ...change, seats: [{ seat: 1 }] },
      null,
      [],
    ]) {
      expect(spelled({ change: wrong })).not.toBe('accepted');
    }
    for (const by of ['operator/', 'operator/Ann', 'operator/ann/x', 'seat/1', 'ann', 7]) {
      expect(spelled({ by })).not.toBe('accepted');
    }
  });

  it('cannot suspect a seat twice, out of order, or beyond the last there can be', () => {
    const { fields, signature: sig } = openEntry(entries['seats.suspected'].bytes);
    const spelled = (silent: unknown) => refusal(canonicalBytes({ entry: { ...fields, silent }, sig }));
    expect(spelled([])).toBe('accepted');
    for (const silent of [[2, 2], [3, 2], [0], [201], [1.5], ['2'], null, { 0: 2 }]) {
      expect(spelled(silent)).not.toBe('accepted');
    }
  });

  it('cannot bring a ballot that says more, less or something else than a ballot says', () => {
    const good = ballotOfVote('approve');
    const { fields, signature: sig } = openEntry(entries['ballot.revealed'].bytes);
    const reveal = (ballot: object) =>
      refusal(canonicalBytes({ entry: { ...fields, ballot: { ...good, ...ballot } }, sig }));
    expect(reveal({})).toBe('accepted');
    for (const wrong of [
      { confidence: 101 },
      { confidence: -1 },
      { confidence: 50.5 },
      { confidence: '80' },
      { verdict: 'approved' },
      { provenance: 'guess' },
      { reason: 'Because I said so' },
      { rationale: 'x' },
      { findings: { ...APPROVES, safety: 'maybe' } },
      { findings: { 'NOT A SLUG': 'met' } },
      { findings: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`c${i}`, 'met'])) },
      { findings: null },
    ]) {
      expect(reveal(wrong)).not.toBe('accepted');
    }
    expect(reveal({ findings: REJECTS })).toBe('accepted'); // that it does not follow is evidence, not bad form
  });
});

describe('authors', () => {
  it('are seats from 1 to 200 in one spelling', () => {
    expect(seatOfAuthor('seat/33')).toBe(33);
    for (const by of ['seat/0', 'seat/201', 'seat/01', 'seat/1 ', 'seat/', 'submitter/1', 'seat/1e1']) {
      expect(seatOfAuthor(by)).toBeUndefined();
    }
  });
});
