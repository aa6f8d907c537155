import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../../signing/bytes.ts';
import { decodeBatch, encodeBatch, MAX_FRAMES, NONCE_BYTES } from './frames.ts';

const nonce = fc.uint8Array({ minLength: NONCE_BYTES, maxLength: NONCE_BYTES });
const batch = fc.record({
  from: fc.string({ minLength: 1, maxLength: 40 }),
  messages: fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 }),
});
const plain = ({ from, messages }: { from: string; messages: readonly Uint8Array[] }) => ({
  from,
  messages: messages.map((message) => [...message]),
});

it('what goes in comes out, also from a Buffer that is a view into more', () => {
  fc.assert(
    fc.property(batch, nonce, (sent, random) => {
      const bytes = encodeBatch(sent, random);
      const within = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
      const view = within.subarray(6, 6 + bytes.length);
      const found = decodeBatch(view);
      expect(found && plain(found)).toEqual(plain(sent));
      expect(found?.messages.some((message) => Buffer.isBuffer(message))).toBe(false);
      // Nobody who changes the received bytes changes a message, or the other way round.
      within.fill(0xff);
      expect(found && plain(found)).toEqual(plain(sent));
    }),
  );
});

it('a batch cut short anywhere is none, or fewer of the same messages', () => {
  fc.assert(
    fc.property(batch, nonce, fc.nat(), (sent, random, cut) => {
      const bytes = encodeBatch(sent, random);
      const found = decodeBatch(bytes.subarray(0, cut % bytes.length));
      if (found === undefined) return;
      expect(plain(found)).toEqual(
        plain({ ...sent, messages: sent.messages.slice(0, found.messages.length) }),
      );
    }),
  );
});

it('any bytes at all are a batch or none, and never an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeBatch(bytes);
      decodeBatch(Uint8Array.of(1, ...bytes));
    }),
    { numRuns: 1_000 },
  );
});

it('one byte changed is another batch, or none', () => {
  fc.assert(
    fc.property(batch, nonce, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, random, at, flip) => {
      const bytes = encodeBatch(sent, random);
      const place = at % bytes.length;
      const changed = Uint8Array.from(bytes, (byte, index) => (index === place ? byte ^ flip : byte));
      const found = decodeBatch(changed);
      if (found === undefined || (place > 0 && place <= NONCE_BYTES)) return;
      expect(plain(found)).not.toEqual(plain(sent));
    }),
  );
});

it('refuses more frames than a sender would put into one, and names that are none', () => {
  const full = { from: 'a', messages: Array.from({ length: MAX_FRAMES }, () => utf8('')) };
  const random = new Uint8Array(NONCE_BYTES);
  expect(decodeBatch(encodeBatch(full, random))?.messages.length).toBe(MAX_FRAMES);
  expect(
    decodeBatch(encodeBatch({ ...full, messages: [...full.messages, utf8('')] }, random)),
  ).toBeUndefined();
  expect(decodeBatch(encodeBatch({ ...full, from: '' }, random))).toBeUndefined();
  const notText = encodeBatch(full, random);
  notText[2 + NONCE_BYTES] = 0xff;
  expect(decodeBatch(notText)).toBeUndefined();
});
