// What a node says about itself to people: where it stands, whom it hears, what is pending, and in words why nothing
// moves when nothing moves. Facts and guesses of one node; no decision of the protocol depends on them.
import type { Header } from '../consensus/block.ts';
import type { EngineStatus } from '../consensus/hearing.ts';
import type { PeerId } from '../consensus/messages.ts';
import type { Pace } from '../consensus/pacemaker.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { CaseId } from '../council/case.ts';
import type { Founding } from '../council/genesis.ts';
import type { Fault } from '../council/misbehaviour.ts';
import type { Roster } from '../council/roster.ts';
import { type CouncilState, type OpenCase, rosterInForce } from '../council/state.ts';
import { reasonOf } from '../errors.ts';
import { asSeatId, type SeatId } from '../signing/seat-id.ts';

/** A node that was not heard of for so many heartbeats is not counted as there. */
const HEARTBEATS_OF_SILENCE = 3;

export interface CaseStatus {
  readonly caseId: CaseId;
  readonly phase: OpenCase['phase'];
  /** ballots sealed or, in the second phase, opened, of so many expected */
  readonly done: number;
  readonly of: number;
  /** seats the phase still waits for */
  readonly awaited: readonly SeatId[];
  readonly deadlineMs: number;
}

export interface NodeStatus {
  readonly node: PeerId;
  readonly seats: readonly SeatId[];
  readonly height: number;
  readonly view: number;
  readonly role: 'leader' | 'follower' | 'stopped';
  readonly leader: SeatId | undefined;
  readonly quorum: number;
  /** seats of this node and of nodes heard of lately */
  readonly heard: readonly SeatId[];
  readonly silent: readonly SeatId[];
  /** whom q seats call silent on the ledger (protocol 5.3) */
  readonly suspected: readonly SeatId[];
  /** whose misbehaviour is proven on the ledger, and of what (protocol 5.2) */
  readonly marked: readonly { readonly seat: SeatId; readonly fault: Fault }[];
  /** chairs that nobody sits in now */
  readonly vacant: readonly SeatId[];
  readonly pending: EngineStatus['pending'];
  /** entries that wait to be ordered */
  readonly waiting: number;
  /** why nothing is committed just now, in words */
  readonly why: string;
  readonly cases: readonly CaseStatus[];
  readonly filed: readonly CaseId[];
  readonly uncertified: readonly CaseId[];
  readonly ledger: { readonly size: number; readonly root: string | null; readonly publishedHeight: number };
  readonly refused: Readonly<Record<string, number>>;
  readonly dropped: number;
}

export interface NodeFacts {
  readonly founding: Founding;
  readonly quorum: Quorum;
  readonly self: PeerId;
  readonly seats: readonly SeatId[];
  readonly pace: Pace;
  readonly nowMs: number;
  readonly state: CouncilState;
  readonly peers: ReadonlyMap<PeerId, number>;
  /** messages that could not be read, by what they said they were */
  readonly refused: ReadonlyMap<string, number>;
  readonly leader: SeatId | undefined;
  readonly tip: Header | undefined;
  readonly publishedHeight: number;
  readonly uncertified: readonly CaseId[];
  readonly filed: readonly CaseId[];
  readonly dropped: number;
  readonly stopped: unknown;
}

export function statusOf(engine: EngineStatus, facts: NodeFacts): NodeStatus {
  const heard = seatsHeard(facts);
  const vacant = vacantChairs(rosterInForce(facts.state));
  const seats = rosterInForce(facts.state).seats.map(({ seat }) => seat);
  const silent = seats.filter((seat) => !vacant.includes(seat) && !heard.has(seat));
  const leads = facts.leader !== undefined && facts.seats.includes(facts.leader);
  return {
    node: facts.self,
    seats: facts.seats,
    height: engine.height,
    view: engine.view,
    role: facts.stopped !== undefined ? 'stopped' : leads ? 'leader' : 'follower',
    leader: facts.leader,
    quorum: facts.quorum.q,
    heard: [...heard].sort((a, b) => a - b),
    silent,
    suspected: facts.state.suspected,
    marked: [...facts.state.marks.values()].map(({ seat, fault }) => ({ seat, fault })),
    vacant,
    pending: engine.pending,
    waiting: engine.waiting,
    why: whyNothingMoves(engine, facts, heard.size, silent),
    cases: [...facts.state.open.values()].map(caseStatus),
    filed: facts.filed,
    uncertified: facts.uncertified,
    ledger: {
      size: facts.tip?.ledgerSize ?? 0,
      root: facts.tip?.ledgerRoot ?? null,
      publishedHeight: facts.publishedHeight,
    },
    refused: Object.fromEntries([...engine.refused, ...facts.refused]),
    dropped: facts.dropped,
  };
}

export function vacantChairs(roster: Roster): readonly SeatId[] {
  return roster.seats.flatMap(({ seat, vacant }) => (vacant === true ? [seat] : []));
}

function seatsHeard({ state, seats, peers, pace, nowMs }: NodeFacts): Set<SeatId> {
  const heard = new Set(seats);
  const since = nowMs - HEARTBEATS_OF_SILENCE * pace.heartbeatMs;
  const names = new Set([...peers].filter(([, atMs]) => atMs >= since).map(([peer]) => `${peer}`));
  for (const { seat, node, vacant } of rosterInForce(state).seats) {
    if (vacant !== true && names.has(node)) heard.add(seat);
  }
  return heard;
}

function whyNothingMoves(
  { pending, view, timedOut }: EngineStatus,
  { quorum, stopped }: NodeFacts,
  heard: number,
  silent: readonly SeatId[],
): string {
  if (stopped !== undefined) {
    return `this node has stopped: ${reasonOf(stopped)}`;
  }
  if (heard < quorum.q) {
    return `${heard} of ${quorum.q} needed seats heard; silent: ${silent.join(', ')}`;
  }
  switch (pending) {
    case 'nothing':
      return 'nothing waits to be ordered';
    case 'deadline':
      return 'a deadline is due; a block for it is on its way';
    case 'entries':
    case 'uncommitted-block':
      return timedOut.length === 0
        ? `view ${view} is under way`
        : `view ${view} runs out: ${timedOut.length} of ${quorum.q} needed seats have given up on it`;
    default:
      return pending satisfies never;
  }
}

function caseStatus({ caseId, phase, seats, deadlineMs }: OpenCase): CaseStatus {
  const awaitedKind = phase === 'commit' ? 'waiting' : 'committed';
  const expected = phase === 'commit' ? seats : seats.filter(({ kind }) => kind !== 'waiting');
  const awaited = seats.flatMap(({ kind }, i) => (kind === awaitedKind ? [asSeatId(i + 1)] : []));
  return { caseId, phase, done: expected.length - awaited.length, of: expected.length, awaited, deadlineMs };
}
