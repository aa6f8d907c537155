// Clients of a running council (protocol 8.3): they are told by nodes that may lie, and believe what can be proved.
import { afterEach, describe, expect, it } from 'vitest';
import type { CaseId } from '../../src/council/case.ts';
import { ConclaveError } from '../../src/errors.ts';
import { verifyOpening } from '../../src/node/client/committed-opening.ts';
import { type FollowedEvent, followCase } from '../../src/node/client/following.ts';
import { type Answer, decodeAsked, encodeAnswered, type Question } from '../../src/node/desk/desk-message.ts';
import { toBase64, utf8 } from '../../src/signing/bytes.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import { MemoryFolder } from '../../src/storage/folder.ts';
import { LINES, Switchboard } from '../../src/transport/switchboard.ts';
import { asPeerId } from '../../src/transport/transport.ts';
import { approve, judgeOf, sourceAbout, until } from '../rigs/instant-council.ts';
import { NetworkedCouncil, type NetworkedOptions } from '../rigs/networked-council.ts';

let council: NetworkedCouncil | undefined;
afterEach(async () => {
  await council?.close();
  council = undefined;
});

async function running(options: Partial<NetworkedOptions> = {}): Promise<NetworkedCouncil> {
  council = new NetworkedCouncil({ nodes: [1, 1, 1, 1], judge: approve, ...options });
  await council.startAll();
  return council;
}

const certifiedEverywhere = (all: NetworkedCouncil, caseId: CaseId): Promise<void> =>
  until(() => all.up.every((node) => node.state.decided.has(caseId) && !node.uncertified.includes(caseId)));

const isFiling = (bytes: Uint8Array): boolean =>
  bytes[0] === LINES.desk && Buffer.from(bytes).includes('"kind":"file"');

describe('a submission that was cut off', () => {
  it('is "not yet", and the same command goes on with the same case instead of a second attempt', async () => {
    const all = await running();
    const records = new MemoryFolder();
    all.tap = (from, _to, bytes) => (from.startsWith('client') && isFiling(bytes) ? undefined : bytes);
    const cut = await all.submit(sourceAbout('alpha'), { records, withinMs: 900 });
    expect(cut).toMatchObject({
      acknowledged: false,
      resumed: false,
      why: expect.stringContaining('not committed yet'),
    });
    // What is remembered holds salts, and no text.
    for (const bytes of records.files.values())
      expect(Buffer.from(bytes).includes('It was tested')).toBe(false);

    all.tap = (_from, _to, bytes) => bytes;
    const again = await all.submit(sourceAbout('alpha'), { records, again: true });
    expect(again).toMatchObject({ acknowledged: true, resumed: true, attempt: 1, caseId: cut.caseId });
    await certifiedEverywhere(all, again.caseId);
    const once = await all.submit(sourceAbout('alpha'), { records });
    expect(once).toMatchObject({ acknowledged: true, resumed: true, caseId: cut.caseId });
    const second = await all.submit(sourceAbout('alpha'), { records, again: true });
    expect(second).toMatchObject({ acknowledged: true, resumed: false, attempt: 2 });
    expect(await all.client().attempts(sourceAbout('alpha'))).toEqual([cut.caseId, second.caseId]);
  });

  it('is not begun again on other texts, or where nobody remembers it, unless one says so', async () => {
    const all = await running();
    const records = new MemoryFolder();
    const { caseId } = await all.submit(sourceAbout('beta'), { records });
    await certifiedEverywhere(all, caseId);
    const others = sourceAbout('beta', 'It was tested twice.');
    await expect(all.submit(others, { records })).rejects.toThrow(
      /submitted before.*--again opens attempt 2/,
    );
    await expect(all.submit(sourceAbout('beta'))).rejects.toThrow(
      /submitted before.*--again opens attempt 2/,
    );
    expect(await all.submit(others, { records, again: true })).toMatchObject({
      acknowledged: true,
      attempt: 2,
    });
  });

  it('that nobody may make is refused before a word is said', async () => {
    const all = await running();
    let said = 0;
    all.tap = (from, _to, bytes) => {
      if (from.startsWith('client')) said++;
      return bytes;
    };
    await expect(all.submit(sourceAbout('gamma'), { submitter: 'nobody' })).rejects.toThrow(
      /names no submitter/,
    );
    const appeal = { ...sourceAbout('gamma'), type: 'appeal' as const };
    await expect(all.submit(appeal)).rejects.toThrow(/no policy for a case of type appeal/);
    expect(said).toBe(0);
  });
});

it('with 12 of 33 seats dead nothing is acknowledged; it goes on when they return', async () => {
  const all = await running({ nodes: [7, 7, 7, 12] });
  const records = new MemoryFolder();
  await all.stop(3);
  const waiting = await all.submit(sourceAbout('delta'), { records, withinMs: 1_500 });
  expect(waiting).toMatchObject({
    acknowledged: false,
    why: expect.stringContaining('21 of 33 seats hold the dossier'),
  });
  expect(all.up.map((node) => node.status().height)).toEqual([0, 0, 0]);
  await all.start(3);
  expect(await all.submit(sourceAbout('delta'), { records, withinMs: 15_000 })).toMatchObject({
    acknowledged: true,
    resumed: true,
    caseId: waiting.caseId,
  });
}, 40_000);

describe('a client that f seats lie to', () => {
  /** In place of node 1: answers whatever it likes. */
  async function liar(all: NetworkedCouncil, answer: (ask: Question) => Answer | undefined): Promise<void> {
    await all.stop(0);
    const line = new Switchboard(all.hub.join('node-1')).line('desk');
    line.onMessage((from, bytes) => {
      const { id, ask } = decodeAsked(bytes);
      const told = answer(ask);
      if (told !== undefined) line.send(from, encodeAnswered({ id, answer: told }));
    });
  }

  it('believes no false attempts, proofs or certificates, and names who told them', async () => {
    const all = await running();
    const { caseId } = await all.submit(sourceAbout('epsilon'));
    await certifiedEverywhere(all, caseId);
    const honest = all.client();
    const proof = (await honest.committed(caseId)) ?? expect.fail('it is committed');
    const certified = (await honest.certificate(caseId)) ?? expect.fail('it is certified');
    const b64 = { leaf: toBase64(proof.leaf), proof: toBase64(proof.proof) };
    const changed = Uint8Array.from(certified.certificate);
    changed[200] = (changed[200] ?? 0) ^ 1;
    const never = digestOf('a case that never was');
    await liar(all, (ask) => {
      switch (ask.kind) {
        case 'attempts':
          return { kind: 'attempts', caseIds: [caseId, never], epoch: 1 as never, height: 99 };
        case 'committed':
          return { kind: 'committed', ...b64 };
        case 'certificate':
          return {
            kind: 'certificate',
            certificate: toBase64(ask.caseId === caseId ? changed : certified.certificate),
            proof: toBase64(certified.proof),
          };
        case 'file':
          return { kind: 'taken' };
        default:
          return { kind: 'none', why: 'no' };
      }
    });
    const client = all.client();
    expect(await client.attempts(sourceAbout('epsilon'))).toEqual([caseId]);
    expect(await client.committed(never, 1_500)).toBeUndefined();
    expect(client.lies.get('node-1')).toContain('not the opening of this case');
    expect(await client.certificate(never, 1_500)).toBeUndefined();
    expect(client.lies.get('node-1')).toContain('of another case');
    // Of a true one the honest nodes' answer is found beside the false one.
    expect((await client.certificate(caseId))?.verification.valid).toBe(true);
    // And what the liar took, and told nobody of, is opened all the same.
    expect(await all.submit(sourceAbout('zeta'))).toMatchObject({ acknowledged: true });
  }, 30_000);

  it('holds a proof of which not a byte can be changed', async () => {
    const all = await running();
    const { caseId } = await all.submit(sourceAbout('lambda'));
    const { leaf, proof } = (await all.client().committed(caseId)) ?? expect.fail('it is committed');
    const { councilId, roster } = all.founding;
    const rosterOf = () => roster;
    const holds = (of: { leaf: Uint8Array; proof: Uint8Array }): boolean => {
      try {
        verifyOpening({ caseId, councilId, rosterOf, ...of }, fastestEd25519);
        return true;
      } catch (error) {
        if (error instanceof ConclaveError && error.code === 'bad-input') return false;
        throw error;
      }
    };
    const changedAt = (bytes: Uint8Array, at: number): Uint8Array => {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 7));
      return changed;
    };
    expect(holds({ leaf, proof })).toBe(true);
    const survived: number[] = [];
    for (let at = 0; at < leaf.length; at += 5)
      if (holds({ leaf: changedAt(leaf, at), proof })) survived.push(at);
    for (let at = 0; at < proof.length; at++)
      if (holds({ leaf, proof: changedAt(proof, at) })) survived.push(-at);
    expect(survived).toEqual([]);
    expect(() =>
      verifyOpening({ caseId, councilId, leaf, proof, rosterOf: () => undefined }, fastestEd25519),
    ).toThrow(/no roster of epoch 1/);
  });

  it('is shown no ballot that is not on the ledger, and every one that is', async () => {
    const all = await running({ judge: judgeOf((seat) => (seat === 4 ? 'reject' : 'approve')) });
    const { caseId } = await all.submit(sourceAbout('eta'));
    await certifiedEverywhere(all, caseId);
    const leaf = toBase64(utf8('{"record":{"kind":"case.decided"}}'));
    await liar(all, (ask) =>
      ask.kind === 'follow'
        ? { kind: 'followed', leaves: [{ height: 1, timeMs: 1, leaf }], certified: false }
        : { kind: 'none', why: 'no' },
    );
    const events: FollowedEvent[] = [];
    const client = all.client();
    await followCase(client, caseId, {
      hear: (event) => events.push(event),
      signal: new AbortController().signal,
    });
    expect(events.map(({ kind }) => kind)).toEqual([
      'opened',
      ...Array.from({ length: 4 }, () => 'committed'),
      'closed',
      ...Array.from({ length: 4 }, () => 'revealed'),
      'decided',
    ]);
    const told = events.flatMap((event) =>
      event.kind === 'revealed' ? [[event.seat, event.ballot.verdict]] : [],
    );
    expect(told.toSorted()).toEqual([
      [1, 'approve'],
      [2, 'approve'],
      [3, 'approve'],
      [4, 'reject'],
    ]);
    expect(events.at(-1)).toMatchObject({
      decision: { outcome: 'approved', tally: { approve: 3, reject: 1 } },
    });
  });

  it('says who is silent when too few answer to be believed', async () => {
    const all = await running();
    for (const index of [1, 2, 3]) await all.stop(index);
    await expect(all.client().attempts(sourceAbout('theta'), 600)).rejects.toThrow(
      /nodes of 1 seats answer alike, and 2 are needed.*silent: node-2, node-3, node-4/,
    );
  });
});

it('a case is followed while it goes', async () => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const all = await running({
    judge: async (sitting, signal) => {
      if (sitting.seat === asSeatId(3)) await held;
      return approve(sitting, signal);
    },
  });
  const { caseId } = await all.submit(sourceAbout('iota'));
  const events: FollowedEvent[] = [];
  const client = all.client();
  const followed = followCase(client, caseId, {
    hear: (event) => events.push(event),
    signal: new AbortController().signal,
  });
  await until(() => events.filter(({ kind }) => kind === 'committed').length === 3);
  expect(events.some(({ kind }) => kind === 'closed')).toBe(false);
  release();
  await followed;
  expect(events.at(-1)?.kind).toBe('decided');
});

describe('a desk', () => {
  it('drops what is malformed, counts a flood, takes no ballots, and answers others meanwhile', async () => {
    const all = await running();
    const wire = all.join();
    const line = wire.line('desk');
    for (const text of [
      '',
      '{}',
      '{"ask":{"kind":"status"},"id":"x"}',
      '{"ask":{"kind":"erase"},"id":"000000000000000000000000"}',
    ]) {
      line.send(asPeerId('node-1'), utf8(text));
    }
    line.send(asPeerId('node-1'), new Uint8Array(200_000));
    const { desk } = all.place(0);
    const dropped = (why: string): number =>
      [...(desk?.dropped ?? [])].find(([reason]) => reason === why)?.[1] ?? 0;
    await until(() => dropped('malformed') === 5);
    const flood = utf8('{"ask":{"kind":"status"},"id":"000000000000000000000000"}');
    for (let i = 0; i < 1_000; i++) line.send(asPeerId('node-1'), flood);
    await until(() => dropped('too-many') > 800);
    const client = all.client();
    expect((await client.statuses()).size).toBe(4);

    const { caseId } = await all.submit(sourceAbout('kappa'));
    await certifiedEverywhere(all, caseId);
    const [reveal] = [...all.node(0).store.chain(all.founding.councilId)]
      .flatMap(({ block }) => block.entries)
      .filter(({ bytes }) => Buffer.from(bytes).includes('ballot.revealed'));
    const refused = await client.desk.ask(
      'node-2',
      { kind: 'file', entry: toBase64(reveal?.bytes ?? utf8('none')) },
      2_000,
    );
    expect(refused).toEqual({ kind: 'none', why: 'entries of kind ballot.revealed are not taken here' });
    const forged = await client.desk.ask(
      'node-2',
      { kind: 'file', entry: toBase64(utf8('{"entry":{}}')) },
      2_000,
    );
    expect(forged).toMatchObject({ kind: 'none' });
    expect(await client.desk.ask('node-2', { kind: 'case', caseId }, 2_000)).toMatchObject({
      stands: 'certified',
      outcome: 'approved',
    });
    expect(await client.desk.ask('node-2', { kind: 'case', caseId: digestOf('x') }, 2_000)).toMatchObject({
      stands: 'unknown',
    });
  });
});
