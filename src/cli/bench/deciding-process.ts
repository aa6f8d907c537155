// One node of a council that decides over Redis, as `conclave node` runs it, with seats that find everything met at once:
// started by the bench, told by it when to end, and saying of each case when it came how far.
import type { CaseId } from '../../council/case.ts';
import { DISTRIBUTED_PACE } from '../../node/pace.ts';
import type { NodePlace } from '../../node/running/node-directory.ts';
import { SILENT } from '../../node/running/node-log.ts';
import { RunningNode } from '../../node/running/running-node.ts';
import { RedisTransport } from '../../transport/redis/redis-transport.ts';
import { obeyTheBench } from './bench-process.ts';
import { instantApproval } from './deciding.ts';

export interface DecidingTask {
  readonly place: NodePlace;
  readonly servers: readonly string[];
}

export type ToDecider = { readonly kind: 'begin'; readonly task: DecidingTask } | { readonly kind: 'count' };

/** Times are of one clock for all processes of a machine. */
export interface Certified {
  readonly kind: 'certified';
  readonly caseId: CaseId;
  /** when the last seat of this node answered */
  readonly answeredMs: number;
  /** when this node had the last commitment on its ledger */
  readonly committedMs: number;
  readonly certifiedMs: number;
}

export type FromDecider =
  | { readonly kind: 'ready' }
  | Certified
  | { readonly kind: 'counted'; readonly cpuMs: number };

const nowMs = (): number => performance.timeOrigin + performance.now();

let running: RunningNode | undefined;

async function begin({ place, servers }: DecidingTask, say: (message: FromDecider) => void): Promise<void> {
  const answered = new Map<CaseId, number>();
  const committed = new Map<CaseId, number>();
  const [jobsUrl] = servers;
  running = await RunningNode.start(
    { place, pace: DISTRIBUTED_PACE, ...(jobsUrl !== undefined && { jobsUrl }) },
    {
      log: SILENT,
      judge:
        () =>
        ({ caseId, policy }) => {
          answered.set(caseId, nowMs());
          return Promise.resolve(instantApproval(policy));
        },
      join: (self, { councilId }, peers) => RedisTransport.join({ councilId, self, peers, servers }),
    },
  );
  running.node.watch((event) => {
    if (event.kind === 'committed') committed.set(event.caseId, nowMs());
    if (event.kind !== 'certified') return;
    const { caseId } = event;
    say({
      kind: 'certified',
      caseId,
      answeredMs: answered.get(caseId) ?? Number.NaN,
      committedMs: committed.get(caseId) ?? Number.NaN,
      certifiedMs: nowMs(),
    });
  });
  say({ kind: 'ready' });
}

obeyTheBench<ToDecider, FromDecider>(
  (message, say) => {
    if (message.kind === 'begin') return begin(message.task, say);
    const { user, system } = process.cpuUsage();
    return say({ kind: 'counted', cpuMs: (user + system) / 1000 });
  },
  () => running?.close(),
);
