// What a running node shows over HTTP: its ledger, how it fares, and its metrics, each from whoever knows.
import type { SeatId } from '../../signing/seat-id.ts';
import type { ServerStats } from '../../transport/redis/redis-stats.ts';
import type { Switchboard } from '../../transport/switchboard.ts';
import type { CouncilNode } from '../council-node.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Presence } from '../presence/presence.ts';
import { type HttpPlace, LedgerServer } from './ledger-server.ts';
import type { NodePlace } from './node-directory.ts';
import { healthOf, seatsAlive } from './node-health.ts';
import type { NodeJobs } from './node-jobs.ts';

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

export interface Publication {
  readonly server: LedgerServer;
  /** what the runner of models tells, for the metrics */
  readonly onAsk: Metrics['onAsk'];
}

export async function published(
  { http, place, heartbeatMs }: PublicationOptions,
  { node, presence, suspicion, wire, jobs, servers, paths }: PublicationDependencies,
): Promise<Publication> {
  // Loaded only where somebody may look at it.
  const [{ metricsOf }, { dossiersOf }] = await Promise.all([
    import('../metrics/metrics.ts'),
    import('../metrics/metrics-standing.ts'),
  ]);
  const watched = { node, presence, own: new Set(place.seats), heartbeatMs };
  const stats = jobs?.stats;
  const metrics = metricsOf({
    node,
    peers: () => presence.peers(),
    alive: () => seatsAlive(watched),
    silentHere: () => suspicion.silent,
    dossiers: () => dossiersOf(node),
    unread: () => wire.dropped,
    chain: node.store,
    ofTheProcess: true,
    ...(stats && { jobs: () => jobs?.stats ?? stats }),
    ...(servers && { servers }),
  });
  const server = await LedgerServer.listen(http, {
    ...paths,
    health: () => healthOf(watched),
    status: () => node.status(),
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
  });
  return { server, onAsk: metrics.onAsk };
}
