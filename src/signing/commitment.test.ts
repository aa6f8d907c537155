import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { type BallotCommitment, commitmentOf, fieldCommitment } from './commitment.ts';
import { digestOfBytes } from './digest.ts';
import type { Epoch } from './purpose.ts';
import { asSeatId } from './seat-id.ts';

const councilId = digestOfBytes(utf8('council'));
const salt = 'ab'.repeat(32);
const committed: BallotCommitment = {
  councilId,
  epoch: 1 as Epoch,
  caseId: digestOfBytes(utf8('case')),
  seat: asSeatId(7),
  salt,
  ballot: { verdict: 'approve', confidence: 80 },
};

it('a ballot commitment is the digest of the canonical object that protocol 4.4 names', () => {
  const spelt =
    `{"ballot":{"confidence":80,"verdict":"approve"},"caseId":"${committed.caseId}","councilId":"${councilId}",` +
    `"epoch":1,"purpose":"ballot.committed","salt":"${salt}","seat":7}`;
  expect(commitmentOf(committed)).toBe(digestOfBytes(utf8(spelt)));
});

it.each<[string, Partial<BallotCommitment>]>([
  ['council', { councilId: digestOfBytes(utf8('other')) }],
  ['epoch', { epoch: 2 as Epoch }],
  ['case', { caseId: digestOfBytes(utf8('other')) }],
  ['seat', { seat: asSeatId(8) }],
  ['salt', { salt: 'ac'.repeat(32) }],
  ['ballot', { ballot: { verdict: 'approve', confidence: 81 } }],
])('a commitment does not open under another %s', (_, other) => {
  expect(commitmentOf({ ...committed, ...other })).not.toBe(commitmentOf(committed));
});

it.each(['', 'ab'.repeat(31), 'ab'.repeat(33), 'AB'.repeat(32), 'zz'.repeat(32)])(
  'refuses the salt %j',
  (bad) => {
    expect(() => commitmentOf({ ...committed, salt: bad })).toThrow('expected a salt');
    expect(() => fieldCommitment(bad, 'text')).toThrow('expected a salt');
  },
);

it("a field's commitment is HMAC-SHA256 under its salt", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string(), (key, text) => {
      const expected = createHmac('sha256', key).update(text, 'utf8').digest('hex');
      expect(fieldCommitment(toHex(key), text)).toBe(expected);
    }),
  );
});

it('is of the text in UTF-8', () => {
  const expected = createHmac('sha256', fromHex(salt)).update('é𝄞', 'utf8').digest('hex');
  expect(fieldCommitment(salt, 'é𝄞')).toBe(expected);
});

it('texts that differ, or salts, give commitments that differ', () => {
  expect(fieldCommitment(salt, 'a')).not.toBe(fieldCommitment(salt, 'b'));
  expect(fieldCommitment(salt, 'a')).not.toBe(fieldCommitment('00'.repeat(32), 'a'));
  // HMAC pads short keys with zeros: salts of one length only keep that from mattering.
  expect(fromHex(salt)).toHaveLength(32);
});

it('two texts that UTF-8 would spell alike cannot share a commitment', () => {
  expect(() => fieldCommitment(salt, '\ud800')).toThrow('whole Unicode');
  expect(() => fieldCommitment(salt, '\udfff')).toThrow('whole Unicode');
});
