// The metrics of one node for Prometheus: what is counted as cases and blocks come by, and where the node stands when
// somebody asks. docs/operating.md says what the alerts on them mean. Nothing of the protocol depends on any of it.
import type { Quorum } from '../../consensus/quorum.ts';
import { type CouncilState, rosterOf } from '../../council/state.ts';
import type { JobsStats } from '../../jobs/bullmq/jobs-stats.ts';
import type { AskEvent } from '../../providers/ask-events.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { ServerStats } from '../../transport/redis/redis-stats.ts';
import type { Watcher } from '../node-events.ts';
import { type NodeStatus, vacantChairs } from '../node-status.ts';
import { Instruments, showsOnly } from './instruments.ts';
import { seatLabel } from './metric-labels.ts';
import { CaseMetrics } from './metrics-cases.ts';
import { MindMetrics } from './metrics-minds.ts';
import { OrderingMetrics } from './metrics-ordering.ts';
import { QueueMetrics } from './metrics-queues.ts';
import {
  type DossierStanding,
  type PeerStanding,
  type Standing,
  StandingMetrics,
} from './metrics-standing.ts';
import { type ChainSource, type VoteAlert, VoteStatistics } from './vote-statistics.ts';

export interface MeasuredNode {
  readonly quorum: Quorum;
  readonly state: Pick<CouncilState, 'epoch' | 'rosters'>;
  readonly viewChanges: Standing['viewChanges'];
  readonly evidenceFound: Standing['evidenceFound'];
  readonly inputs: number;
  watch(watcher: Watcher): () => void;
  status(): NodeStatus;
}

/** What else there is to ask at a running node; what is not there is shown as nothing. */
export interface MetricsSources {
  readonly node: MeasuredNode;
  /** of each Redis server */
  readonly servers?: () => readonly ServerStats[];
  readonly jobs?: () => JobsStats;
  /** by name, of the other nodes of the roster */
  readonly peers?: () => ReadonlyMap<string, PeerStanding>;
  readonly dossiers?: () => DossierStanding;
  /** its own seats and those whose signed heartbeats came lately; by addresses, which prove nothing, if it is not told */
  readonly alive?: () => readonly SeatId[];
  /** seats that this node has not heard for too long (suspicion.ts) */
  readonly silentHere?: () => readonly SeatId[];
  /** the committed chain, read back once: what was voted before this process began */
  readonly chain?: ChainSource;
  /** messages on lines that nobody listens to */
  readonly unread?: () => number;
  /** CPU, memory and the event loop of this process; one node a process wants it */
  readonly ofTheProcess?: boolean;
  readonly nowMs?: () => number;
  /** the clock that block times are measured against */
  readonly wallMs?: () => number;
}

export interface Metrics {
  readonly contentType: string;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  /** What the runner of models tells. */
  readonly onAsk: (event: AskEvent) => void;
  /** The labels of each metric, by its name. */
  readonly series: ReadonlyMap<string, readonly string[]>;
  /** Seats whose votes a person should look at. */
  alerts(): readonly VoteAlert[];
  close(): void;
}

export function metricsOf(sources: MetricsSources): Metrics {
  const { node, nowMs = () => performance.now(), wallMs = Date.now } = sources;
  const instruments = new Instruments();
  const { quorum } = node;
  const cases = new CaseMetrics({ quorum }, { instruments, nowMs });
  const ordering = new OrderingMetrics(
    { quorum },
    { instruments, vacantIn: (epoch) => vacantIn(node.state, epoch) },
  );
  const standing = new StandingMetrics({ quorum }, { instruments });
  const minds = new MindMetrics(instruments);
  const queues = new QueueMetrics(instruments);
  const alerts = instruments.gauge(
    'conclave_vote_alert',
    'Votes of a seat that a person should look at, by what is odd. Statistics of committed records; never a proof.',
    ['seat', 'alert'],
  );
  if (sources.ofTheProcess === true) instruments.ofTheProcess();
  const votes = new VoteStatistics();
  if (sources.chain !== undefined) votes.readBack(sources.chain);
  const stop = node.watch((event) => {
    if (event.kind !== 'block') return cases.hear(event);
    ordering.hear(event.committed);
    votes.follow(event.committed.block.entries, event.records);
  });

  const show = (): void => {
    const status = node.status();
    const { state } = node;
    standing.show({
      status,
      epoch: state.epoch,
      inputs: node.inputs,
      viewChanges: node.viewChanges,
      evidenceFound: node.evidenceFound,
      alive: sources.alive?.() ?? status.heard,
      silentHere: sources.silentHere?.() ?? [],
      peers: sources.peers?.() ?? new Map(),
      dossiers: sources.dossiers?.(),
      unread: sources.unread?.() ?? 0,
      overdueMs: Math.max(0, ...status.cases.map(({ deadlineMs }) => wallMs() - deadlineMs)),
    });
    queues.showServers(sources.servers?.() ?? []);
    if (sources.jobs !== undefined) queues.showJobs(sources.jobs());
    showsOnly(
      alerts,
      votes.alerts().map(({ seat, kind }) => [{ seat: seatLabel(seat), alert: kind }, 1]),
    );
  };

  return {
    contentType: instruments.registry.contentType,
    series: instruments.series,
    async text() {
      show();
      return instruments.registry.metrics();
    },
    onAsk: (event) => minds.hear(event),
    alerts: () => votes.alerts(),
    close() {
      stop();
      instruments.registry.clear();
    },
  };
}

function vacantIn(state: MeasuredNode['state'], epoch: Epoch): ReadonlySet<SeatId> {
  const roster = rosterOf(state, epoch);
  return new Set(roster === undefined ? [] : vacantChairs(roster));
}
