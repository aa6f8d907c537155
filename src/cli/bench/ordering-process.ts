// One of several processes that order plain entries over Redis: started by the bench, told by it what to do, and gone
// when it is told so. Each feeds the entries of its own authors, as many at a time as the mempool holds for them.
import { DISTRIBUTED_PACE } from '../../node/pace.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { RedisTransport } from '../../transport/redis/redis-transport.ts';
import { Switchboard } from '../../transport/switchboard.ts';
import { asPeerId } from '../../transport/transport.ts';
import { type Failed, obeyTheBench } from './bench-process.ts';
import { ORDERING_COUNCIL_ID, type OrderingCouncil, OrderingNode } from './ordering-node.ts';
import { plainEntry } from './plain-entries.ts';

/** Below what a mempool holds of one author, so that none is dropped. */
const OUTSTANDING_AN_AUTHOR = 900;

export interface OrderingTask {
  readonly self: string;
  readonly peers: readonly string[];
  readonly servers: readonly string[];
  readonly seats: readonly number[];
  readonly council: OrderingCouncil;
  /** the authors this process feeds: their places among all, and their secrets */
  readonly authors: readonly { readonly place: number; readonly secret: Uint8Array }[];
  readonly entriesAnAuthor: number;
  /** of all processes together */
  readonly total: number;
  readonly folder: string;
}

export type ToOrderer = { readonly kind: 'begin'; readonly task: OrderingTask } | { readonly kind: 'go' };

export type FromOrderer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly blocks: number; readonly cpuMs: number };

async function begin(
  task: OrderingTask,
  say: (message: FromOrderer | Failed) => void,
): Promise<{ go: () => void; end: () => Promise<void> }> {
  const { self, peers, servers, seats, council, authors, entriesAnAuthor, total, folder } = task;
  const wire = await RedisTransport.join({ councilId: ORDERING_COUNCIL_ID, self, peers, servers });
  const fed = authors.map(({ place, secret }) => ({
    place,
    pushed: 0,
    entries: Array.from({ length: entriesAnAuthor }, (_, number) => plainEntry(secret, place, number)),
  }));
  let cpu = process.cpuUsage();
  const feed = (): void => {
    const next = node.state.next;
    for (const author of fed) {
      const end = (next[author.place] ?? 0) + OUTSTANDING_AN_AUTHOR;
      const more = author.entries.slice(author.pushed, end);
      author.pushed += more.length;
      if (more.length > 0) node.push(more);
    }
  };
  const node: OrderingNode = new OrderingNode(
    { council, self: asPeerId(self), seats: seats.map(asSeatId), pace: DISTRIBUTED_PACE, folder },
    {
      transport: new Switchboard(wire).line('council'),
      onCommitted: (entries) => {
        feed();
        if (entries < total) return;
        const { user, system } = process.cpuUsage(cpu);
        say({ kind: 'done', blocks: node.blocks, cpuMs: (user + system) / 1000 });
      },
      onFailed: (error) => say({ kind: 'failed', why: String(error) }),
    },
  );
  return {
    go: () => {
      cpu = process.cpuUsage();
      feed();
    },
    end: async () => {
      await node.close();
      await wire.close();
    },
  };
}

let running: Awaited<ReturnType<typeof begin>> | undefined;

obeyTheBench<ToOrderer, FromOrderer>(
  async (message, say) => {
    if (message.kind === 'go') return running?.go();
    running = await begin(message.task, say);
    say({ kind: 'ready' });
  },
  () => running?.end(),
);
