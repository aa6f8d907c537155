import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../signing/canonical.ts';
import { digestOf } from '../signing/digest.ts';
import { type Epoch, signedBytes } from '../signing/purpose.ts';
import type { Height, View } from './block.ts';
import { type Statement, statementBytes } from './statements.ts';

const councilId = digestOf('a council');
const block = digestOf('a block');
const epoch = 3 as Epoch;
const view = 9_007_199_254_740_991 as View;
const height = 7 as Height;

const statements: readonly Statement[] = [
  { kind: 'proposal', epoch, view, block },
  { kind: 'vote-1', epoch, view, height, block },
  { kind: 'vote-2', epoch, view, height, block },
  { kind: 'timeout', epoch, view, prepareView: 0 as View },
];

describe('what a seat signs', () => {
  it.each(statements.map((statement) => [statement.kind, statement] as const))(
    'a %s is spelled canonically under its purpose, council and epoch',
    (_, statement) => {
      const { kind, epoch: inPrefix, ...body } = statement;
      const expected = signedBytes({ purpose: kind, councilId, epoch: inPrefix }, canonicalBytes(body));
      expect(statementBytes(councilId, statement)).toEqual(expected);
    },
  );

  it('no two statements have the same bytes', () => {
    const spelled = statements.map((statement) => String(statementBytes(councilId, statement)));
    expect(new Set(spelled).size).toBe(statements.length);
  });
});
