import { expect, it } from 'vitest';
import { testRoster } from '../../../test/rigs/chamber.ts';
import { blockOn, genesisPrepare, seat, voteOf } from '../../../test/rigs/ordering.ts';
import type { Input } from '../../consensus/effects.ts';
import type { PeerId } from '../../consensus/messages.ts';
import { FIRST_EPOCH } from '../../council/roster.ts';
import { digestOf } from '../../signing/digest.ts';
import { SignatureClaims } from './signature-claims.ts';

it('a vote that the engine will pass over is not checked ahead', () => {
  const block = blockOn(genesisPrepare, 1, seat(1));
  const votes = [voteOf(1, 2, block), voteOf(2, 3, block)];
  const inputs: Input[] = votes.map((message) => ({ kind: 'message', from: 'node-2' as PeerId, message }));
  const claimsWhere = (isMoot: (vote: { phase: 1 | 2 }) => boolean) =>
    new SignatureClaims(
      { councilId: digestOf('test'), rosters: () => new Map([[FIRST_EPOCH, testRoster(4)]]), isMoot },
      { signaturesOf: () => [] },
    ).of(inputs);
  expect(claimsWhere(() => false).map(({ signature }) => signature)).toEqual(
    votes.map(({ signature }) => signature),
  );
  expect(claimsWhere(({ phase }) => phase === 1).map(({ signature }) => signature)).toEqual([
    votes[1]?.signature,
  ]);
});
