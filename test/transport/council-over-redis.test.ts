// A council of real nodes over real Redis servers, somebody who wrecks one of two, and somebody who puts forged votes,
// certificates, blocks and endorsements into them by hand ("Done means" 6): nothing changes, nobody is framed, and all of
// it is counted (protocol 8.1).
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { verifyCertificate } from '../../src/ledger/verifier.ts';
import { certificatePath, proofPath } from '../../src/node/chancery.ts';
import { MemoryCouncil } from '../../src/node/memory-council.ts';
import { nobleBls } from '../../src/signing/bls.ts';
import { loadBlst } from '../../src/signing/bls-blst.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { decodeBatch, encodeBatch, NONCE_BYTES } from '../../src/transport/redis/frames.ts';
import { RedisTransport } from '../../src/transport/redis/redis-transport.ts';
import { StreamNames } from '../../src/transport/redis/stream-names.ts';
import { LINES, Switchboard } from '../../src/transport/switchboard.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { forgeriesOf } from '../rigs/forged-traffic.ts';
import { HostileHand } from '../rigs/hostile-redis.ts';
import {
  approve,
  CHARTER,
  decideEverywhere,
  seatsANode,
  sourceAbout,
  TEST_PACE,
  until,
} from '../rigs/instant-council.ts';
import { type RedisServer, startRedis } from '../rigs/redis-server.ts';

const NODES = ['node-1', 'node-2', 'node-3', 'node-4'];
let servers: readonly RedisServer[] = [];
const leave: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis()]);
});
afterEach(async () => {
  for (const go of leave.splice(0).reverse()) await go();
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

/** A forger takes his share of a small machine: views are given longer than where nobody is in the way. */
const PACE = { ...TEST_PACE, viewMs: 1_000, maxViewMs: 4_000 };

const REASONS = [
  'forged vote',
  'forged timeout',
  'status with a bad certificate',
  'blocks with a bad certificate',
];

interface Gathered {
  readonly council: MemoryCouncil;
  readonly wires: readonly RedisTransport[];
}

async function gathered(on: readonly RedisServer[]): Promise<Gathered> {
  const lines: Transport[] = [];
  const council = await MemoryCouncil.found(
    { nodes: seatsANode(NODES.length), charter: CHARTER, pace: PACE },
    { judge: approve, wrapTransport: (unused, node) => lines[node] ?? unused },
  );
  const { councilId } = council.founding;
  const urls = on.map(({ url }) => url);
  const join = (self: string) => RedisTransport.join({ councilId, self, peers: NODES, servers: urls });
  const wires = await Promise.all(NODES.map(join));
  leave.push(() => Promise.all(wires.map((wire) => wire.close())));
  lines.push(...wires.map((wire) => new Switchboard(wire).line('council')));
  await council.startAll();
  leave.push(() => council.close());
  return { council, wires };
}

/** Says falsely whatever is said in the streams of this council, in every other node's name as well as in its own. */
function forger({ url }: RedisServer, councilId: string): { forged: () => number; stop(): Promise<void> } {
  const redis = new Redis(url);
  const names = new StreamNames(councilId);
  const keys = NODES.flatMap((node) => [names.toAll(node), names.toOne(node)]);
  const at = new Map(keys.map((key) => [key, '0-0']));
  let going = true;
  let forged = 0;
  const put = async (key: string, from: string, messages: readonly Uint8Array[]) => {
    forged += messages.length;
    await redis.xadd(key, '*', 'm', Buffer.from(encodeBatch({ from, messages }, randomBytes(NONCE_BYTES))));
  };
  const work = async () => {
    while (going) {
      const found = await redis.xreadBuffer('COUNT', 20, 'BLOCK', 100, 'STREAMS', ...keys, ...at.values());
      for (const [name, entries] of found ?? []) {
        for (const [id, fields] of entries) {
          at.set(name.toString(), id.toString());
          const batch = decodeBatch(fields[1] ?? new Uint8Array());
          if (batch === undefined) continue;
          const false_ = batch.messages.flatMap((message) =>
            message[0] === LINES.council ? forgeriesOf(message.subarray(1), NODES.length) : [],
          );
          // His own forgeries come by here as well, and are forged again: not without end.
          if (false_.length === 0 || forged > 4_000) continue;
          const on = false_.map((bytes) => Uint8Array.of(LINES.council, ...bytes));
          for (const node of NODES) await put(names.toAll(node), node, on);
        }
      }
    }
  };
  const working = work();
  return {
    forged: () => forged,
    stop: async () => {
      going = false;
      await working;
      redis.disconnect();
    },
  };
}

async function expectDecided({ council }: Gathered, subject: string): Promise<void> {
  const decisions = await decideEverywhere(council, sourceAbout(subject));
  expect(decisions).toHaveLength(NODES.length);
  expect(new Set(decisions.map((decision) => JSON.stringify(decision))).size).toBe(1);
  expect(decisions[0]).toMatchObject({ outcome: 'approved', tally: { approve: NODES.length } });
  const bls = (await loadBlst()) ?? nobleBls;
  const caseId = decisions[0]?.caseId ?? expect.fail();
  const { certificates } = council.place(0);
  const certificate = certificates.read(certificatePath(caseId)) ?? expect.fail('no certificate');
  const proof = certificates.read(proofPath(caseId));
  const anchor = council.founding.councilId;
  const verified = verifyCertificate({ certificate, proof, anchor }, { ed25519: fastestEd25519, bls });
  expect(verified.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(verified.status).toBe('valid');
}

/** No seat is framed, no node stops, and all have one ledger. */
async function expectUnharmed({ council }: Gathered): Promise<void> {
  await until(() => new Set(council.up.map((node) => node.status().ledger.root)).size === 1);
  for (const node of council.up) {
    expect(node.stopped).toBeUndefined();
    expect([...node.evidenceFound]).toEqual([]);
  }
}

it('decides over two of which one is in hostile hands, and then over the one that is left', async () => {
  const [hostile, honest] = servers;
  if (hostile === undefined || honest === undefined) return expect.fail('no servers');
  const all = await gathered([hostile, honest]);
  const names = new StreamNames(all.council.founding.councilId);
  const streams = NODES.flatMap((node) => [names.toAll(node), names.toOne(node)]);
  const hand = new HostileHand(hostile.url, streams, NODES, 7);
  hand.begin();
  leave.push(() => hand.end());
  await expectDecided(all, 'alpha');
  await until(() => all.wires.every((wire) => Object.keys(wire.stats()[0]?.dropped ?? {}).length > 0));
  await hostile.kill('SIGKILL');
  await expectDecided(all, 'beta');
  await hostile.restart();
  await expectUnharmed(all);
});

it('a forged vote, certificate, block or endorsement put into the only Redis by hand changes nothing and is counted', async () => {
  const [hostile] = servers;
  if (hostile === undefined) return expect.fail('no server');
  const all = await gathered([hostile]);
  const hand = forger(hostile, all.council.founding.councilId);
  leave.push(() => hand.stop());
  await expectDecided(all, 'alpha');
  const refused = () => all.council.up.map((node) => node.status().refused);
  for (const reason of REASONS) {
    await until(() => refused().every((counts) => (counts[reason] ?? 0) > 0));
  }
  expect(hand.forged()).toBeGreaterThan(200);
  await expectUnharmed(all);
});
