// What a simulated world is made of (world.ts).
import type { Application } from '../consensus/application.ts';
import type { Entry } from '../consensus/block.ts';
import type { CommittedBlock } from '../consensus/effects.ts';
import type { Evidence } from '../consensus/evidence.ts';
import type { LeaderSchedule } from '../consensus/leaders.ts';
import type { Message, PeerId } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { WorldSignatures } from './signature-table.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** Short enough that thousands of schedules fit into a minute; the cap exceeds every delay of a schedule. */
export const SIMULATED_PACE: Pace = { viewMs: 40, maxViewMs: 2_560, resendMs: 15, heartbeatMs: 150 };

export interface WorldOptions {
  readonly seed: number;
  /** the seats each node hosts */
  readonly nodes: readonly (readonly SeatId[])[];
  /** the council's chairs; twins share one */
  readonly seats: number;
  readonly byzantine: ReadonlySet<SeatId>;
  /** do Byzantine nodes run the engine (twins), or does an adversary speak for them? */
  readonly twins?: boolean;
  readonly pace?: Pace;
  readonly driftMs?: number;
  readonly syncEach?: boolean;
  readonly skewMs?: (node: number) => number;
  readonly leadersOf?: (node: number, quorum: Quorum) => LeaderSchedule;
  readonly tracing?: boolean;
  /** what the chain stands on, where that is a real council */
  readonly genesis?: Digest;
}

export interface WorldDependencies<State> {
  readonly application: Application<State>;
  readonly signatures: WorldSignatures;
  /** where epochs end: does one of the entries of a block end its epoch, and who sits in the next? */
  readonly endsEpoch?: (entries: readonly Entry[]) => boolean;
  readonly vacantIn?: (state: State) => ReadonlySet<SeatId>;
  /** what arrives of a message, as a wire would carry it: undefined when it does not survive that */
  readonly carry?: (message: Message) => Message | undefined;
  /** everything that nodes put on the network, before the network has its way with it */
  readonly onSent?: (to: PeerId | 'all', message: Message) => void;
  /** for a shell above consensus: reacts to what a node has committed */
  readonly onCommitted?: (node: SimulatedNode<State>, blocks: readonly CommittedBlock[]) => void;
  readonly onAccused?: (node: SimulatedNode<State>, evidence: Evidence) => void;
}
