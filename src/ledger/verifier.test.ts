import { beforeAll, describe, expect, test } from 'vitest';
import { testCharter, votes } from '../../test/rigs/chamber.ts';
import { bls, foundingWithKeys, LedgerChamber, rosterWithKeys } from '../../test/rigs/published-ledger.ts';
import { found } from '../council/genesis.ts';
import type { Decision } from '../council/records.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { digestOf } from '../signing/digest.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { allSeats } from '../signing/seat-id.ts';
import { CHECKS, verifyCertificate } from './verifier.ts';

const FAST = { ed25519: fastestEd25519, bls };

interface Certified {
  readonly chamber: LedgerChamber;
  readonly decision: Decision;
  readonly certificate: Uint8Array;
  readonly proof: Uint8Array;
}

function certified(
  n: number,
  cast = votes([n, 'approve']),
  chamber = new LedgerChamber(foundingWithKeys(n)),
): Certified {
  const decision = chamber.judge(chamber.open(), cast);
  chamber.publish();
  return {
    chamber,
    decision,
    certificate: chamber.certificateOf(decision),
    proof: chamber.proofOf(decision),
  };
}

describe('a certificate', () => {
  let sample: Certified;
  beforeAll(() => {
    sample = certified(7);
  });

  test('is valid by the portable backends with the genesis digest for anchor, and every check says so', () => {
    const anchor = sample.chamber.founding.councilId;
    const found = verifyCertificate({ ...sample, anchor });
    expect(found.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(found.checks.map(({ name }) => name)).toEqual([...CHECKS]);
    expect([found.status, found.valid, found.failed]).toEqual(['valid', true, undefined]);
    expect(found.decision).toEqual(sample.decision);
    expect(verifyCertificate({ ...sample, anchor: sample.chamber.founding.genesis }, FAST)).toEqual(found);
  });

  test('without an anchor is never valid, though all else is checked', () => {
    const found = verifyCertificate(sample, FAST);
    expect([found.status, found.valid, found.failed]).toEqual(['unanchored', false, undefined]);
    expect(found.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['anchor']);
    expect(found.checks).toHaveLength(CHECKS.length);
  });

  test('of another council than the anchor is refused, and so is one that is false without an anchor', () => {
    const elsewhere = verifyCertificate({ ...sample, anchor: digestOf('another') }, FAST);
    expect([elsewhere.status, elsewhere.failed]).toEqual(['invalid', 'anchor']);
    const altered = utf8(textOf(sample.certificate).replace('"sig":"', '"sig":"A'));
    expect(verifyCertificate({ ...sample, certificate: altered }, FAST).status).toBe('invalid');
  });

  test('without its proof is refused: nobody could tell that it stands on the ledger', () => {
    const { certificate, chamber } = sample;
    const found = verifyCertificate({ certificate, anchor: chamber.founding.councilId }, FAST);
    expect([found.status, found.failed]).toEqual(['invalid', 'proof-form']);
  });

  test('holds whatever was decided, and however many seats took part', () => {
    const casts = [
      votes([5, 'approve'], [2, 'reject']),
      votes([4, 'approve'], [3, 'reject']),
      votes([3, 'approve'], [1, 'abstain'], [1, 'reject'], [2, undefined]),
      votes([7, 'abstain']),
    ];
    for (const cast of casts) {
      const { certificate, proof, chamber, decision } = certified(7, cast);
      const anchor = chamber.founding.councilId;
      const found = verifyCertificate({ certificate, proof, anchor }, FAST);
      expect(found.checks.find(({ ok }) => !ok)).toBeUndefined();
      expect(found.decision?.outcome).toBe(decision.outcome);
    }
  });

  test('holds at a tree head that a later block commits', () => {
    const chamber = new LedgerChamber(foundingWithKeys(4), { uncertifiedEvery: 3 });
    const decision = chamber.judge(chamber.open(), votes([4, 'approve']));
    expect(decision.height % 3).toBe(0);
    chamber.open({ subject: 'urn:test:another' });
    chamber.publish();
    const input = {
      certificate: chamber.certificateOf(decision),
      proof: chamber.proofOf(decision),
      anchor: chamber.founding.councilId,
    };
    expect(verifyCertificate(input, FAST).status).toBe('valid');
  });

  test('signed by exactly a quorum holds', () => {
    const { chamber, decision, proof } = sample;
    const certificate = chamber.certificateOf(decision, chamber.endorse(decision, allSeats(5)));
    const anchor = chamber.founding.councilId;
    expect(verifyCertificate({ certificate, proof, anchor }, FAST).status).toBe('valid');
  });

  test('of a roster with a false proof of possession is refused, however often it is asked', () => {
    const roster = rosterWithKeys(4);
    const [first, second] = roster.seats;
    if (first === undefined || second === undefined) throw new Error('a roster has seats');
    const lent = { ...second, possession: first.possession };
    const seats = roster.seats.map((seat) => (seat.seat === second.seat ? lent : seat));
    const founding = found({
      charter: testCharter(),
      roster: { ...roster, seats },
      createdMs: 1,
      nonce: 'ef'.repeat(32),
    });
    const { certificate, proof } = certified(4, votes([4, 'approve']), new LedgerChamber(founding));
    for (let i = 0; i < 2; i++) {
      const found = verifyCertificate({ certificate, proof, anchor: founding.councilId }, FAST);
      expect([found.status, found.failed]).toEqual(['invalid', 'possession']);
    }
  });

  test('beside the proof of another decision is refused', () => {
    const { chamber, certificate } = sample;
    const other = chamber.judge(chamber.open({ subject: 'urn:test:other' }), votes([7, 'reject']));
    chamber.publish();
    const input = { certificate, proof: chamber.proofOf(other), anchor: chamber.founding.councilId };
    expect(verifyCertificate(input, FAST).failed).toBe('inclusion');
  });

  test('never throws on bytes of any kind', () => {
    const { certificate, proof } = sample;
    const junk = [new Uint8Array(), utf8('{}\n{}\n{}\n'), Uint8Array.of(0xff, 0xfe), utf8('['.repeat(5_000))];
    for (const bytes of junk) {
      expect(verifyCertificate({ certificate: bytes, proof }, FAST).failed).toBe('form');
      expect(verifyCertificate({ certificate, proof: bytes }, FAST).failed).toBe('proof-form');
    }
    const huge = new Uint8Array(20_000_000).fill(0x20);
    expect(verifyCertificate({ certificate: huge, proof }, FAST).failed).toBe('form');
    expect(verifyCertificate({ certificate, proof: huge }, FAST).failed).toBe('proof-form');
  });
});
