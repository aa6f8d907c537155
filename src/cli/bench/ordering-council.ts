// How many entries a second several node processes order together over Redis: nothing shared between them but the
// server, every process a store of its own that is synced before anything leaves.
import { join } from 'node:path';
import { allSeats } from '../../signing/seat-id.ts';
import { BenchProcess } from './bench-process.ts';
import { orderingCouncil, SEATS } from './ordering.ts';
import type { FromOrderer, ToOrderer } from './ordering-process.ts';
import { billed, type RedisBill } from './redis-bill.ts';

export interface CouncilOrdered {
  readonly entries: number;
  /** as one process counted them */
  readonly blocks: number;
  readonly tookMs: number;
  /** of all processes together */
  readonly cpuMs: number;
  readonly redis: RedisBill;
}

/** Entries of 33 authors, fed by the processes in equal shares; timed until every process has committed all of them. */
export async function orderOverRedis(
  nodes: number,
  entriesAnAuthor: number,
  { servers, folder }: { readonly servers: readonly string[]; readonly folder: string },
): Promise<CouncilOrdered> {
  const { secrets, authors, authorSecrets } = orderingCouncil();
  const peers = Array.from({ length: nodes }, (_, node) => `node-${node + 1}`);
  const common = {
    peers,
    servers,
    council: { secrets, authors },
    entriesAnAuthor,
    total: authorSecrets.length * entriesAnAuthor,
  };
  const orderers = peers.map((self, node) => {
    const ofNode = <T>(all: readonly T[]): T[] => all.filter((_, i) => i % nodes === node);
    const shares = ofNode(authorSecrets.map((secret, place) => ({ place, secret })));
    const task = {
      ...common,
      self,
      seats: ofNode(allSeats(SEATS)),
      authors: shares,
      folder: join(folder, self),
    };
    return new BenchProcess<ToOrderer, FromOrderer>('./ordering-process.js', { kind: 'begin', task });
  });
  try {
    await Promise.all(orderers.map((orderer) => orderer.heard('ready')));
    const [{ reports, tookMs }, redis] = await billed(servers, async () => {
      const started = performance.now();
      const done = orderers.map((orderer) => orderer.heard('done'));
      for (const orderer of orderers) orderer.tell({ kind: 'go' });
      return { reports: await Promise.all(done), tookMs: performance.now() - started };
    });
    return {
      entries: common.total,
      blocks: reports[0]?.blocks ?? 0,
      tookMs,
      cpuMs: reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      redis,
    };
  } finally {
    await Promise.all(orderers.map((orderer) => orderer.end()));
  }
}
