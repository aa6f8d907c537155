import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf, toBase64, utf8 } from '../signing/bytes.ts';
import { canonicalText } from '../signing/canonical.ts';
import { asDigest, digestOfBytes } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import type { Block, Entry, Header, Height, View } from './block.ts';
import type { Certificate, TimeoutCertificate } from './certificates.ts';
import { digestOfHeader } from './digests.ts';
import type { Message, Proposal, Timeout, Vote } from './messages.ts';
import type { Signature } from './statements.ts';
import { decodeMessage, encodeMessage } from './wire.ts';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => digestOfBytes(bytes));
const seat = fc.integer({ min: 1, max: 200 }).map(asSeatId);
const number = fc.nat();
const view = number.map((n) => n as View);
const height = number.map((n) => n as Height);
const epoch = number.map((n) => n as Epoch);
const signature = fc
  .uint8Array({ minLength: 64, maxLength: 64 })
  .map((bytes) => toBase64(bytes) as Signature);
const entry: fc.Arbitrary<Entry> = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => {
  const bytes = utf8(canonicalText({ text }));
  return { digest: digestOfBytes(bytes), bytes };
});
const header: fc.Arbitrary<Header> = fc.record({
  epoch,
  view,
  height,
  parent: digest,
  proposer: seat,
  timeMs: number,
  payloadRoot: digest,
  ledgerSize: number,
  ledgerRoot: digest,
});
const block: fc.Arbitrary<Block> = fc
  .record({ header, entries: fc.array(entry, { maxLength: 4 }) })
  .map(({ header, entries }) => ({ digest: digestOfHeader(header), header, entries }));
const signatures = fc.array(fc.record({ seat, signature }), { maxLength: 4 });
const certificate: fc.Arbitrary<Certificate> = fc.record({
  kind: fc.constantFrom('prepare', 'commit'),
  epoch,
  view,
  height,
  block: digest,
  signatures,
});
const timeoutCertificate: fc.Arbitrary<TimeoutCertificate> = fc.record({
  epoch,
  view,
  reports: fc.array(fc.record({ seat, signature, prepareView: view }), { maxLength: 4 }),
  high: certificate,
});
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const proposal: fc.Arbitrary<Proposal> = fc.record({
  kind: fc.constant('proposal'),
  seat,
  block,
  justify: certificate,
  timeoutCertificate: maybe(timeoutCertificate),
  signature,
});
const vote: fc.Arbitrary<Vote> = fc.record({
  kind: fc.constant('vote'),
  phase: fc.constantFrom(1, 2),
  seat,
  epoch,
  view,
  height,
  block: digest,
  signature,
});
const timeout: fc.Arbitrary<Timeout> = fc.record({
  kind: fc.constant('timeout'),
  seat,
  epoch,
  view,
  prepareView: view,
  prepare: certificate,
  signature,
});
const message: fc.Arbitrary<Message> = fc.oneof(
  proposal,
  vote,
  timeout,
  fc.record({
    kind: fc.constant('status' as const),
    view,
    prepare: certificate,
    commit: certificate,
    timeoutCertificate: maybe(timeoutCertificate),
    parts: fc.array(fc.oneof(proposal, vote, timeout), { maxLength: 3 }),
    entries: fc.array(entry, { maxLength: 3 }),
    ask: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('blocks-wanted' as const), block: digest, aboveHeight: height }),
  fc.record({
    kind: fc.constant('blocks' as const),
    blocks: fc.array(block, { maxLength: 3 }),
    commit: maybe(certificate),
  }),
  fc.record({ kind: fc.constant('entries' as const), entries: fc.array(entry, { maxLength: 5 }) }),
);

const aVote: Vote = {
  kind: 'vote',
  phase: 1,
  seat: asSeatId(7),
  epoch: 1 as Epoch,
  view: 12 as View,
  height: 3 as Height,
  block: asDigest('ab'.repeat(32)),
  signature: toBase64(new Uint8Array(64).fill(9)) as Signature,
};
const voteText = textOf(encodeMessage(aVote));
const decodeText = (text: string) => decodeMessage(utf8(text));

describe('messages on the wire', () => {
  it('every message comes back as it was', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeMessage(encodeMessage(sent))).toEqual(sent);
      }),
    );
  });

  it('the bytes are canonical JSON', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const text = textOf(encodeMessage(sent));
        expect(canonicalText(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('an unknown field is refused at every depth', () => {
    const status = textOf(
      encodeMessage({
        kind: 'status',
        view: 1 as View,
        prepare: fc.sample(certificate, { numRuns: 1, seed: 1 })[0] ?? expect.fail(),
        commit: fc.sample(certificate, { numRuns: 1, seed: 2 })[0] ?? expect.fail(),
        timeoutCertificate: null,
        parts: [aVote],
        entries: [],
        ask: false,
      }),
    );
    let places = 0;
    for (const open of status.matchAll(/\{/g)) {
      const at = open.index + 1;
      expect(() => decodeText(`${status.slice(0, at)}"aa":1,${status.slice(at)}`)).toThrow();
      places++;
    }
    expect(places).toBeGreaterThan(3);
    expect(() => decodeText(status)).not.toThrow();
  });

  it('a missing field is refused, whichever it is', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const whole = JSON.parse(textOf(encodeMessage(sent)));
        for (const key of Object.keys(whole)) {
          const { [key]: _, ...rest } = whole;
          expect(() => decodeText(canonicalText(rest))).toThrow();
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ['a space', voteText.replace(':', ': ')],
    ['keys in another order', voteText.replace(/^\{("block":"[^"]*"),("epoch":1)/, '{$2,$1')],
    ['a number spelled otherwise', voteText.replace('"view":12', '"view":1.2e1')],
    ['a doubled key', voteText.replace('{', '{"block":"",')],
    ['a negative view', voteText.replace('"view":12', '"view":-12')],
    ['a fractional view', voteText.replace('"view":12', '"view":1.5')],
    ['a view beyond exact numbers', voteText.replace('"view":12', '"view":9007199254740993')],
    ['a view in quotes', voteText.replace('"view":12', '"view":"12"')],
    ['a seat that cannot be', voteText.replace('"seat":7', '"seat":0')],
    ['a third phase', voteText.replace('"phase":1', '"phase":3')],
    ['a digest in capitals', voteText.replace('abab', 'ABab')],
    ['a short signature', voteText.replace('CQkJ', '')],
    ['stray bits in a signature', voteText.replace('CQ==', 'CR==')],
    ['another kind', voteText.replace('"vote"', '"veto"')],
    ['a key that is a prototype', voteText.replace('"kind"', '"__proto__"')],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
    ['half of it', voteText.slice(0, 60)],
    ['deep nesting', '['.repeat(100_000)],
  ])('%s is refused as bad input', (_, text) => {
    expect(text).not.toBe(voteText);
    expect(() => decodeText(text)).toThrow(expect.objectContaining({ code: 'bad-input' }));
  });

  it('bytes that are not UTF-8 are refused', () => {
    expect(() => decodeMessage(Uint8Array.of(0xff, 0xfe))).toThrow(
      expect.objectContaining({ code: 'bad-input' }),
    );
  });

  it('more items than any message may hold are refused', () => {
    const entries = JSON.stringify({ entries: Array.from({ length: 2_001 }, () => '{}'), kind: 'entries' });
    expect(() => decodeText(entries)).toThrow(/at most 2000/);
    const entry = JSON.stringify({ entries: ['x'.repeat(65_536)], kind: 'entries' });
    expect(() => decodeText(entry)).toThrow(/65535/);
  });

  it('any one byte changed is refused or is another message, never a crash', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, place, flip) => {
        const bytes = encodeMessage(sent);
        const at = place % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        let found: Message;
        try {
          found = decodeMessage(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-input' });
          return;
        }
        expect(encodeMessage(found)).toEqual(bytes);
      }),
    );
  });
});
