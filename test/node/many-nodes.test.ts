// What a council of many nodes promises (issue 2, "Done means" 2), with real engines, signatures and messages over a
// transport in memory.
import { afterEach, describe, expect, it } from 'vitest';
import { quorumOf } from '../../src/consensus/quorum.ts';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import { certificatePath, proofPath } from '../../src/node/chancery.ts';
import type { MemoryCouncil } from '../../src/node/memory-council.ts';
import { nobleBls } from '../../src/signing/bls.ts';
import { loadBlst } from '../../src/signing/bls-blst.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import {
  approve,
  decideEverywhere,
  eventOf,
  judgeOf,
  memoryCouncil,
  seatsANode,
  sourceAbout,
  TEST_PACE,
  until,
} from '../rigs/instant-council.ts';

let council: MemoryCouncil | undefined;
afterEach(async () => {
  await council?.close();
  council = undefined;
});

async function founded(...options: Parameters<typeof memoryCouncil>): Promise<MemoryCouncil> {
  council = await memoryCouncil(...options);
  return council;
}

const backends = async () => ({ ed25519: fastestEd25519, bls: (await loadBlst()) ?? nobleBls });

async function requireValid(of: MemoryCouncil, index: number, caseId: Parameters<typeof certificatePath>[0]) {
  const { certificates } = of.place(index);
  const certificate = certificates.read(certificatePath(caseId)) ?? expect.fail('no certificate');
  const proof = certificates.read(proofPath(caseId));
  const anchor = of.founding.councilId;
  const verified = verifyCertificate({ certificate, proof, anchor }, await backends());
  expect(verified.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(verified.status).toBe('valid');
}

describe.each([4, 7, 10])('%i nodes of one seat', (n) => {
  const { f, q } = quorumOf(n);

  it('all decide the same, and each has a certificate that verifies', async () => {
    const all = await founded(seatsANode(n), approve);
    await all.startAll();
    const decisions = await decideEverywhere(all, sourceAbout('alpha'));
    expect(decisions).toHaveLength(n);
    expect(new Set(decisions.map((decision) => JSON.stringify(decision))).size).toBe(1);
    expect(decisions[0]).toMatchObject({ outcome: 'approved', tally: { approve: n } });
    for (let index = 0; index < n; index++)
      await requireValid(all, index, decisions[0]?.caseId ?? expect.fail());
    const roots = all.up.map((node) => node.status().ledger.root);
    expect(new Set(roots).size).toBe(1);
  });

  it(`${q} approvals approve with the other ${n - q} seats dead`, async () => {
    const all = await founded(seatsANode(n), approve, {
      charter: { windows: { commitMs: 500, revealMs: 300 } },
    });
    await all.startAll();
    for (let index = q; index < n; index++) await all.stop(index);
    const [decision] = await decideEverywhere(all, sourceAbout('beta'));
    expect(decision).toMatchObject({
      outcome: 'approved',
      basis: 'quorum',
      tally: { approve: q, missing: n - q },
    });
    await requireValid(all, 0, decision?.caseId ?? expect.fail());
  });

  it(`${q - 1} approvals reject; with ${n - q + 1} rejections the case is opposed`, async () => {
    const all = await founded(
      seatsANode(n),
      judgeOf((seat) => (seat <= q - 1 ? 'approve' : 'reject')),
    );
    await all.startAll();
    const [decision] = await decideEverywhere(all, sourceAbout('gamma'));
    expect(decision).toMatchObject({ outcome: 'rejected', basis: 'opposed', tally: { approve: q - 1 } });
  });

  it(`${f + 1} seats that order but never judge give no-quorum at the deadline`, async () => {
    const all = await founded(
      seatsANode(n),
      judgeOf((seat) => (seat > f + 1 ? 'approve' : undefined)),
      { charter: { windows: { commitMs: 400, revealMs: 300 } } },
    );
    await all.startAll();
    const [decision] = await decideEverywhere(all, sourceAbout('delta'));
    const short = n - f - 1 < q;
    expect(decision).toMatchObject({
      tally: { approve: n - f - 1, missing: f + 1 },
      ...(short ? { outcome: 'rejected', basis: 'no-quorum' } : { outcome: 'approved' }),
    });
  });

  it(`${n - q + 1} dead commit nothing, the status says why, and the case goes on when one returns`, async () => {
    const all = await founded(seatsANode(n), approve, {
      charter: { windows: { commitMs: 800, revealMs: 500 } },
    });
    await all.startAll();
    for (let index = q - 1; index < n; index++) await all.stop(index);
    await expect(all.submit(sourceAbout('epsilon'))).rejects.toThrow(/receipts/);
    await all.start(q - 1);
    const caseId = await all.submit(sourceAbout('epsilon'));
    await eventOf(all.node(0), 'opened');
    await all.stop(q - 1);
    const height = all.node(0).status().height;
    await until(() => all.node(0).status().heard.length === q - 1);
    const status = all.node(0).status();
    expect(status.why).toContain(`${q - 1} of ${q} needed seats heard`);
    expect(status.silent).toHaveLength(n - q + 1);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(all.node(0).status().height).toBeLessThanOrEqual(height + 1);
    expect(all.node(0).state.decided.has(caseId)).toBe(false);

    const certified = eventOf(all.node(0), 'certified');
    await all.start(q - 1);
    expect((await certified).decision).toMatchObject({ caseId, tally: { missing: n - q } });
  });
});

/** Eleven nodes on one thread are slower than any network. */
const SLOW_PACE = { ...TEST_PACE, viewMs: 800, maxViewMs: 8_000, resendMs: 800, heartbeatMs: 800 };
/** And a hundred seats on one thread slower still. */
const SLOWEST_PACE = { ...TEST_PACE, viewMs: 10_000, maxViewMs: 60_000, resendMs: 5_000, heartbeatMs: 5_000 };

describe('33 seats', () => {
  it('on 11 nodes of three: two dead nodes and five silent seats still leave 22 approvals', async () => {
    const all = await founded(
      seatsANode(33, 3),
      judgeOf((seat) => (seat > 22 ? undefined : 'approve')),
      { charter: { windows: { commitMs: 2_000, revealMs: 1_000 } }, pace: SLOW_PACE },
    );
    await all.startAll();
    await all.stop(9);
    await all.stop(10);
    const [decision] = await decideEverywhere(all, sourceAbout('zeta'));
    expect(decision).toMatchObject({ outcome: 'approved', tally: { approve: 22, missing: 11 } });
    await requireValid(all, 0, decision?.caseId ?? expect.fail());
  });

  it('on 33 nodes of one seat: all decide the same', async () => {
    const all = await founded(seatsANode(33), approve, { pace: SLOWEST_PACE });
    await all.startAll();
    const decisions = await decideEverywhere(all, sourceAbout('one each'));
    expect(decisions).toHaveLength(33);
    expect(new Set(decisions.map((decision) => JSON.stringify(decision))).size).toBe(1);
    await requireValid(all, 32, decisions[0]?.caseId ?? expect.fail());
  });

  it('12 rejections are opposed', async () => {
    const all = await founded(
      seatsANode(33, 11),
      judgeOf((seat) => (seat > 21 ? 'reject' : 'approve')),
    );
    await all.startAll();
    const [decision] = await decideEverywhere(all, sourceAbout('eta'));
    expect(decision).toMatchObject({
      outcome: 'rejected',
      basis: 'opposed',
      tally: { approve: 21, reject: 12 },
    });
  });
});

it('100 seats on ten nodes: 67 approvals approve, and one fewer does not', async () => {
  let approvals = 67;
  const all = await founded(
    seatsANode(100, 10),
    judgeOf((seat) => (seat <= approvals ? 'approve' : 'reject')),
    { pace: SLOWEST_PACE },
  );
  await all.startAll();
  const [approved] = await decideEverywhere(all, sourceAbout('67'));
  expect(approved).toMatchObject({ outcome: 'approved', tally: { approve: 67, reject: 33 } });
  approvals = 66;
  const [rejected] = await decideEverywhere(all, sourceAbout('66'));
  expect(rejected).toMatchObject({
    outcome: 'rejected',
    basis: 'opposed',
    tally: { approve: 66, reject: 34 },
  });
}, 120_000);

it('a node that was away for many blocks catches up from the others and certifies what they decided', async () => {
  const all = await founded(seatsANode(10, 2), approve, {
    charter: { windows: { commitMs: 300, revealMs: 200 } },
  });
  await all.startAll();
  await all.stop(4);
  for (const subject of ['theta', 'iota']) {
    await Promise.all([eventOf(all.node(0), 'certified'), all.submit(sourceAbout(subject))]);
  }
  const late = await all.start(4);
  await until(() => late.status().height >= all.node(0).status().height);
  expect(late.state.decided.size).toBe(2);
  await until(() => late.uncertified.length === 0);
  expect(await all.place(4).certificates.names('')).toHaveLength(4);
});
