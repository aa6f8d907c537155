// A node of a council as a process of its own: one directory, the seats whose keys lie in it, and the network. It starts
// in an order in which nothing is said before it is certain that nobody else says it, and ends in the reverse.
import { performance } from 'node:perf_hooks';
import type { Founding } from '../../council/genesis.ts';
import { nodeNames, type Roster } from '../../council/roster.ts';
import type { AskEvent } from '../../providers/ask-events.ts';
import type { CouncilNode } from '../council-node.ts';
import { Desk } from '../desk/desk.ts';
import type { Presence } from '../presence/presence.ts';
import { suspicionOf } from '../presence/suspicion-of-node.ts';
import { namingTheRepair } from '../repair/repair-hint.ts';
import { type Joined, joined } from './joining.ts';
import { LogBook } from './node-log.ts';
import { published } from './node-publication.ts';
import { type Opened, opened } from './opening.ts';
import type { Ending, RunningNodeDependencies, RunningNodeOptions } from './running-options.ts';

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
      const present = await joined(options, dependencies, endings);
      const open = await opened(options, dependencies, present, endings);
      return await attended(options, dependencies, { ...present, ...open }, endings);
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

type Running = Omit<Joined, 'node'> & Opened;

/** What others ask of it, and what those who run it look at. */
async function attended(
  { place, pace, http }: RunningNodeOptions,
  { log, servers, follow }: RunningNodeDependencies,
  { directory, wire, presence, own, rosterNow, node, certificates, jobs, stopped, fail }: Running,
  endings: Ending[],
): Promise<RunningNode> {
  const { founding, paths } = directory;
  const { councilId } = founding;
  const { heartbeatMs } = pace;
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
  }, heartbeatMs);
  endings.push(() => clearInterval(looking));
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
  const publication = http && (await published({ http, place, heartbeatMs }, shown));
  endings.push(() => publication?.server.close());
  const { height, view } = node.status();
  const url = publication?.server.url;
  log.info({ seats: place.seats, height, view, council: councilId, http: url ?? null }, 'joined');
  return new RunningNode({ node, presence, url, onAsk: publication?.onAsk, stopped }, endings);
}
