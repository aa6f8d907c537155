// The first half of a node's start: it takes hold of its directory and its keys, joins the network, and makes certain that
// nobody else speaks with these keys. Until then it has said nothing that counts.
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { FIRST_EPOCH, nodeNames, type Roster } from '../../council/roster.ts';
import { rosterInForce } from '../../council/state.ts';
import type { Bls } from '../../signing/bls.ts';
import { Switchboard } from '../../transport/switchboard.ts';
import type { SeatJudge } from '../aftermath.ts';
import { type OpenedDirectory, openDirectory } from '../council-directory.ts';
import type { CouncilNode } from '../council-node.ts';
import { lockDirectory } from '../directory-lock.ts';
import { OwnSeats, type SecretsOf } from '../own-seats.ts';
import { newInstance, Presence } from '../presence/presence.ts';
import { requireAlone } from '../presence/running-check.ts';
import { epochInForce, rosterOf } from '../roster/roster-in-force.ts';
import { SeatKeys } from '../roster/seat-keys.ts';
import { fastestBls } from '../signing/notary.ts';
import { type NodeKeys, nodeKeys } from './node-directory.ts';
import type { Ending, RunningNodeDependencies, RunningNodeOptions } from './running-options.ts';

export interface Joined {
  readonly directory: OpenedDirectory;
  readonly keys: NodeKeys;
  readonly bls: Bls;
  readonly wire: Switchboard;
  readonly presence: Presence;
  readonly own: OwnSeats;
  readonly secretsOf: SecretsOf;
  readonly judging: SeatJudge;
  /** in force at the node, once there is one; that of the founding before */
  readonly rosterNow: () => Roster;
  /** from now on it is this one that presence tells about */
  readonly begin: (node: CouncilNode) => void;
  readonly node: () => CouncilNode | undefined;
}

export async function joined(
  { place, pace, passphrase, answerWithinMs }: RunningNodeOptions,
  { join, judge }: Pick<RunningNodeDependencies, 'join' | 'judge'>,
  endings: Ending[],
): Promise<Joined> {
  const lock = lockDirectory(`${place.root}/running`);
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
  const within = answerWithinMs === undefined ? {} : { withinMs: answerWithinMs };
  await requireAlone(
    { councilId, node: place.name, instance, secrets: keys.secrets, ...within },
    { root: place.root, join: (self) => join(self, founding, [place.name]) },
  );
  const begin = (node: CouncilNode): void => {
    current = node;
  };
  return {
    directory,
    keys,
    bls,
    wire,
    presence,
    own,
    secretsOf,
    judging,
    rosterNow,
    begin,
    node: () => current,
  };
}

function whereThisIs(): string {
  return `process ${process.pid} on ${hostname()}`;
}
