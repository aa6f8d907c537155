// A command's line to a running council: its genesis from a founded directory, its messages by Redis, and a client
// that believes none of its nodes. Redis is loaded only here, so that no other command waits for it.
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { ConclaveError } from '../errors.ts';
import { CouncilClient } from '../node/client/council-client.ts';
import { pathsOf } from '../node/council-directory.ts';
import { toHex } from '../signing/bytes.ts';
import type { ServerStats } from '../transport/redis/redis-stats.ts';
import { Switchboard } from '../transport/switchboard.ts';
import type { Transport } from '../transport/transport.ts';
import { fastestBackends } from './backends.ts';
import { readFounding } from './council-folder.ts';
import { addressesOf, type RedisOptions, serversFor } from './redis-servers.ts';

const CONNECTED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;
const ROSTERS_WITHIN_MS = 2_000;

export interface CouncilLine {
  readonly root: string;
  readonly client: CouncilClient;
  /** the line `dossiers` */
  readonly dossiers: Transport;
  servers(): readonly ServerStats[];
  close(): Promise<void>;
}

/** Throws when no server answers. */
export async function joinCouncil(options: RedisOptions): Promise<CouncilLine> {
  const servers = serversFor(options);
  const root = resolve(options.council);
  const founding = readFounding(pathsOf(root).genesis);
  const { councilId, roster } = founding;
  if (roster.nodes === undefined) {
    throw new ConclaveError(
      'usage',
      `the council in ${root} is one process and has no nodes to speak to: conclave review submits to it`,
    );
  }
  const peers = roster.nodes.map(({ name }) => name);
  const { RedisTransport } = await import('../transport/redis/redis-transport.ts');
  const self = `client-${toHex(randomBytes(8))}`;
  const transport = await RedisTransport.join({ councilId, self, peers, servers });
  const wire = new Switchboard(transport);
  const until = performance.now() + CONNECTED_WITHIN_MS;
  while (!transport.stats().some(({ connected }) => connected)) {
    if (performance.now() < until) {
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
      continue;
    }
    await wire.close();
    throw new ConclaveError(
      'unavailable',
      `no Redis server answered within ${CONNECTED_WITHIN_MS / 1_000} s: ${addressesOf(servers)}`,
    );
  }
  const client = new CouncilClient(
    { founding },
    { transport: wire.line('desk'), backends: await fastestBackends() },
  );
  await client.refresh(ROSTERS_WITHIN_MS);
  return {
    root,
    client,
    dossiers: wire.line('dossiers'),
    servers: () => transport.stats(),
    close: async () => {
      await client.close();
      await wire.close();
    },
  };
}
