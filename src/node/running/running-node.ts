// A node of a council as a process of its own: one directory, the seats whose keys lie in it, and the network. It starts
// in an order in which nothing is said before it is certain that nobody else says it, and ends in the reverse.
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Pace } from '../../consensus/pacemaker.ts';
import type { Founding } from '../../council/genesis.ts';
import { FIRST_EPOCH, nodeNames, type Roster } from '../../council/roster.ts';
import { rosterInForce } from '../../council/state.ts';
import type { ProviderLimit } from '../../jobs/bullmq/shared-limit.ts';
import type { AskEvent } from '../../providers/ask-events.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { DiskFolder } from '../../storage/folder.ts';
import type { ServerStats } from '../../transport/redis/redis-stats.ts';
import { Switchboard } from '../../transport/switchboard.ts';
import { asPeerId, type Transport } from '../../transport/transport.ts';
import type { SeatJudge } from '../aftermath.ts';
import { openDirectory, openStore } from '../council-directory.ts';
import { CouncilNode } from '../council-node.ts';
import { Desk } from '../desk/desk.ts';
import { type DirectoryLock, lockDirectory } from '../directory-lock.ts';
import { DossierExchange } from '../dossiers/dossier-exchange.ts';
import { OwnSeats } from '../own-seats.ts';
import { newInstance, Presence } from '../presence/presence.ts';
import { requireAlone } from '../presence/running-check.ts';
import { suspicionOf } from '../presence/suspicion-of-node.ts';
import { namingTheRepair } from '../repair/repair-hint.ts';
import { epochInForce, rosterOf } from '../roster/roster-in-force.ts';
import { SeatKeys } from '../roster/seat-keys.ts';
import { fastestBls, NotaryHere } from '../signing/notary.ts';
import { SigningThreads } from '../signing/signing-threads.ts';
import type { HttpPlace } from './ledger-server.ts';
import { type NodePlace, nodeKeys } from './node-directory.ts';
import { NodeJobs } from './node-jobs.ts';
import { type Log, LogBook, logEvent } from './node-log.ts';
import { published } from './node-publication.ts';

/** Evaluations at the same time; those that never answer must not keep others from asking. */
const CONCURRENCY = 256;
const PUBLISH_DELAY_MS = 50;
/** What is durable is durable; what still wants to be published may take so long. */
const DRAIN_WITHIN_MS = 8_000;

export interface RunningNodeOptions {
  readonly place: NodePlace;
  readonly pace: Pace;
  readonly passphrase?: string;
  /** where its ledger is published, and how it fares */
  readonly http?: HttpPlace;
  /** the Redis server whose queues hand out evaluations; without one they are made as they come */
  readonly jobsUrl?: string;
  /** how long whoever runs with the same keys has to say so */
  readonly answerWithinMs?: number;
}

export interface RunningNodeDependencies {
  /** how its seats judge, once it is known what the council was founded on */
  readonly judge: (founding: Founding) => SeatJudge;
  /** joins the network under a name; `peers` are the nodes of the council */
  readonly join: (self: string, founding: Founding, peers: readonly string[]) => Promise<Transport>;
  /** hears other nodes from now on, because the roster names them */
  readonly follow?: (peers: readonly string[]) => void;
  /** how the servers fare that carry its messages */
  readonly servers?: () => readonly ServerStats[];
  /** what the provider of a seat bears, over all nodes */
  readonly limitOf?: (seat: SeatId) => ProviderLimit | undefined;
  readonly log: Log;
}

/** Something that was begun and is to be ended, the latest first. */
type Ending = () => Promise<void> | void;

export class RunningNode {
  readonly founding: Founding;
  readonly node: CouncilNode;
  readonly presence: Presence;
  /** where it publishes, if it does */
  readonly url: string | undefined;
  /** counts what models are asked, where anybody looks at the figures */
  readonly onAsk: ((event: AskEvent) => void) | undefined;
  /** resolves with the reason when it stops for good */
  readonly stopped: Promise<unknown>;
  readonly #endings: readonly Ending[];
  #closing: Promise<void> | undefined;

  static async start(
    options: RunningNodeOptions,
    dependencies: RunningNodeDependencies,
  ): Promise<RunningNode> {
    const endings: Ending[] = [];
    try {
      return await started(options, dependencies, endings);
    } catch (error) {
      await endAll(endings);
      throw namingTheRepair(error, options.place.root);
    }
  }

  constructor(
    parts: Pick<RunningNode, 'node' | 'presence' | 'url' | 'onAsk' | 'stopped'>,
    endings: readonly Ending[],
  ) {
    this.founding = parts.node.founding;
    this.node = parts.node;
    this.presence = parts.presence;
    this.url = parts.url;
    this.onAsk = parts.onAsk;
    this.stopped = parts.stopped;
    this.#endings = endings;
  }

  /** Takes nothing more, finishes what is being written, publishes, and leaves. The same promise however often asked. */
  close(): Promise<void> {
    this.#closing ??= endAll(this.#endings);
    return this.#closing;
  }
}

async function endAll(endings: readonly Ending[]): Promise<void> {
  for (const end of endings.toReversed()) await end();
}

async function started(
  options: RunningNodeOptions,
  dependencies: RunningNodeDependencies,
  endings: Ending[],
): Promise<RunningNode> {
  const { place, pace, passphrase } = options;
  const { join, log, judge, servers, limitOf, follow } = dependencies;
  const lock: DirectoryLock = lockDirectory(`${place.root}/running`);
  endings.push(() => lock.release());

  const bls = await fastestBls();
  const directory = openDirectory(place.root, bls, passphrase);
  const { founding, paths } = directory;
  const keys = nodeKeys(directory, place);
  const judging = judge(founding);
  const { councilId } = founding;

  const wire = new Switchboard(await join(place.name, founding, nodeNames(founding.roster)));
  endings.push(() => wire.close());

  let current: CouncilNode | undefined;
  // A rotated key lies beside the founding one, and is found when the roster in force names it (protocol 6.1).
  const secretsOf = new SeatKeys({ folder: paths.keys, ...(passphrase && { passphrase }) }, { bls })
    .secretsFor;
  const own = new OwnSeats({ seats: keys.secrets, secretsOf });
  const rosterNow = () => (current === undefined ? founding.roster : rosterInForce(current.state));
  const instance = newInstance();
  const presence = new Presence(
    { councilId, node: place.name, heartbeatMs: pace.heartbeatMs, instance, where: whereThisIs() },
    {
      line: wire.line('presence'),
      secrets: () => own.in(rosterNow()),
      founding: keys.secrets,
      epoch: () => (current === undefined ? FIRST_EPOCH : epochInForce(current.state)),
      height: () => current?.status().height ?? 0,
      rosterOf: (epoch) =>
        current === undefined ? founding.roster : rosterOf(founding, current.state, epoch),
      nowMs: () => performance.now(),
    },
  );
  endings.push(() => presence.close());
  const within = options.answerWithinMs === undefined ? {} : { withinMs: options.answerWithinMs };
  await requireAlone(
    { councilId, node: place.name, instance, secrets: keys.secrets, ...within },
    { root: place.root, join: (self) => join(self, founding, [place.name]) },
  );

  let fail: (error: unknown) => void = () => {};
  const stopped = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const dossiers = new DiskFolder(paths.dossiers, { secret: true });
  const certificates = new DiskFolder(paths.certificates);
  const exchange = new DossierExchange(
    { founding, self: asPeerId(place.name), seats: keys.secrets, secretsOf, boxKeys: keys.box },
    { transport: wire.line('dossiers'), dossiers, onFailed: fail },
  );
  endings.push(() => exchange.close());
  const endorsing = { founding, keys: keys.endorsing };
  const threads = new SigningThreads(endorsing, new NotaryHere(endorsing, bls));
  const jobs =
    options.jobsUrl === undefined
      ? undefined
      : new NodeJobs(
          {
            url: options.jobsUrl,
            councilId,
            seats: place.seats,
            concurrency: CONCURRENCY,
            commitMs: founding.charter.windows.commitMs,
          },
          { node: () => current, ...(limitOf && { limitOf }) },
        );
  const store = openStore(paths);
  const node = await CouncilNode.open(
    {
      founding,
      self: asPeerId(place.name),
      seats: keys.secrets,
      secretsOf,
      pace,
      concurrency: CONCURRENCY,
      publishDelayMs: PUBLISH_DELAY_MS,
    },
    {
      store,
      ledger: new DiskFolder(paths.ledger),
      certificates,
      dossiers,
      notary: threads,
      verifyMany: threads.verifyMany,
      transport: wire.line('council'),
      judge: judging,
      logKey: keys.log,
      fetchDossier: exchange.fetch,
      ...(jobs && { makeJobs: jobs.make }),
    },
  ).catch(async (error: unknown) => {
    await jobs?.close();
    await store.close();
    throw error;
  });
  endings.push(() => drained(node, log));
  current = node;
  node.watch((event) => {
    logEvent(log, event);
    if (event.kind === 'stopped') fail(event.error);
  });
  if (node.stopped !== undefined) fail(node.stopped.error);
  await exchange.serve(node);

  const about = () => ({
    servers: servers?.().map(({ server, connected }) => ({ server, connected })) ?? [],
  });
  const line = wire.line('desk');
  const desk = new Desk({ founding }, { transport: line, node, certificates, about, onFailed: fail });
  endings.push(() => desk.close());
  presence.start();
  const book = new LogBook(log, { node, nowMs: () => performance.now(), ...(servers && { servers }) });
  let heardOf: Roster = founding.roster;
  const looking = setInterval(() => {
    book.look(presence.ignored);
    if (heardOf === rosterNow()) return;
    // Those of the roster before may still owe something to cases in flight.
    follow?.(nodeNames(heardOf, rosterNow()));
    heardOf = rosterNow();
  }, pace.heartbeatMs);
  endings.push(() => clearInterval(looking));
  const { heartbeatMs } = pace;
  const suspicion = suspicionOf(
    { councilId, seats: () => own.in(rosterNow()), heartbeatMs },
    { node, signs: [(seat) => presence.lastHeardMs(seat)] },
  );
  suspicion.start();
  endings.push(() => suspicion.close());
  const shown = {
    node,
    presence,
    suspicion,
    wire,
    paths,
    ...(jobs && { jobs }),
    ...(servers && { servers }),
  };
  const publication = options.http && (await published({ http: options.http, place, heartbeatMs }, shown));
  endings.push(() => publication?.server.close());
  const { height, view } = node.status();
  const url = publication?.server.url;
  log.info({ seats: place.seats, height, view, council: councilId, http: url ?? null }, 'joined');
  return new RunningNode({ node, presence, url, onAsk: publication?.onAsk, stopped }, endings);
}

/** Crash here, or leave late: what was said is durable, and the rest is found undone at the next start. */
async function drained(node: CouncilNode, log: Log): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const bound = new Promise<'late'>((resolve) => {
    late = setTimeout(() => resolve('late'), DRAIN_WITHIN_MS);
  });
  const ended = await Promise.race([node.close().then(() => 'drained'), bound]);
  clearTimeout(late);
  if (ended === 'late') log.warn({ withinMs: DRAIN_WITHIN_MS }, 'left before all was published');
}

function whereThisIs(): string {
  return `process ${process.pid} on ${hostname()}`;
}
