// What a running node is given: where its keys and its store lie, how its seats judge, and the network it joins.
import type { Pace } from '../../consensus/pacemaker.ts';
import type { Founding } from '../../council/genesis.ts';
import type { ProviderLimit } from '../../jobs/bullmq/shared-limit.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { ServerStats } from '../../transport/redis/redis-stats.ts';
import type { Transport } from '../../transport/transport.ts';
import type { SeatJudge } from '../aftermath.ts';
import type { HttpPlace } from './ledger-server.ts';
import type { NodePlace } from './node-directory.ts';
import type { Log } from './node-log.ts';

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
export type Ending = () => Promise<void> | void;
