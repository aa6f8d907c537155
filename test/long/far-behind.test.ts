// A node that was away for many blocks (issue 4, "Done means" 5): real processes over a real Redis, every block checked by its
// certificate. The other three make the blocks in this process: a case now and then, and the word of one seat about who is
// silent, which changes all the time. BLOCKS=5000 takes a quarter of an hour.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { instantApproval } from '../../src/cli/bench/deciding.ts';
import { sealEntry } from '../../src/council/entry.ts';
import { openDirectory } from '../../src/node/council-directory.ts';
import { SILENT } from '../../src/node/running/node-log.ts';
import { RunningNode } from '../../src/node/running/running-node.ts';
import { fastestBls } from '../../src/node/signing/notary.ts';
import { toBase64 } from '../../src/signing/bytes.ts';
import { fastestEd25519 } from '../../src/signing/ed25519-fastest.ts';
import { seatHolder } from '../../src/signing/key-holder.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import { RedisTransport } from '../../src/transport/redis/redis-transport.ts';
import { writePlainCase } from '../chaos/caseload.ts';
import { Clerk } from '../chaos/clerk.ts';
import { until } from '../rigs/instant-council.ts';
import { RunningCouncil } from '../rigs/running-council.ts';

const BLOCKS = Number(process.env.BLOCKS ?? 500);
const BLOCKS_A_CASE = 50;
/** 5,000 in half a minute, and a moment for finding out. */
const WITHIN_MS = 3_000 + (27_000 * BLOCKS) / 5_000;
const AWAY = 3;
const PACE = { viewMs: 500, maxViewMs: 4_000, resendMs: 300, heartbeatMs: 1_000 };
const PATIENCE_MS = 60_000;

it(`a node ${BLOCKS} blocks behind is up with the others within ${WITHIN_MS} ms`, async () => {
  const root = mkdtempSync(join(tmpdir(), 'conclave-far-behind-'));
  const windows = { commitMs: 500, revealMs: 500 };
  const council = await RunningCouncil.found({ root, nodes: 4, seed: 9, windows });
  try {
    const { cases, height } = await makeBlocks(council);
    for (const index of council.nodes.keys()) if (index !== AWAY) await council.start(index);
    const { http } = await council.start(AWAY);
    const began = performance.now();
    let reached = await heightAt(http);
    while (reached < height && performance.now() - began < 4 * WITHIN_MS) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      reached = await heightAt(http);
    }
    const tookMs = performance.now() - began;
    console.log(`${reached} blocks with ${cases} cases in ${Math.round(tookMs)} ms`);
    expect(reached).toBeGreaterThanOrEqual(height);
    expect(tookMs).toBeLessThan(WITHIN_MS);
  } finally {
    await council.close();
    rmSync(root, { recursive: true, force: true });
  }
}, 1_800_000);

async function heightAt(http: string | null): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return Number(/^conclave_height(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

async function makeBlocks(council: RunningCouncil): Promise<{ cases: number; height: number }> {
  const servers = council.redis.map(({ url }) => url);
  const running = await Promise.all(
    council.nodes
      .filter((_, index) => index !== AWAY)
      .map(({ name, seats, folder }) =>
        RunningNode.start(
          { place: { root: folder, name, seats }, pace: PACE },
          {
            log: SILENT,
            judge:
              () =>
              ({ policy }) =>
                Promise.resolve(instantApproval(policy)),
            join: (self, { councilId }, peers) => RedisTransport.join({ councilId, self, peers, servers }),
          },
        ),
      ),
  );
  const clerk = await Clerk.join(council);
  try {
    const [first] = running;
    if (first === undefined) throw new Error('no node is up');
    const height = () => first.node.status().height;
    const say = await wordOfSeatOne(council, first);
    let cases = 0;
    for (let word = 0; height() < BLOCKS; word++) {
      const before = height();
      if (word % BLOCKS_A_CASE === 0) {
        const answer = await clerk.submit(writePlainCase(council.root, `case-${++cases}`).file, PATIENCE_MS);
        if (!answer.acknowledged) throw new Error(answer.why);
      } else say(word);
      await until(() => height() > before, PATIENCE_MS);
    }
    await until(() => first.node.state.open.size === 0, PATIENCE_MS);
    return { cases, height: height() };
  } finally {
    await clerk.close();
    await Promise.all(running.map((node) => node.close()));
  }
}

/** Seat 1 says that some of the absent seats are silent, others each time. */
async function wordOfSeatOne(
  { founding, nodes }: RunningCouncil,
  { node }: RunningNode,
): Promise<(word: number) => void> {
  const seat = asSeatId(1);
  const { secret } = openDirectory(nodes[0]?.folder ?? '', await fastestBls()).keysOf(
    seatHolder(seat),
  ).ed25519;
  const absent = nodes[AWAY]?.seats ?? [];
  const sign = (message: Uint8Array): string => toBase64(fastestEd25519.sign(secret, message));
  return (word) => {
    const silent = absent.filter((_, i) => (word >> i) % 2 === 0);
    const fields = { kind: 'seats.suspected', by: `seat/${seat}`, epoch: node.state.epoch, silent } as const;
    node.submit([sealEntry(fields, founding.councilId, sign)]);
  };
}
