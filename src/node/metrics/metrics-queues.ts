// What is shown of Redis and of the queues of evaluations: their own counters, under names that do not change.
import type { JobsEvent, JobsStats } from '../../jobs/bullmq/jobs-stats.ts';
import type { DropReason, ServerStats, TroubleKind } from '../../transport/redis/redis-stats.ts';
import { type Instruments, showsOnly, standsAt } from './instruments.ts';
import { MAX_SERVERS_SHOWN } from './metric-labels.ts';

const FLOWS = ['published', 'delivered', 'duplicate'] as const;
const DROPS = [
  'garbled',
  'oversized',
  'stranger',
  'too-many',
  'queue-full',
  'stale',
  'refused',
] as const satisfies readonly DropReason[];
const TROUBLES = [
  'unreachable',
  'timeout',
  'access',
  'loading',
  'read-only',
  'out-of-memory',
  'wrong-type',
  'exhausted',
  'rewound',
  'flooded',
  'cursors',
  'other',
] as const satisfies readonly TroubleKind[];
const JOB_EVENTS = [
  'retried',
  'stalled',
  'forged',
  'unwanted',
  'limited',
  'addedAgain',
  'inProcess',
  'errors',
] as const satisfies readonly JobsEvent[];
const SERVER_NAME = /^[\w.:[\]/-]{1,120}$/;

export class QueueMetrics {
  readonly #shown: ReturnType<typeof shownOf>;

  constructor(instruments: Instruments) {
    this.#shown = shownOf(instruments);
  }

  showServers(all: readonly ServerStats[]): void {
    const servers = all
      .slice(0, MAX_SERVERS_SHOWN)
      .map((counts, i) => ({ ...counts, name: nameOf(counts, i) }));
    const shown = this.#shown;
    showsOnly(
      shown.connected,
      servers.map(({ name, connected }) => [{ server: name }, connected ? 1 : 0]),
    );
    showsOnly(
      shown.lag,
      servers.map(({ name, lagMs }) => [{ server: name }, lagMs / 1_000]),
    );
    showsOnly(
      shown.queued,
      servers.flatMap(({ name, queuedIn, queuedOut }) => [
        [{ server: name, direction: 'in' }, queuedIn],
        [{ server: name, direction: 'out' }, queuedOut],
      ]),
    );
    standsAt(
      shown.commands,
      servers.map(({ name, commands }) => [{ server: name }, commands]),
    );
    standsAt(
      shown.bytes,
      servers.flatMap(({ name, bytesIn, bytesOut }) => [
        [{ server: name, direction: 'in' }, bytesIn],
        [{ server: name, direction: 'out' }, bytesOut],
      ]),
    );
    standsAt(
      shown.messages,
      servers.flatMap((counts) =>
        FLOWS.map((what): [Record<'server' | 'what', string>, number] => [
          { server: counts.name, what },
          counts[what],
        ]),
      ),
    );
    standsAt(
      shown.dropped,
      servers.flatMap((counts) =>
        DROPS.map((reason): [Record<'server' | 'reason', string>, number] => [
          { server: counts.name, reason },
          counts.dropped[reason] ?? 0,
        ]),
      ),
    );
    standsAt(
      shown.troubles,
      servers.flatMap((counts) =>
        TROUBLES.map((trouble): [Record<'server' | 'trouble', string>, number] => [
          { server: counts.name, trouble },
          counts.troubles[trouble] ?? 0,
        ]),
      ),
    );
  }

  showJobs(jobs: JobsStats): void {
    this.#shown.jobs.set({ state: 'waiting' }, jobs.waiting);
    this.#shown.jobs.set({ state: 'active' }, jobs.active);
    standsAt(
      this.#shown.jobEvents,
      JOB_EVENTS.map((what) => [
        { what: what.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) },
        jobs[what],
      ]),
    );
  }
}

/** A server is shown by host and port, and by its number where what it is called could not be that. */
function nameOf({ server }: ServerStats, i: number): string {
  return SERVER_NAME.test(server) ? server : `redis-${i + 1}`;
}

function shownOf(instruments: Instruments) {
  return {
    connected: instruments.gauge('conclave_redis_connected', '1 while a Redis server is connected.', [
      'server',
    ]),
    lag: instruments.gauge(
      'conclave_redis_lag_seconds',
      'Age of the entry read last, by the clock of the server.',
      ['server'],
    ),
    queued: instruments.gauge('conclave_redis_queued', 'Messages that wait to be sent or delivered.', [
      'server',
      'direction',
    ]),
    commands: instruments.counter('conclave_redis_commands_total', 'Commands sent to a Redis server.', [
      'server',
    ]),
    bytes: instruments.counter('conclave_redis_bytes_total', 'Bytes of messages over a Redis server.', [
      'server',
      'direction',
    ]),
    messages: instruments.counter(
      'conclave_redis_messages_total',
      'Messages: published, delivered first by this server, and duplicates of what had come already.',
      ['server', 'what'],
    ),
    dropped: instruments.counter(
      'conclave_redis_dropped_total',
      'Messages not sent or not delivered, by why; garbled and stranger are what a hostile Redis makes.',
      ['server', 'reason'],
    ),
    troubles: instruments.counter('conclave_redis_troubles_total', 'What went wrong with a Redis server.', [
      'server',
      'trouble',
    ]),
    jobs: instruments.gauge('conclave_jobs', 'Evaluations that wait for a turn, and those under way.', [
      'state',
    ]),
    jobEvents: instruments.counter(
      'conclave_job_events_total',
      'What happened to evaluations in their queues.',
      ['what'],
    ),
  };
}
