// A node of a council as a process of its own: one directory, the seats whose keys lie in it, and the network. It starts
// in an order in which nothing is said before it is certain that nobody else says it, and ends in the reverse.
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Pace } from '../consensus/pacemaker.ts';
import type { Founding } from '../council/genesis.ts';
import { FIRST_EPOCH, seatOf } from '../council/roster.ts';
import { badInput, ConclaveError, invariant } from '../errors.ts';
import { equalBytes, fromBase64 } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { type HeldKeys, seatHolder } from '../signing/key-holder.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { DiskFolder } from '../storage/folder.ts';
import { Switchboard } from '../transport/switchboard.ts';
import { asPeerId, type Transport } from '../transport/transport.ts';
import type { SeatJudge } from './aftermath.ts';
import { LOG_HOLDER, openDirectory, openStore } from './council-directory.ts';
import { CouncilNode } from './council-node.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { nodeHolder } from './founding.ts';
import { type HttpPlace, LedgerServer } from './ledger-server.ts';
import { type NodePlace, requireMember } from './node-directory.ts';
import { healthOf } from './node-health.ts';
import { type Log, LogBook, logEvent, reasonOf } from './node-log.ts';
import { fastestBls, NotaryHere } from './notary.ts';
import { newInstance, Presence } from './presence.ts';
import { findRunning } from './running-check.ts';
import { SigningThreads } from './signing-threads.ts';

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
  /** how long whoever runs with the same keys has to say so */
  readonly answerWithinMs?: number;
}

export interface RunningNodeDependencies {
  /** how its seats judge, once it is known what the council was founded on */
  readonly judge: (founding: Founding) => SeatJudge;
  /** joins the network under a name; `peers` are the nodes of the council */
  readonly join: (self: string, founding: Founding, peers: readonly string[]) => Promise<Transport>;
  readonly log: Log;
}

interface Parts {
  readonly node: CouncilNode;
  readonly presence: Presence;
  readonly wire: Switchboard;
  readonly lock: DirectoryLock;
  readonly server: LedgerServer | undefined;
}

export class RunningNode {
  readonly founding: Founding;
  readonly node: CouncilNode;
  readonly presence: Presence;
  /** where it publishes, if it does */
  readonly url: string | undefined;
  /** resolves with the reason when it stops for good */
  readonly stopped: Promise<unknown>;
  readonly #server: LedgerServer | undefined;
  readonly #wire: Switchboard;
  readonly #lock: DirectoryLock;
  readonly #log: Log;
  readonly #ticking: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  static async start(
    options: RunningNodeOptions,
    dependencies: RunningNodeDependencies,
  ): Promise<RunningNode> {
    const lock = lockDirectory(`${options.place.root}/running`);
    try {
      return await started(options, dependencies, lock);
    } catch (error) {
      lock.release();
      throw namingTheRepair(error, options.place.root);
    }
  }

  constructor({ node, presence, wire, lock, server }: Parts, { pace }: RunningNodeOptions, log: Log) {
    this.founding = node.founding;
    this.node = node;
    this.presence = presence;
    this.url = server?.url;
    this.#server = server;
    this.#wire = wire;
    this.#lock = lock;
    this.#log = log;
    this.stopped = new Promise((resolve) => {
      if (node.stopped !== undefined) resolve(node.stopped.error);
      node.watch((event) => {
        logEvent(log, event);
        if (event.kind === 'stopped') resolve(event.error);
      });
    });
    const book = new LogBook(log, { node, nowMs: () => performance.now() });
    this.#ticking = setInterval(() => book.look(presence.ignored), pace.heartbeatMs);
    presence.start();
  }

  /** Takes nothing more, finishes what is being written, publishes, and leaves. The same promise however often asked. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    clearInterval(this.#ticking);
    this.presence.close();
    let late: NodeJS.Timeout | undefined;
    const bound = new Promise<'late'>((resolve) => {
      late = setTimeout(() => resolve('late'), DRAIN_WITHIN_MS);
    });
    // Crash here, or leave late: what was said is durable, and the rest is found undone at the next start.
    const ended = await Promise.race([this.node.close().then(() => 'drained'), bound]);
    clearTimeout(late);
    await this.#server?.close();
    if (ended === 'late') this.#log.warn({ withinMs: DRAIN_WITHIN_MS }, 'left before all was published');
    await this.#wire.close();
    this.#lock.release();
  }
}

async function started(
  options: RunningNodeOptions,
  { judge, join, log }: RunningNodeDependencies,
  lock: DirectoryLock,
): Promise<RunningNode> {
  const { place, pace, passphrase } = options;
  const bls = await fastestBls();
  const { founding, paths, keysOf } = openDirectory(place.root, bls, passphrase);
  requireMember(founding, place);
  const seats = place.seats.map((seat) => ({ seat, keys: keysOf(seatHolder(seat)) }));
  for (const { seat, keys } of seats) requireOwnKey(founding, seat, keys, place);
  keysOf(nodeHolder(place.name));
  const secrets = new Map(seats.map(({ seat, keys }) => [seat, keys.ed25519.secret]));

  const peers = [...new Set(founding.roster.seats.map(({ node }) => node))];
  const wire = new Switchboard(await join(place.name, founding, peers));
  try {
    const instance = newInstance();
    let current: CouncilNode | undefined;
    const presence = new Presence(
      {
        councilId: founding.councilId,
        node: place.name,
        heartbeatMs: pace.heartbeatMs,
        instance,
        where: `process ${process.pid} on ${hostname()}`,
      },
      {
        line: wire.line('presence'),
        secrets: () => secrets,
        epoch: () => FIRST_EPOCH,
        height: () => current?.status().height ?? 0,
        rosterOf: (epoch) =>
          epoch === FIRST_EPOCH ? (current?.founding.roster ?? founding.roster) : undefined,
        nowMs: () => performance.now(),
      },
    );
    await requireAlone(options, { founding, instance, secrets, join });
    const endorsing = { founding, keys: seats.map(endorsingKeys) };
    const threads = new SigningThreads(endorsing, new NotaryHere(endorsing, bls));
    const store = openStore(paths);
    const node = await CouncilNode.open(
      {
        founding,
        self: asPeerId(place.name),
        seats: secrets,
        pace,
        concurrency: CONCURRENCY,
        publishDelayMs: PUBLISH_DELAY_MS,
      },
      {
        store,
        ledger: new DiskFolder(paths.ledger),
        certificates: new DiskFolder(paths.certificates),
        dossiers: new DiskFolder(paths.dossiers, { secret: true }),
        notary: threads,
        verifyMany: threads.verifyMany,
        transport: wire.line('council'),
        judge: judge(founding),
        logKey: keysOf(LOG_HOLDER).ed25519,
      },
    ).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    current = node;
    const { height, view } = node.status();
    log.info({ seats: place.seats, height, view, council: founding.councilId }, 'joined');
    const watched = { node, presence, own: new Set(place.seats), heartbeatMs: pace.heartbeatMs };
    const server =
      options.http === undefined
        ? undefined
        : await LedgerServer.listen(options.http, { ...paths, health: () => healthOf(watched) }).catch(
            async (error: unknown) => {
              await node.close();
              throw error;
            },
          );
    return new RunningNode({ node, presence, wire, lock, server }, options, log);
  } catch (error) {
    await wire.close();
    throw error;
  }
}

interface Alone {
  readonly founding: Founding;
  readonly instance: string;
  readonly secrets: ReadonlyMap<SeatId, Uint8Array>;
  readonly join: RunningNodeDependencies['join'];
}

async function requireAlone(
  { place, answerWithinMs }: RunningNodeOptions,
  { founding, instance, secrets, join }: Alone,
): Promise<void> {
  const asking = new Switchboard(await join(`client-${newInstance()}`, founding, [place.name]));
  try {
    const { councilId } = founding;
    const check = { councilId, node: place.name, instance, secrets };
    const within = answerWithinMs === undefined ? {} : { withinMs: answerWithinMs };
    const found = await findRunning({ ...check, ...within }, asking.line('presence'));
    if (found === undefined) return;
    throw new ConclaveError(
      'unavailable',
      `${place.name} runs already, with the key of seat ${found.seat}: ${found.where}. Two with the same keys would vote twice and be marked as liars; stop that one first`,
      { file: place.root },
    );
  } finally {
    await asking.close();
  }
}

/** A key that the roster does not name signs nothing that anybody counts. */
function requireOwnKey({ roster }: Founding, seat: SeatId, { ed25519 }: HeldKeys, place: NodePlace): void {
  const chair = seatOf(roster, seat);
  if (chair === undefined) throw badInput(`this council has no seat ${seat}`, { file: place.root });
  if (chair.node !== place.name) {
    throw badInput(`seat ${seat} sits at ${chair.node}, not at ${place.name}`, { file: place.root });
  }
  if (equalBytes(fastestEd25519.publicKeyOf(ed25519.secret), fromBase64(chair.ed25519))) return;
  throw badInput(`the key of seat ${seat} is not the one in the roster`, { file: place.root });
}

function endorsingKeys({ seat, keys }: { readonly seat: SeatId; readonly keys: HeldKeys }) {
  invariant(keys.bls !== null, 'a seat holds a BLS key');
  return { seat, ed25519: keys.ed25519.secret, bls: keys.bls.secret };
}

function namingTheRepair(error: unknown, dataDir: string): unknown {
  if (!(error instanceof ConclaveError) || error.code !== 'storage' || !/\bstore\b/.test(error.message))
    return error;
  const hint = `To see what can be done: conclave repair --data ${dataDir}`;
  return new ConclaveError('storage', `${reasonOf(error)}. ${hint}`, {}, { cause: error });
}
