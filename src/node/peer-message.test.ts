import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../signing/bytes.ts';
import { digestOf } from '../signing/digest.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { decodePeerMessage, type Endorsements, encodeEndorsements, encodeOrdering } from './peer-message.ts';

const endorsements: Endorsements = {
  kind: 'endorsements',
  caseId: digestOf('a case'),
  wanted: true,
  endorsements: [
    { seat: asSeatId(3), envelope: new Uint8Array(64).fill(1), share: new Uint8Array(96).fill(2) },
    { seat: asSeatId(33), envelope: new Uint8Array(64).fill(3), share: new Uint8Array(96).fill(4) },
  ],
};

const refused = (bytes: Uint8Array) =>
  expect(() => decodePeerMessage(bytes)).toThrow(expect.objectContaining({ code: 'bad-input' }));

describe('messages between nodes', () => {
  it('come back as they were', () => {
    expect(decodePeerMessage(encodeEndorsements(endorsements))).toEqual(endorsements);
    const message = { kind: 'entries', entries: [] } as const;
    expect(decodePeerMessage(encodeOrdering(message))).toEqual({ kind: 'ordering', message });
  });

  it('are refused when they are nothing a node would send', () => {
    refused(new Uint8Array());
    refused(Uint8Array.of(0x65));
    refused(concat(Uint8Array.of(0x78), encodeOrdering({ kind: 'entries', entries: [] }).subarray(1)));
    refused(utf8('e{"caseId":"x"}'));
    refused(utf8(`e${JSON.stringify({ caseId: endorsements.caseId, endorsements: [], wanted: 1 })}`));
    const short = {
      ...endorsements,
      endorsements: [{ ...endorsements.endorsements[0], share: new Uint8Array(95) }],
    };
    refused(encodeEndorsements(JSON.parse(JSON.stringify(short), revive)));
    refused(concat(encodeEndorsements(endorsements), utf8(' ')));
    refused(utf8(`e${'['.repeat(1_000)}`));
    refused(concat(utf8('e'), new Uint8Array(1_000_000).fill(0x20)));
  });

  it('any bytes at all are a message or bad input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0x65, 0x6f, 0), (bytes, first) => {
        try {
          decodePeerMessage(concat(Uint8Array.of(first), bytes));
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-input' });
        }
      }),
    );
  });
});

function revive(_: string, value: unknown): unknown {
  const isBytes = typeof value === 'object' && value !== null && '0' in value && !Array.isArray(value);
  return isBytes ? Uint8Array.from(Object.values(value)) : value;
}
