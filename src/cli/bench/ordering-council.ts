// How many entries a second several node processes order together over Redis: nothing shared between them but the
// server, every process a store of its own that is synced before anything leaves.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConclaveError } from '../../errors.ts';
import { allSeats } from '../../signing/seat-id.ts';
import type { ServerStats } from '../../transport/redis/redis-stats.ts';
import { orderingCouncil, SEATS } from './ordering.ts';
import type { FromOrderer, ToOrderer } from './ordering-process.ts';

const PROCESS = fileURLToPath(new URL('./ordering-process.js', import.meta.url));

export interface CouncilOrdered {
  readonly entries: number;
  /** as one process counted them */
  readonly blocks: number;
  readonly tookMs: number;
  /** of all processes together */
  readonly cpuMs: number;
  readonly redis: readonly ServerStats[];
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
    return new Orderer({ kind: 'begin', task });
  });
  try {
    await Promise.all(orderers.map((orderer) => orderer.heard('ready')));
    const started = performance.now();
    const done = orderers.map((orderer) => orderer.heard('done'));
    for (const orderer of orderers) orderer.tell({ kind: 'go' });
    const reports = await Promise.all(done);
    const tookMs = performance.now() - started;
    return {
      entries: common.total,
      blocks: reports[0]?.blocks ?? 0,
      tookMs,
      cpuMs: reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      redis: reports.map(({ redis }) => redis),
    };
  } finally {
    await Promise.all(orderers.map((orderer) => orderer.end()));
  }
}

class Orderer {
  readonly #child: ChildProcess;

  constructor(begin: ToOrderer) {
    // Keys and secrets are bytes, which only the structured form of messages between processes carries as they are.
    this.#child = fork(PROCESS, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.tell(begin);
  }

  tell(message: ToOrderer): void {
    if (this.#child.connected) this.#child.send(message);
  }

  heard<K extends FromOrderer['kind']>(kind: K): Promise<Extract<FromOrderer, { kind: K }>> {
    const isOfKind = (message: FromOrderer): message is Extract<FromOrderer, { kind: K }> =>
      message.kind === kind;
    return new Promise((resolve, reject) => {
      const failed = (why: string): void =>
        reject(new ConclaveError('internal', `a node of the bench: ${why}`));
      this.#child.on('message', (message: FromOrderer) => {
        if (isOfKind(message)) resolve(message);
        else if (message.kind === 'failed') failed(message.why);
      });
      this.#child.once('exit', () => failed('it ended before it was done'));
    });
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.tell({ kind: 'end' });
    await ended;
  }
}
