// A node as metrics see one, that says whatever a test wants it to say.
import { quorumOf } from '../../src/consensus/quorum.ts';
import { FIRST_EPOCH } from '../../src/council/roster.ts';
import { genesisState } from '../../src/council/state.ts';
import type { MeasuredNode } from '../../src/node/metrics/metrics.ts';
import type { NodeEvent, Watcher } from '../../src/node/node-events.ts';
import type { NodeStatus } from '../../src/node/node-status.ts';
import { asSeatId } from '../../src/signing/seat-id.ts';
import { asPeerId } from '../../src/transport/transport.ts';

const STATUS: NodeStatus = {
  node: asPeerId('node-1'),
  seats: [asSeatId(1)],
  height: 0,
  view: 1,
  role: 'follower',
  leader: undefined,
  quorum: 3,
  heard: [asSeatId(1)],
  silent: [],
  suspected: [],
  marked: [],
  vacant: [],
  pending: 'nothing',
  waiting: 0,
  why: '',
  cases: [],
  filed: [],
  uncertified: [],
  ledger: { size: 0, root: null, publishedHeight: 0 },
  refused: {},
  dropped: 0,
};

export function saying(over: Partial<NodeStatus> = {}): {
  readonly node: MeasuredNode;
  readonly tell: (event: NodeEvent) => void;
} {
  const watchers: Watcher[] = [];
  const node: MeasuredNode = {
    quorum: quorumOf(4),
    state: genesisState({ epoch: FIRST_EPOCH, trial: true, seats: [] }),
    viewChanges: { prepare: 0, commit: 0, timeout: 0, joined: 0 },
    evidenceFound: new Map(),
    inputs: 0,
    watch: (watcher) => {
      watchers.push(watcher);
      return () => {};
    },
    status: () => ({ ...STATUS, ...over }),
  };
  const tell = (event: NodeEvent): void => {
    for (const watcher of watchers) watcher(event);
  };
  return { node, tell };
}
