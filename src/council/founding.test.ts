// The documents a council is founded on: charter, roster, genesis; and the caps of protocol 6.2.
import { describe, expect, it } from 'vitest';
import {
  bytesFor,
  OPERATORS,
  POLICY,
  testCharter,
  testFounding,
  testRoster,
} from '../../test/rigs/chamber.ts';
import { textOf, utf8 } from '../signing/bytes.ts';
import { canonicalBytes } from '../signing/canonical.ts';
import { digestOf } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import { type Charter, readCharter } from './charter.ts';
import { domainReport } from './fault-domains.ts';
import { found, foundingBytes, parseFounding } from './genesis.ts';
import { type Roster, type RosterSeat, readRoster } from './roster.ts';

const withSeats = (roster: Roster, change: (seat: RosterSeat, i: number) => object): unknown => ({
  ...roster,
  seats: roster.seats.map((seat, i) => ({ ...seat, ...change(seat, i) })),
});

describe('a charter', () => {
  const charter = testCharter();
  const refused = (changes: object, why: RegExp) =>
    expect(() => readCharter({ ...charter, ...changes })).toThrow(why);

  it('reads as it was written', () => {
    expect(readCharter(JSON.parse(JSON.stringify(charter)))).toEqual(charter);
  });

  it('needs a mandatory criterion in every policy, or every ballot would approve', () => {
    const criteria = POLICY.criteria.map((criterion) => ({ ...criterion, mandatory: false }));
    refused({ policies: { certification: { criteria } } }, /policies\.certification\.criteria.*mandatory/);
    refused({ policies: { certification: { criteria: [] } } }, /policies\.certification\.criteria/);
  });

  it('refuses a doubled criterion, an unknown type of case and too many criteria', () => {
    refused(
      { policies: { certification: { criteria: [...POLICY.criteria, POLICY.criteria[0]] } } },
      /distinct/,
    );
    refused({ policies: { blessing: POLICY } }, /policies/);
    const many = Array.from({ length: 100_000 }, (_, i) => ({ ...POLICY.criteria[0], id: `c${i}` }));
    refused({ policies: { certification: { criteria: many } } }, /policies\.certification\.criteria/);
  });

  it('refuses unknown and missing fields, wrong windows, doubled submitters and malformed keys', () => {
    refused({ extra: 1 }, /extra/);
    refused({ name: undefined }, /name/);
    refused({ windows: { commitMs: 0, revealMs: 1 } }, /windows\.commitMs/);
    refused({ windows: { commitMs: 1.5, revealMs: 1 } }, /windows\.commitMs/);
    refused({ attempts: 0 }, /attempts/);
    const [submitter] = charter.submitters;
    refused({ submitters: [submitter, submitter] }, /distinct/);
    refused({ submitters: [{ ...submitter, ed25519: 'AAAA' }] }, /32 bytes/);
    // the same key in another spelling: stray bits behind the last byte
    refused({ submitters: [{ ...submitter, ed25519: `${'A'.repeat(42)}B=` }] }, /32 bytes/);
    refused({ name: 'Council \u202e' }, /direction/);
    refused({ name: 'two\nlines' }, /one line/);
  });
});

describe('the operators of a charter', () => {
  const charter = testCharter({ operators: OPERATORS });
  const refused = (operators: unknown, why: RegExp) =>
    expect(() => readCharter({ ...charter, operators })).toThrow(why);
  const [ann, ben] = OPERATORS.keys;

  it('read as they were written, and may be absent', () => {
    expect(readCharter(JSON.parse(JSON.stringify(charter)))).toEqual(charter);
    expect(readCharter(testCharter()).operators).toBeUndefined();
  });

  it('are as many as must sign, at least one, each another with another key', () => {
    refused({ threshold: 4, keys: OPERATORS.keys }, /no more signatures/);
    refused({ threshold: 0, keys: OPERATORS.keys }, /threshold/);
    refused({ threshold: 1.5, keys: OPERATORS.keys }, /threshold/);
    refused({ threshold: 1, keys: [] }, /keys/);
    refused({ threshold: 1, keys: [ann, ann] }, /distinct/);
    refused({ threshold: 1, keys: [ann, { id: 'else', ed25519: ann?.ed25519 }] }, /distinct/);
    refused({ threshold: 1, keys: [ann, { id: 'ann', ed25519: ben?.ed25519 }] }, /distinct/);
    refused({ threshold: 1, keys: [{ ...ann, bls: 'x' }] }, /keys/);
    refused({ threshold: 1, keys: [{ id: 'ann', ed25519: 'AAAA' }] }, /32 bytes/);
    refused({ threshold: 1, keys: [{ id: 'Ann A.', ed25519: ann?.ed25519 }] }, /lower-case/);
    refused({ ...OPERATORS, note: 1 }, /note/);
    refused(null, /operators/);
  });
});

describe('nodes and vacant chairs of a roster', () => {
  const nodes = testRoster(4).seats.map(({ node }) => ({ name: node, x25519: bytesFor(node, 32) }));
  const roster: Roster = { ...testRoster(4), nodes };
  const refused = (changes: object, why: RegExp) =>
    expect(() => readRoster({ ...roster, ...changes })).toThrow(why);
  const [one, two] = nodes;

  it('read as they were written, and may be absent', () => {
    expect(readRoster(JSON.parse(JSON.stringify(roster)))).toEqual(roster);
    const vacant = withSeats({ ...roster, epoch: 2 as Epoch }, (_, i) => (i === 1 ? { vacant: true } : {}));
    expect(readRoster(vacant)).toEqual(vacant);
  });

  it('are each another node with another key, and a home for every seat', () => {
    refused({ nodes: nodes.slice(1) }, /seat 1 is at node "node-1"/);
    refused({ nodes: [...nodes, one] }, /same name/);
    refused({ nodes: [...nodes, { name: 'node-9', x25519: two?.x25519 }] }, /same x25519/);
    refused({ nodes: [{ ...one, port: 1 }, ...nodes.slice(1)] }, /nodes/);
    refused({ nodes: [{ ...one, x25519: 'AAAA' }, ...nodes.slice(1)] }, /32 bytes/);
  });

  it('say that a chair is vacant by `true` or not at all, and never at the beginning', () => {
    for (const vacant of [false, null, 1]) {
      expect(() => readRoster(withSeats(roster, () => ({ vacant })))).toThrow(/vacant/);
    }
    const empty = withSeats(testRoster(4), (_, i) => (i === 1 ? { vacant: true } : {}));
    expect(() => testFounding(4, testCharter(), readRoster(empty))).toThrow(/vacant/);
    expect(() => testFounding(4, testCharter(), { ...testRoster(4), epoch: 2 as Epoch })).toThrow(/epoch 1/);
  });
});

describe('a roster', () => {
  const roster = testRoster(10); // f = 3
  const refused = (value: unknown, why: RegExp) => expect(() => readRoster(value)).toThrow(why);

  it('reads as it was written', () => {
    expect(readRoster(JSON.parse(JSON.stringify(roster)))).toEqual(roster);
  });

  it.each(['developer', 'family', 'host', 'node'] as const)('holds at most f seats of one %s', (kind) => {
    expect(() => readRoster(withSeats(roster, (_, i) => (i < 3 ? { [kind]: 'same' } : {})))).not.toThrow();
    refused(
      withSeats(roster, (_, i) => (i < 4 ? { [kind]: 'same' } : {})),
      new RegExp(`${kind} "same" holds 4 of 10`),
    );
  });

  it('of 33 seats may hold 10 of one developer, not 11', () => {
    const large = testRoster(33);
    const of = (count: number) => withSeats(large, (_, i) => (i < count ? { developer: 'one' } : {}));
    expect(() => readRoster(of(10))).not.toThrow();
    refused(of(11), /developer "one" holds 11 of 33 seats, the cap is 10/);
  });

  it('may break the node cap only as a trial, and no other cap even then', () => {
    const oneNode = readableTrial(withSeats(roster, () => ({ node: 'here' })));
    expect(() => readRoster(oneNode)).not.toThrow();
    refused(
      withSeats(roster, () => ({ node: 'here' })),
      /node "here"/,
    );
    refused(readableTrial(withSeats(roster, () => ({ developer: 'same' }))), /developer "same"/);
  });

  it('is a trial when a seat is not live; such a seat counts against no cap of a maker', () => {
    const offline = withSeats(roster, () => ({
      provenance: 'offline',
      developer: 'nobody',
      family: 'checklist',
      host: 'h',
    }));
    refused(offline, /must be marked trial/);
    expect(() => readRoster(readableTrial(offline))).not.toThrow();
    refused(readableTrial(withSeats(roster, () => ({ provenance: 'live' }))), /provenance/);
  });

  it('refuses seats out of order, doubled names or keys, and fields it does not know', () => {
    const [first, second, ...rest] = roster.seats;
    refused({ ...roster, seats: [second, first, ...rest] }, /place 1/);
    refused({ ...roster, seats: roster.seats.slice(1) }, /place 1/);
    refused({ ...roster, seats: [] }, /seats/);
    refused(
      withSeats(roster, () => ({ ed25519: first?.ed25519 })),
      /same ed25519/,
    );
    refused(
      withSeats(roster, () => ({ bls: first?.bls })),
      /same bls/,
    );
    refused(
      withSeats(roster, () => ({ name: 'Hope' })),
      /same name/,
    );
    refused(
      withSeats(roster, () => ({ weight: 2 })),
      /weight/,
    );
    refused({ ...roster, epoch: 0 }, /expected an epoch from 1/);
  });

  it('of 33 seats stays under 16 KB, because every certificate carries it', () => {
    expect(canonicalBytes(testRoster(33)).length).toBeLessThan(16_000);
  });
});

describe('the domain report', () => {
  it('shows what the loss of one developer and of any two can do: 12/12/9 of 33 can be vetoed by one', () => {
    const split = withSeats(testRoster(33), (_, i) => ({ developer: i < 12 ? 'a' : i < 24 ? 'b' : 'c' }));
    const report = domainReport(split as Roster);
    expect(report.worstOne).toEqual({
      developers: ['a'],
      seats: 12,
      blocks: true,
      breaksSafety: true,
      decides: false,
    });
    expect(report.worstTwo).toEqual({
      developers: ['a', 'b'],
      seats: 24,
      blocks: true,
      breaksSafety: true,
      decides: true,
    });
    expect(report.broken.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(report.cap).toBe(10);
  });

  it('of a defensible roster: one developer neither blocks nor endangers agreement', () => {
    const spread = withSeats(testRoster(33), (_, i) => ({ developer: `maker-${i % 5}` }));
    const { worstOne, worstTwo, broken } = domainReport(spread as Roster);
    expect(worstOne).toMatchObject({ seats: 7, blocks: false, breaksSafety: false, decides: false });
    expect(worstTwo).toMatchObject({ seats: 14, blocks: true, breaksSafety: true, decides: false });
    expect(broken).toEqual([]);
  });
});

describe('a genesis', () => {
  const founding = testFounding(4);

  it('is read back from its file, byte for byte', () => {
    expect(parseFounding(foundingBytes(founding))).toEqual(founding);
    expect(founding.councilId).toBe(digestOf(founding.genesis));
  });

  it('is another council with another nonce, charter or roster', () => {
    const { charter, roster } = founding;
    const ids = [
      founding,
      found({ charter, roster, createdMs: 1_000_000, nonce: 'cd'.repeat(32) }),
      found({ charter: { ...charter, attempts: 4 }, roster, createdMs: 1_000_000, nonce: 'ab'.repeat(32) }),
      found({ charter, roster: testRoster(7), createdMs: 1_000_000, nonce: 'ab'.repeat(32) }),
    ].map(({ councilId }) => councilId);
    expect(new Set(ids).size).toBe(4);
  });

  it('refuses a charter or roster it does not name, another spelling and unknown fields', () => {
    const file = JSON.parse(textOf(foundingBytes(founding)));
    const refused = (value: unknown, why: RegExp) =>
      expect(() => parseFounding(canonicalBytes(value))).toThrow(why);
    const other: Charter = { ...founding.charter, attempts: 9 };
    refused({ ...file, charter: other }, /another charter/);
    refused({ ...file, roster: testRoster(7) }, /another roster/);
    refused({ ...file, genesis: { ...file.genesis, name: 'Another' } }, /name/);
    refused({ ...file, note: 'x' }, /note/);
    const pretty = utf8(JSON.stringify(file, null, 2));
    expect(() => parseFounding(pretty)).toThrow(/canonical/);
  });
});

function readableTrial(roster: unknown): unknown {
  return Object.assign({}, roster, { trial: true });
}
