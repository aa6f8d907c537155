import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { votes } from '../../test/rigs/chamber.ts';
import { bls, foundingWithKeys, LedgerChamber } from '../../test/rigs/published-ledger.ts';
import type { Decision } from '../council/records.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { allSeats, asSeatId } from '../signing/seat-id.ts';
import { formatEnvelope, formatQuorum, formatRosters, parseCertificate } from './certificate.ts';
import { Certifier, type SeatEndorsement } from './certify.ts';
import { decisionLeaf, parseStatement, statementPayload } from './decision-statement.ts';
import { bitmapOf, seatsOf } from './seat-bitmap.ts';
import { TiledLog } from './tiled-log.ts';

let chamber: LedgerChamber;
let decision: Decision;
let endorsements: readonly SeatEndorsement[];
let certifier: Certifier;

beforeAll(() => {
  chamber = new LedgerChamber(foundingWithKeys(7));
  decision = chamber.judge(chamber.open(), votes([6, 'approve'], [1, undefined]));
  endorsements = chamber.endorse(decision);
  certifier = new Certifier(chamber.founding, { ed25519: fastestEd25519, bls });
});

const withFalse = (seat: number, part: 'envelope' | 'share'): readonly SeatEndorsement[] =>
  endorsements.map((own) =>
    own.seat === seat ? { ...own, [part]: endorsements[seat % 7]?.[part] ?? own[part] } : own,
  );

describe('certifying', () => {
  test('a certificate names every seat that signed truly, in both sets', () => {
    const {
      certificate = new Uint8Array(),
      seats,
      refused,
    } = certifier.certify(chamber.payloadOf(decision), endorsements);
    const file = parseCertificate(certificate);
    expect([seats, refused]).toEqual([allSeats(7), []]);
    expect(file.signatures.map(({ seat }) => seat)).toEqual(allSeats(7));
    expect(seatsOf(file.quorum.seats, 7)).toEqual(allSeats(7));
    expect(textOf(certificate)).toBe(
      formatEnvelope(file.payload, file.signatures) + formatQuorum(file.quorum) + formatRosters(file.rosters),
    );
  });

  test('a seat with a false signature of either kind is named and left out of both sets', () => {
    for (const part of ['envelope', 'share'] as const) {
      const { certificate = new Uint8Array(), refused } = certifier.certify(
        chamber.payloadOf(decision),
        withFalse(3, part),
      );
      expect(refused).toEqual([3]);
      const file = parseCertificate(certificate);
      expect(file.signatures.map(({ seat }) => seat)).toEqual([1, 2, 4, 5, 6, 7]);
      expect(seatsOf(file.quorum.seats, 7)).toEqual([1, 2, 4, 5, 6, 7]);
    }
  });

  test('a share that is no point of the group refuses its seat alone', () => {
    const odd = endorsements.map((own) => (own.seat === 2 ? { ...own, share: new Uint8Array(96) } : own));
    const { certificate, refused } = certifier.certify(chamber.payloadOf(decision), odd);
    expect([refused, certificate !== undefined]).toEqual([[2], true]);
  });

  test('q − 1 seats make no certificate, q do, and a second endorsement of a seat adds nothing', () => {
    const payload = chamber.payloadOf(decision);
    const four = endorsements.slice(0, 4);
    expect(certifier.certify(payload, four).certificate).toBeUndefined();
    expect(certifier.certify(payload, [...four, ...four]).certificate).toBeUndefined();
    expect(certifier.certify(payload, endorsements.slice(0, 5)).certificate).toBeDefined();
    expect(certifier.certify(payload, []).seats).toEqual([]);
  });

  test('a seat that is not of the roster is refused', () => {
    const stranger = endorsements.map((own) => ({ ...own, seat: asSeatId(own.seat + 7) }));
    expect(certifier.certify(chamber.payloadOf(decision), stranger).refused).toHaveLength(7);
  });
});

describe('statements', () => {
  test('a statement holds the decision whole, and from it comes the very leaf of the ledger', () => {
    const statement = parseStatement(chamber.payloadOf(decision));
    expect(statement).toEqual({ councilId: chamber.founding.councilId, decision });
    chamber.publish();
    const log = new TiledLog(chamber.headers.at(-1)?.ledgerSize ?? 0, chamber.read);
    expect([...log.entries()].map(textOf)).toContain(textOf(decisionLeaf(statement.decision)));
  });

  test('another type, subject, field or spelling is refused', () => {
    const text = textOf(chamber.payloadOf(decision));
    for (const altered of [
      text.replace('Statement/v1', 'Statement/v2'),
      text.replace('decision/v1', 'decision/v2'),
      text.replace('"sha256":"', '"sha256":"0'),
      text.replace('"attempt":1', '"attempt":1,"attempt2":1'),
      text.replace('"attempt":1', '"attempt": 1'),
      text.replace('"attempt":1,', ''),
      text.replace('"basis":"quorum"', '"basis":"unanimity"'),
      `${text} `,
    ]) {
      expect(altered).not.toBe(text);
      expect(() => parseStatement(utf8(altered)), altered.slice(0, 200)).toThrow();
    }
    const elsewhere = { ...decision, subject: 'urn:test:elsewhere' };
    const payload = textOf(statementPayload({ councilId: chamber.founding.councilId, decision: elsewhere }));
    expect(() =>
      parseStatement(utf8(payload.replace('"name":"urn:test:elsewhere"', '"name":"urn:test:x"'))),
    ).toThrow(/another subject/);
  });
});

describe('bitmaps', () => {
  test('a set of seats has one spelling, and padding bits are zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.infiniteStream(fc.boolean()), (n, chosen) => {
        const seats = allSeats(n).filter(() => chosen.next().value);
        const bitmap = bitmapOf(seats, n);
        expect(bitmap).toHaveLength(2 * Math.ceil(n / 8));
        expect(seatsOf(bitmap, n)).toEqual(seats);
      }),
    );
    expect(bitmapOf([asSeatId(1), asSeatId(33)], 33)).toBe('0100000001');
    expect(() => seatsOf('0100000003', 33)).toThrow(/padding/);
    expect(() => seatsOf('01000000', 33)).toThrow(/5 bytes/);
    expect(() => bitmapOf([asSeatId(2), asSeatId(2)], 7)).toThrow(/twice/);
    expect(() => bitmapOf([asSeatId(8)], 7)).toThrow(/1 to 7/);
  });
});
