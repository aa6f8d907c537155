// Dossiers between nodes (protocol 4.1, 8.4): what is held before a case opens, who gets it, and what is gone.
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type PreparedCase, prepareCase } from '../../src/council/dossier.ts';
import { FIRST_EPOCH } from '../../src/council/roster.ts';
import {
  type DossierMessage,
  decodeDossierMessage,
  encodeDossierMessage,
  MAX_PARCEL_BYTES,
  type Offered,
  signedMessage,
} from '../../src/node/dossiers/dossier-message.ts';
import { packDossier } from '../../src/node/dossiers/dossier-parcel.ts';
import { toHex, utf8 } from '../../src/signing/bytes.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { signedBytes } from '../../src/signing/purpose.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import { LINES } from '../../src/transport/switchboard.ts';
import { asPeerId } from '../../src/transport/transport.ts';
import { approve, until } from '../rigs/instant-council.ts';
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

const SECRET = 'THE-APPLICANT-KEEPS-THIS-TO-HERSELF';
const source = (subject: string, text = `${SECRET} `.repeat(30)) => ({
  type: 'certification' as const,
  subject,
  title: `About ${SECRET}`,
  fields: { system: 'S', version: '1', applicant: 'A', purpose: SECRET, deployment: 'D', level: 'basic' },
  evidence: [{ id: 'report', title: 'Report', text }],
});

const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
const prepared = (subject: string): PreparedCase =>
  prepareCase(source(subject), { submitter: 'applicant', attempt: 1, earlier: [] }, () => toHex(random(32)));

/** What a message on the line `dossiers` says; undefined on other lines. */
function dossierMessage(bytes: Uint8Array): DossierMessage | undefined {
  return bytes[0] === LINES.dossiers ? decodeDossierMessage(bytes.subarray(1)) : undefined;
}

const dropped = (all: NetworkedCouncil, index: number, why: string): number =>
  [...all.exchange(index).dropped].find(([reason]) => reason === why)?.[1] ?? 0;

describe('a case opens when a quorum holds its dossier', () => {
  it('and none of its words ever crosses in plain text, also from node to node', async () => {
    const all = await running();
    const crossed: Uint8Array[] = [];
    all.tap = (from, to, bytes) => {
      crossed.push(bytes);
      return from.startsWith('client') && to === 'node-4' && bytes[0] === LINES.dossiers ? undefined : bytes;
    };
    const submission = await all.submit(source('alpha'));
    expect(submission).toMatchObject({ acknowledged: true, attempt: 1, resumed: false });
    await until(() => all.up.every((node) => node.state.decided.has(submission.caseId)));
    // Node 4 had it from another node, and judged by it.
    expect(all.node(3).shelf.dossier(submission.caseId)?.evidence[0]?.text.text).toContain(SECRET);
    expect(crossed.some((bytes) => dossierMessage(bytes)?.kind === 'given')).toBe(true);
    for (const bytes of crossed) {
      expect(Buffer.from(bytes).includes(SECRET)).toBe(false);
      expect(Buffer.from(bytes).includes(Buffer.from(SECRET).toString('base64').slice(0, 40))).toBe(false);
    }
  });

  it('is not opened when it was offered to two of four nodes only', async () => {
    const all = await running();
    all.tap = (from, to, bytes) =>
      from.startsWith('client') && bytes[0] === LINES.dossiers && /[34]$/.test(to) ? undefined : bytes;
    const submission = await all.submit(source('beta'), { withinMs: 1_200 });
    expect(submission).toMatchObject({
      acknowledged: false,
      why: expect.stringContaining('2 of 4 seats hold'),
    });
    expect(all.up.map((node) => node.status().height)).toEqual([0, 0, 0, 0]);
  });

  it('crosses whole when it has a million bytes and every fifth piece is lost', async () => {
    const all = await running();
    let pieces = 0;
    all.tap = (_from, _to, bytes) =>
      dossierMessage(bytes)?.kind === 'piece' && ++pieces % 5 === 0 ? undefined : bytes;
    const evidence = Array.from({ length: 2 }, (_, i) => ({
      id: `e${i}`,
      title: `Part ${i}`,
      text: '證'.repeat(199_990),
    }));
    const submission = await all.submit({ ...source('gamma'), evidence }, { withinMs: 20_000 });
    expect(submission.acknowledged).toBe(true);
    expect(pieces).toBeGreaterThan(3 * 5);
  }, 30_000);
});

describe('a node without the dossier of an open case', () => {
  it('is given it by another when the first holders lie, and keeps nothing but the true one', async () => {
    const all = await running();
    all.tap = (from, to, bytes) => {
      const message = dossierMessage(bytes);
      if (from.startsWith('client') && to === 'node-4' && message !== undefined) return undefined;
      // Whatever node 1 gives is false, and node 2 never answers.
      if (from === 'node-2' && to === 'node-4' && message?.kind === 'given') return undefined;
      if (from !== 'node-1' || message?.kind !== 'piece') return bytes;
      const changed = Uint8Array.from(bytes);
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      return changed;
    };
    const submission = await all.submit(source('delta'));
    const { caseId } = submission;
    await until(() =>
      all.up.every((node) => node.state.decided.has(caseId) && node.uncertified.length === 0),
    );
    const client = all.client();
    const certified = await client.certificate(caseId);
    expect(certified?.verification.decision?.tally).toMatchObject({ approve: 4, missing: 0 });
  });

  it('is answered only if it is of the panel, and the answer goes to no one else', async () => {
    const all = await running({ judge: async () => undefined });
    const { caseId } = await all.submit(source('epsilon'));
    await until(() => all.up.every((node) => node.state.open.has(caseId)));
    const stranger = all.join();
    const heard: DossierMessage[] = [];
    const line = stranger.line('dossiers');
    line.onMessage((_, bytes) => heard.push(decodeDossierMessage(bytes)));
    const { councilId } = all.founding;
    const ask = (node: string, seat: number, secret: Uint8Array): Uint8Array =>
      signedMessage(
        'wanted',
        { caseId, epoch: FIRST_EPOCH, node, seat: asSeatId(seat), of: 'node-1' },
        (payload) =>
          fastestEd25519.sign(
            secret,
            signedBytes({ purpose: 'dossier.wanted', councilId, epoch: FIRST_EPOCH }, payload),
          ),
      );
    // a seat that is another's, a key that is nobody's, and a submitter's
    line.send(asPeerId('node-1'), ask('node-2', 3, all.secretOf(asSeatId(3))));
    line.send(asPeerId('node-1'), ask('node-2', 2, random(32)));
    line.send(asPeerId('node-1'), ask('node-2', 2, all.submitter.ed25519.secret));
    line.send(asPeerId('node-1'), ask(stranger.line('desk').self, 2, all.secretOf(asSeatId(2))));
    await until(() => dropped(all, 0, 'stranger') === 4);
    // A question of a true seat, caught and asked again by a stranger: node 2 is answered, as it was before.
    const given: string[] = [];
    all.tap = (_from, to, bytes) => {
      if (dossierMessage(bytes)?.kind === 'given') given.push(to);
      return bytes;
    };
    line.send(asPeerId('node-1'), ask('node-2', 2, all.secretOf(asSeatId(2))));
    await until(() => given.length > 0);
    expect(given).toEqual(['node-2']);
    for (let i = 0; i < 20; i++) line.send(asPeerId('node-1'), ask('node-2', 2, all.secretOf(asSeatId(2))));
    await until(() => dropped(all, 0, 'too-many') >= 17);
    expect(given.length).toBeLessThanOrEqual(3);
    expect(heard).toEqual([]);
  });
});

describe('offers that are not what they seem', () => {
  const offerOf = (
    all: NetworkedCouncil,
    { caseId, document, dossier }: PreparedCase,
    secret: Uint8Array,
  ) => {
    const { councilId, roster } = all.founding;
    const packed = packDossier(
      dossier,
      roster.nodes ?? [],
      { councilId, purpose: 'dossier.offered', caseId },
      random,
    );
    const body: Offered = { case: document, epoch: FIRST_EPOCH, keys: packed.keys, parcel: packed.parcel };
    return offer(all, body, secret);
  };
  const offer = (all: NetworkedCouncil, body: Offered, secret: Uint8Array): Uint8Array =>
    signedMessage('offered', body, (payload) => {
      const context = {
        purpose: 'dossier.offered',
        councilId: all.founding.councilId,
        epoch: FIRST_EPOCH,
      } as const;
      return fastestEd25519.sign(secret, signedBytes(context, payload));
    });

  it('are dropped and counted when a stranger signed them, or nobody could have', async () => {
    const all = await running();
    const line = all.join().line('dossiers');
    const to = asPeerId('node-1');
    const good = offerOf(all, prepared('zeta'), random(32));
    line.send(to, good);
    await until(() => dropped(all, 0, 'stranger') === 1);
    for (const bytes of [
      good.subarray(0, 40),
      utf8('o{"case":{}}'),
      Uint8Array.of(0),
      new Uint8Array(0),
      encodeDossierMessage({ kind: 'piece', parcel: digestOf('x'), index: 0, bytes: Uint8Array.of(1) }),
    ]) {
      line.send(to, bytes);
    }
    await until(() => dropped(all, 0, 'malformed') === 4 && dropped(all, 0, 'false-piece') === 1);
    expect(await all.place(0).dossiers.names('')).toEqual([]);
  });

  it('are refused when they promise more than a dossier may be', async () => {
    const all = await running();
    const { document } = prepared('eta');
    const pieces = Array.from({ length: 29 }, () => digestOf('x'));
    const body = { case: document, epoch: FIRST_EPOCH, keys: [{ node: 'node-1', box: 'AA==' }] };
    const line = all.join().line('dossiers');
    const { secret } = all.submitter.ed25519;
    for (const bytes of [MAX_PARCEL_BYTES + 1, 7_400_000]) {
      line.send(asPeerId('node-1'), offer(all, { ...body, parcel: { bytes, pieces } }, secret));
    }
    await until(() => dropped(all, 0, 'malformed') === 2);
  });

  it('are told so when the texts are not those of the case, and nothing of them is kept', async () => {
    const all = await running();
    const [one, other] = [prepared('theta'), prepared('theta')];
    const mixed = { ...one, dossier: { ...other.dossier, caseId: one.caseId } };
    const answers: DossierMessage[] = [];
    const wire = all.join();
    const line = wire.line('dossiers');
    const { councilId, roster } = all.founding;
    const packed = packDossier(
      mixed.dossier,
      roster.nodes ?? [],
      { councilId, purpose: 'dossier.offered', caseId: one.caseId },
      random,
    );
    const body: Offered = {
      case: one.document,
      epoch: FIRST_EPOCH,
      keys: packed.keys,
      parcel: packed.parcel,
    };
    line.onMessage((from, bytes) => {
      const message = decodeDossierMessage(bytes);
      answers.push(message);
      if (message.kind !== 'pieces') return;
      for (const index of message.body.pieces) {
        const piece = packed.pieces[index] ?? new Uint8Array();
        line.send(
          from,
          encodeDossierMessage({ kind: 'piece', parcel: message.body.parcel, index, bytes: piece }),
        );
      }
    });
    line.send(asPeerId('node-1'), offer(all, body, all.submitter.ed25519.secret));
    await until(() => answers.some(({ kind }) => kind === 'refused'));
    expect(answers.at(-1)).toMatchObject({ body: { why: 'the dossier is not the one the case commits to' } });
    expect(dropped(all, 0, 'false-dossier')).toBe(1);
    expect(await all.place(0).dossiers.names('')).toEqual([]);
  });

  it('are answered alike when they are replayed, and nothing more is kept', async () => {
    const all = await running();
    const offers: Uint8Array[] = [];
    all.tap = (_from, to, bytes) => {
      if (to === 'node-1' && dossierMessage(bytes)?.kind === 'offered') offers.push(bytes.subarray(1));
      return bytes;
    };
    const { caseId } = await all.submit(source('iota'));
    const kept = await all.place(0).dossiers.names('');
    const stranger = all.join();
    const heard: DossierMessage[] = [];
    const line = stranger.line('dossiers');
    line.onMessage((_, bytes) => heard.push(decodeDossierMessage(bytes)));
    const replayed = [...offers];
    for (const bytes of replayed) line.send(asPeerId('node-1'), bytes);
    await until(() => heard.length === replayed.length);
    expect(heard[0]).toMatchObject({ kind: 'held', body: { caseId, receipts: [{ seat: 1 }] } });
    expect((await all.place(0).dossiers.names('')).filter((name) => !name.includes('judgements'))).toEqual(
      kept.filter((name) => !name.includes('judgements')),
    );
  });

  it('are refused beyond what a submitter may have waiting', async () => {
    const all = await running({ quota: 2 });
    const swallowed = all.tap;
    // What is handed in gets lost: the dossiers wait.
    all.tap = (from, _to, bytes) =>
      from.startsWith('client') && bytes[0] === LINES.desk && Buffer.from(bytes).includes('"entry"')
        ? undefined
        : bytes;
    for (const subject of ['kappa', 'lambda']) {
      const waiting = await all.submit(source(subject), { withinMs: 700 });
      expect(waiting).toMatchObject({ acknowledged: false });
    }
    const third = await all.submit(source('mu'), { withinMs: 3_000 });
    expect(third).toMatchObject({ acknowledged: false, why: expect.stringContaining('no more are taken') });
    // They are remembered across a restart too.
    await all.stop(0);
    await all.start(0);
    expect(await all.submit(source('mu'), { withinMs: 700 })).toMatchObject({ acknowledged: false });
    all.tap = swallowed;
  });

  it('wait no more as soon as their cases open, however many a submitter brings', async () => {
    const all = await running({ quota: 2 });
    for (const subject of ['kappa', 'lambda', 'mu', 'nu', 'xi']) {
      const submission = await all.submit(source(subject));
      expect(submission, subject).toMatchObject({ acknowledged: true });
      await until(() => all.up.every((node) => node.state.decided.has(submission.caseId)));
    }
  });
});

describe('what is erased', () => {
  it('is neither served, nor kept when it is offered again, nor fetched, also after a restart', async () => {
    const all = await running({ judge: async () => undefined });
    const { caseId } = await all.submit(source('nu'));
    await until(() => all.up.every((node) => node.state.open.has(caseId)));
    await all.stop(1);
    expect(await all.node(0).shelf.erase(caseId, 7)).toBe(true);
    expect(all.place(0).dossiers.read(`${caseId}.json`)).toBeUndefined();
    await all.stop(0);
    await all.start(0);
    const { shelf, state } = all.node(0);
    expect(shelf.erasedMs(caseId)).toBe(7);
    expect(Buffer.from(all.place(0).dossiers.read('erasures.jsonl') ?? []).toString()).toBe(
      `{"caseId":"${caseId}","erasedMs":7}\n`,
    );
    const document = state.open.get(caseId)?.document ?? expect.fail('it is open');
    await all.exchange(0).fetch(caseId, document, new AbortController().signal);
    expect(shelf.dossier(caseId)).toBeUndefined();
    const held = all.node(2).shelf.dossier(caseId) ?? expect.fail('it is held there');
    await expect(all.node(0).receiptsFor(document, held)).rejects.toThrow(/was erased here/);
    await shelf.keepJudgements(caseId, new Map([[asSeatId(1), utf8('{}')]]));
    expect(shelf.judgements(caseId).size).toBe(0);

    // Node 2 lost it too, and node 1 does not have it to give; the others do.
    await all.start(1);
    await all.node(1).shelf.discard(caseId);
    await all.exchange(1).fetch(caseId, document, new AbortController().signal);
    expect(all.node(1).shelf.dossier(caseId)).toEqual(held);
  }, 20_000);
});
