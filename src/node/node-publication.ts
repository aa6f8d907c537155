// What a running node shows over HTTP: its ledger, how it fares, and its metrics, each from whoever knows.
import type { SeatId } from '../signing/seat-id.ts';
import type { ServerStats } from '../transport/redis/redis-stats.ts';
import type { Switchboard } from '../transport/switchboard.ts';
import type { CouncilNode } from './council-node.ts';
import { type HttpPlace, LedgerServer } from './ledger-server.ts';
import type { NodePlace } from './node-directory.ts';
import { healthOf } from './node-health.ts';
import type { NodeJobs } from './node-jobs.ts';
import type { Presence } from './presence.ts';

export interface PublicationOptions {
  readonly http: HttpPlace;
  readonly place: NodePlace;
  readonly heartbeatMs: number;
}

export interface PublicationDependencies {
  readonly node: CouncilNode;
  readonly presence: Presence;
  readonly suspicion: { readonly silent: readonly SeatId[] };
  readonly wire: Switchboard;
  readonly jobs?: NodeJobs;
  readonly servers?: () => readonly ServerStats[];
  readonly paths: { readonly ledger: string; readonly certificates: string; readonly genesis: string };
}

export async function published(
  { http, place, heartbeatMs }: PublicationOptions,
  { node, presence, suspicion, wire, jobs, servers, paths }: PublicationDependencies,
): Promise<LedgerServer> {
  // Loaded only where somebody may look at it.
  const { metricsOf } = await import('./metrics.ts');
  const stats = jobs?.stats;
  const metrics = metricsOf({
    node,
    peers: () => presence.peers(),
    silentHere: () => suspicion.silent,
    unread: () => wire.dropped,
    chain: node.store,
    ofTheProcess: true,
    ...(stats && { jobs: () => jobs?.stats ?? stats }),
    ...(servers && { servers }),
  });
  const watched = { node, presence, own: new Set(place.seats), heartbeatMs };
  return LedgerServer.listen(http, {
    ...paths,
    health: () => healthOf(watched),
    status: () => node.status(),
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
  });
}
