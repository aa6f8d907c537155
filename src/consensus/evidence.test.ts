import { describe, expect, test } from 'vitest';
import {
  blockOn,
  EPOCH,
  genesisPrepare,
  proposalOf,
  Rig,
  seat,
  signatureOf,
  verifier,
  view,
  voteOf,
} from '../../test/rigs/ordering.ts';
import { convicts } from './evidence.ts';
import type { Message } from './messages.ts';

describe('evidence (protocol 5.1)', () => {
  const evidenceOf = (...messages: Message[]) => {
    const rig = new Rig(4);
    rig.start();
    for (const message of messages) rig.deliver(0, message);
    return rig.node(0).effects.flatMap((e) => (e.kind === 'evidence' ? [e.evidence] : []));
  };
  const a = blockOn(genesisPrepare, 1, seat(2), [], ['a']);
  const b = blockOn(genesisPrepare, 1, seat(2), [], ['b']);

  test('two proposals in a view convict their leader', () => {
    const [evidence] = evidenceOf(proposalOf(a), proposalOf(b));
    expect(evidence?.kind).toBe('two-proposals');
    expect(evidence && convicts(evidence, verifier)).toBe(2);
  });

  test('two votes of a phase in a view convict, and the first stays counted', () => {
    const [evidence] = evidenceOf(voteOf(1, 3, a), voteOf(1, 3, b));
    expect(evidence?.kind).toBe('two-votes');
    expect(evidence && convicts(evidence, verifier)).toBe(3);
    const rig = new Rig(4);
    rig.start();
    for (const vote of [voteOf(2, 3, a), voteOf(2, 3, b), voteOf(2, 3, a), voteOf(2, 4, a)])
      rig.deliver(0, vote);
    expect(rig.node(0).engine.status().committedView).toBe(0);
    rig.deliver(0, voteOf(2, 2, a));
    expect(rig.node(0).engine.status().committedView).toBe(1);
  });

  test('a timeout that reports less than the seat had voted for convicts', () => {
    const statement = { kind: 'timeout', epoch: EPOCH, view: view(1), prepareView: view(0) } as const;
    const timeout = {
      ...statement,
      seat: seat(3),
      prepare: genesisPrepare,
      signature: signatureOf(seat(3), statement),
    };
    const [evidence] = evidenceOf(timeout, voteOf(2, 3, a));
    expect(evidence?.kind).toBe('timeout-below-vote-2');
    expect(evidence && convicts(evidence, verifier)).toBe(3);
  });

  test('a vote 1 and then a timeout in one view is no contradiction', () => {
    const statement = { kind: 'timeout', epoch: EPOCH, view: view(1), prepareView: view(0) } as const;
    const timeout = {
      ...statement,
      seat: seat(3),
      prepare: genesisPrepare,
      signature: signatureOf(seat(3), statement),
    };
    expect(evidenceOf(voteOf(1, 3, a), timeout)).toEqual([]);
  });

  test('forged contradictions convict nobody', () => {
    const genuine = voteOf(1, 3, a);
    const { signature } = voteOf(1, 4, b);
    const { kind: _, ...first } = genuine;
    const { kind: __, ...second } = { ...voteOf(1, 3, b), signature };
    expect(convicts({ kind: 'two-votes', first, second }, verifier)).toBeUndefined();
    expect(convicts({ kind: 'two-votes', first, second: first }, verifier)).toBeUndefined();
  });
});
