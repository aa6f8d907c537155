import { describe, expect, test } from 'vitest';
import {
  blockOn,
  certificateOf,
  EPOCH,
  genesisPrepare,
  seat,
  signerOf,
  timeoutCertificateOf,
  view,
} from '../../test/rigs/ordering.ts';
import { ConclaveError } from '../errors.ts';
import { noVotes, VotingRules } from './voting-rules.ts';

const me = seat(2);
const three = [seat(1), seat(2), seat(3)];
const rules = () => new VotingRules(noVotes(me, EPOCH), signerOf(me));
const reported = (...views: number[]) => new Map(views.map((v, i) => [seat(i + 1), v]));

const first = blockOn(genesisPrepare, 1, seat(2));
const firstPrepared = certificateOf('prepare', first, three);
const second = blockOn(firstPrepared, 2, seat(3));
const secondPrepared = certificateOf('prepare', second, three);

describe('vote 1 (protocol 3.3)', () => {
  test('is cast once a view, and never in a lower one', () => {
    const box = rules();
    expect(box.vote1(second, firstPrepared, null)?.view).toBe(2);
    expect(box.vote1(second, firstPrepared, null)).toBeUndefined();
    expect(box.vote1(blockOn(firstPrepared, 2, seat(3), [], ['x']), firstPrepared, null)).toBeUndefined();
    expect(box.vote1(first, genesisPrepare, null)).toBeUndefined();
  });

  test('is refused to a block that does not stand on its justification', () => {
    const stray = { ...second, header: { ...second.header, parent: second.digest } };
    const high = { ...second, header: { ...second.header, height: first.header.height } };
    expect(rules().vote1(stray, firstPrepared, null)).toBeUndefined();
    expect(rules().vote1(high, firstPrepared, null)).toBeUndefined();
    expect(rules().vote1(blockOn(secondPrepared, 2, seat(3)), secondPrepared, null)).toBeUndefined();
  });

  test('needs a timeout certificate of the view before when the justification is older', () => {
    const late = blockOn(firstPrepared, 4, seat(1));
    expect(rules().vote1(late, firstPrepared, null)).toBeUndefined();
    expect(
      rules().vote1(late, firstPrepared, timeoutCertificateOf(2, reported(1, 1, 1), firstPrepared)),
    ).toBeUndefined();
    expect(
      rules().vote1(late, firstPrepared, timeoutCertificateOf(3, reported(1, 0, 1), firstPrepared))?.view,
    ).toBe(4);
  });

  test('is refused when the justification is below the highest reported prepare view', () => {
    const late = blockOn(firstPrepared, 4, seat(1));
    const above = timeoutCertificateOf(3, reported(1, 2, 1), secondPrepared);
    expect(rules().vote1(late, firstPrepared, above)).toBeUndefined();
  });

  test("is NOT refused for a hidden lock of the seat's own on that path", () => {
    const box = rules();
    box.raiseLock(secondPrepared);
    const late = blockOn(firstPrepared, 4, seat(1));
    expect(
      box.vote1(late, firstPrepared, timeoutCertificateOf(3, reported(1, 1, 1), firstPrepared))?.view,
    ).toBe(4);
    expect(box.votes.lock).toBe(2);
  });
});

describe('vote 2 (protocol 3.4)', () => {
  test('raises the lock and is cast once, upward', () => {
    const box = rules();
    expect(box.vote2(secondPrepared)?.phase).toBe(2);
    expect(box.votes.lock).toBe(2);
    expect(box.vote2(secondPrepared)).toBeUndefined();
    expect(box.vote2(firstPrepared)).toBeUndefined();
    expect(box.votes.lock).toBe(2);
  });

  test('is not cast for a commit certificate', () => {
    expect(rules().vote2(certificateOf('commit', first, three))).toBeUndefined();
  });
});

describe('timeout (protocol 3.6)', () => {
  test('ends both votes in its view and below', () => {
    const box = rules();
    box.timeout(view(2), genesisPrepare);
    expect(box.vote1(second, firstPrepared, null)).toBeUndefined();
    expect(box.vote2(secondPrepared)).toBeUndefined();
    expect(box.vote2(firstPrepared)).toBeUndefined();
    expect(box.votes.lock).toBe(2); // locks rise all the same
  });

  test('asked again is the identical one, and a lower one is never signed', () => {
    const box = rules();
    const timeout = box.timeout(view(3), genesisPrepare);
    box.raiseLock(firstPrepared);
    expect(box.timeout(view(3), firstPrepared)).toBe(timeout);
    expect(box.timeout(view(2), firstPrepared)).toBeUndefined();
  });

  test('reports the lock, and refuses to attach another certificate', () => {
    const box = rules();
    box.raiseLock(secondPrepared);
    expect(() => box.timeout(view(3), firstPrepared)).toThrow(ConclaveError);
    expect(box.timeout(view(3), secondPrepared)?.prepareView).toBe(2);
  });
});

describe('a proposal (protocol 3.2)', () => {
  test('is made once a view and only upward', () => {
    const box = rules();
    expect(box.propose(second, firstPrepared, null)?.seat).toBe(me);
    expect(box.propose(blockOn(firstPrepared, 2, me, [], ['x']), firstPrepared, null)).toBeUndefined();
    expect(box.propose(first, genesisPrepare, null)).toBeUndefined();
  });
});

test('what was signed survives in the state, and a new box on it refuses what the old one would', () => {
  const box = rules();
  box.vote1(second, firstPrepared, null);
  box.vote2(secondPrepared);
  box.timeout(view(3), secondPrepared);
  const again = new VotingRules(structuredClone(box.votes), signerOf(me));
  expect(again.vote1(second, firstPrepared, null)).toBeUndefined();
  expect(again.vote2(secondPrepared)).toBeUndefined();
  expect(again.mayVote1(view(3))).toBe(false);
  expect(again.timeout(view(3), secondPrepared)).toEqual(box.votes.timeout);
});
