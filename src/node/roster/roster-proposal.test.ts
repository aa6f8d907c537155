import { describe, expect, it } from 'vitest';
import { testFounding, testRoster } from '../../../test/rigs/chamber.ts';
import type { Operators } from '../../council/charter.ts';
import { openEntry } from '../../council/entry.ts';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { toBase64, utf8 } from '../../signing/bytes.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { draftChange } from './roster-draft.ts';
import {
  approve,
  entryOf,
  type OperatorKey,
  proposalBytes,
  proposalOf,
  readProposal,
  validApprovals,
} from './roster-proposal.ts';

const { councilId } = testFounding(4);
const keyOf = (operator: string, fill: number): OperatorKey => ({
  operator,
  secret: new Uint8Array(32).fill(fill),
});
const [ada, ben, eve] = [keyOf('ada', 1), keyOf('ben', 2), keyOf('eve', 3)];
const named = ({ operator, secret }: OperatorKey) => ({
  id: operator,
  ed25519: toBase64(fastestEd25519.publicKeyOf(secret)),
});
const operators: Operators = { threshold: 2, keys: [named(ada), named(ben)] };
const { change } = draftChange(testRoster(4), [{ seat: asSeatId(2), vacate: true }]);
const proposal = proposalOf(councilId, FIRST_EPOCH, change);
const by = (key: OperatorKey, from = proposal) => approve(from, key, operators, fastestEd25519);

describe('a proposal goes from operator to operator', () => {
  it('as a file that each adds an approval to, and becomes an entry when enough have', () => {
    const once = readProposal(proposalBytes(by(ben)), 'swap.json');
    const twice = readProposal(proposalBytes(by(ada, once)), 'swap.json');
    expect(twice.approvals.map(({ operator }) => operator)).toEqual(['ada', 'ben']);
    const { fields } = openEntry(entryOf(twice, ben, operators, fastestEd25519).bytes);
    expect(fields).toMatchObject({ kind: 'roster.changed', by: 'operator/ben', epoch: 1, change });
  });

  it('approving twice counts once', () => {
    expect(by(ada, by(ada)).approvals).toHaveLength(1);
    expect(() => entryOf(by(ada, by(ada)), ada, operators, fastestEd25519)).toThrow(
      '2 operators must approve',
    );
  });

  it('an approval of something else, or of somebody else, does not hold', () => {
    const both = by(ada, by(ben));
    const another = draftChange(testRoster(4), [{ seat: asSeatId(3), vacate: true }]).change;
    const altered = { ...both, change: another };
    expect(validApprovals(altered, operators, fastestEd25519)).toEqual([]);
    expect(() => entryOf(altered, ada, operators, fastestEd25519)).toThrow('2 operators must approve');
    const [first] = both.approvals;
    const borrowed = { ...both, approvals: first ? [first, { ...first, operator: 'ben' }] : [] };
    expect(validApprovals(borrowed, operators, fastestEd25519)).toHaveLength(1);
    expect(() => by(eve)).toThrow('"eve" is no operator');
    expect(() => by({ ...eve, operator: 'ada' })).toThrow('not the one in the charter');
    expect(() => approve(proposal, ada, undefined, fastestEd25519)).toThrow('never changes');
  });

  it.each(['', '{}', 'x', '{"approvals":[]}', `{"a":${'['.repeat(5_000)}`])(
    'what is none is refused (%#)',
    (text) => {
      expect(() => readProposal(utf8(text), 'swap.json')).toThrow('expected a proposal');
    },
  );
});
