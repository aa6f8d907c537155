// Where a node stands when somebody asks: heights, queues, who is heard, who is suspected or marked. Read at the moment
// of asking, from what the node says about itself; nothing is kept here.
import type { Evidence } from '../../consensus/evidence.ts';
import type { ViewChange } from '../../consensus/hearing.ts';
import type { Quorum } from '../../consensus/quorum.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { MAX_SEATS } from '../../signing/seat-id.ts';
import type { CouncilNode } from '../council-node.ts';
import type { NodeStatus } from '../node-status.ts';
import { type Instruments, showsOnly, standsAt } from './instruments.ts';
import { MAX_NODES_SHOWN, named, OTHER, REFUSAL_REASONS, seatLabel } from './metric-labels.ts';

const PENDING = [
  'nothing',
  'entries',
  'uncommitted-block',
  'deadline',
] as const satisfies readonly NodeStatus['pending'][];
const PHASES = ['commit', 'reveal'] as const;

/** What another node said of itself last. */
export interface PeerStanding {
  readonly height: number;
  readonly silentMs: number;
}

/** Of cases that are open here. */
export interface DossierStanding {
  readonly held: number;
  readonly lacking: number;
}

/** What seats judge by is remembered, so that asking for it reads no file twice. */
export function dossiersOf({ shelf, state }: Pick<CouncilNode, 'shelf' | 'state'>): DossierStanding {
  const open = [...state.open.values()];
  const held = open.filter(({ caseId, document }) => shelf.source(caseId, document) !== undefined).length;
  return { held, lacking: open.length - held };
}

export interface Standing {
  readonly status: NodeStatus;
  readonly epoch: number;
  readonly alive: readonly SeatId[];
  /** by this node's own hearing */
  readonly silentHere: readonly SeatId[];
  /** views entered, by what brought the node there */
  readonly viewChanges: Readonly<Record<ViewChange, number>>;
  /** contradictions that this node saw, by kind */
  readonly evidenceFound: ReadonlyMap<Evidence['kind'], number>;
  /** inputs that wait for the engine */
  readonly inputs: number;
  /** by name, of nodes of the roster */
  readonly peers: ReadonlyMap<string, PeerStanding>;
  readonly dossiers: DossierStanding | undefined;
  /** the latest block's time is so far behind this node's clock while something is open */
  readonly overdueMs: number;
  /** messages on lines that nobody listens to, and that no node would send */
  readonly unread: number;
}

export class StandingMetrics {
  readonly #gauges: ReturnType<typeof gaugesOf>;

  constructor(
    { quorum }: { readonly quorum: Quorum },
    { instruments }: { readonly instruments: Instruments },
  ) {
    this.#gauges = gaugesOf(instruments);
    this.#gauges.seats.set({ what: 'chairs' }, quorum.n);
    this.#gauges.seats.set({ what: 'quorum' }, quorum.q);
    this.#gauges.seats.set({ what: 'faults-borne' }, quorum.f);
    for (const reason of [...REFUSAL_REASONS, OTHER]) this.#gauges.refused.inc({ reason }, 0);
  }

  show(standing: Standing): void {
    const { status } = standing;
    const gauges = this.#gauges;
    gauges.up.set(status.role === 'stopped' ? 0 : 1);
    gauges.leads.set(status.role === 'leader' ? 1 : 0);
    gauges.height.set(status.height);
    gauges.view.set(status.view);
    gauges.epoch.set(standing.epoch);
    gauges.size.set(status.ledger.size);
    gauges.published.set(status.ledger.publishedHeight);
    gauges.waiting.set(status.waiting);
    gauges.inputs.set(standing.inputs);
    gauges.filed.set(status.filed.length);
    gauges.uncertified.set(status.uncertified.length);
    gauges.overdue.set(standing.overdueMs / 1_000);
    gauges.seats.set({ what: 'heard' }, standing.alive.length);
    gauges.seats.set({ what: 'vacant' }, status.vacant.length);
    gauges.heardFreeVotes.set(standing.alive.length - status.quorum);
    for (const pending of PENDING) gauges.pending.set({ what: pending }, pending === status.pending ? 1 : 0);
    for (const phase of PHASES) {
      gauges.open.set({ phase }, status.cases.filter((one) => one.phase === phase).length);
    }
    showsOnly(gauges.suspected, series(status.suspected));
    showsOnly(gauges.silentHere, series(standing.silentHere));
    showsOnly(gauges.marked, marksOf(status.marked));
    const peers = [...standing.peers].slice(0, MAX_NODES_SHOWN);
    showsOnly(
      gauges.peerHeight,
      peers.map(([node, { height }]) => [{ node }, height]),
    );
    showsOnly(
      gauges.peerSilence,
      peers.map(([node, { silentMs }]) => [{ node }, silentMs / 1_000]),
    );
    gauges.dossiers.set({ what: 'held' }, standing.dossiers?.held ?? 0);
    gauges.dossiers.set({ what: 'lacking' }, standing.dossiers?.lacking ?? 0);
    standsAt(
      gauges.viewChanges,
      Object.entries(standing.viewChanges).map(([why, count]) => [{ why }, count]),
    );
    standsAt(
      gauges.evidence,
      [...standing.evidenceFound].map(([kind, count]) => [{ kind }, count]),
    );
    standsAt(gauges.refused, refusals(status.refused));
    standsAt(gauges.dropped, [
      [{ where: 'engine' }, status.dropped],
      [{ where: 'switchboard' }, standing.unread],
    ]);
  }
}

function series(seats: Iterable<SeatId>): [{ seat: string }, number][] {
  return [...seats].slice(0, MAX_SEATS).map((seat) => [{ seat: seatLabel(seat) }, 1]);
}

/** A seat is marked once for each kind of fault, so there are no more series than seats and kinds. */
function marksOf(marked: NodeStatus['marked']): [{ seat: string; fault: string }, number][] {
  return marked.map(({ seat, fault }) => [{ seat: seatLabel(seat), fault }, 1]);
}

function refusals(refused: Readonly<Record<string, number>>): [{ reason: string }, number][] {
  const counts = new Map<string, number>([...REFUSAL_REASONS, OTHER].map((reason) => [reason, 0]));
  for (const [said, count] of Object.entries(refused)) {
    const reason = named(REFUSAL_REASONS, said);
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return [...counts].map(([reason, count]) => [{ reason }, count]);
}

function gaugesOf(instruments: Instruments) {
  const { gauge, counter } = {
    gauge: instruments.gauge.bind(instruments),
    counter: instruments.counter.bind(instruments),
  };
  return {
    up: gauge('conclave_node_running', '1 while the node works, 0 once it has stopped for good.'),
    leads: gauge('conclave_node_leads', '1 while a seat of this node leads the current view.'),
    height: gauge('conclave_height', 'Height of the last committed block.'),
    view: gauge('conclave_view', 'The view this node is in.'),
    epoch: gauge('conclave_epoch', 'Epoch of the roster in force.'),
    size: gauge('conclave_ledger_size', 'Leaves of the ledger.'),
    published: gauge('conclave_ledger_published_height', 'Height up to which the ledger files are written.'),
    waiting: gauge('conclave_mempool_entries', 'Entries that wait to be ordered.'),
    inputs: gauge('conclave_engine_inputs', 'Messages and entries that wait for the engine.'),
    filed: gauge('conclave_cases_filed', 'Cases of this node that wait to be opened.'),
    uncertified: gauge('conclave_certificates_owed', 'Decisions without a certificate here yet.'),
    overdue: gauge(
      'conclave_case_overdue_seconds',
      'How long the deadline of the most overdue open case has passed, by the clock of this node.',
    ),
    seats: gauge(
      'conclave_seats',
      'Seats: all chairs, the quorum, the faults borne (f), those heard by this node, and vacant chairs.',
      ['what'],
    ),
    heardFreeVotes: gauge(
      'conclave_heard_free_votes',
      'Seats that this node hears (its own included), above the quorum: below zero nothing is ordered.',
    ),
    pending: gauge('conclave_pending', '1 for what the node waits for, 0 for the others.', ['what']),
    open: gauge('conclave_cases_open', 'Open cases, by phase.', ['phase']),
    suspected: gauge('conclave_seat_suspected', 'Seats that a quorum calls silent on the ledger.', ['seat']),
    silentHere: gauge('conclave_seat_silent', 'Seats that this node has not heard for too long.', ['seat']),
    marked: gauge(
      'conclave_seat_marked',
      'Seats with proven misbehaviour on the ledger, by the fault. The evidence stands there.',
      ['seat', 'fault'],
    ),
    peerHeight: gauge('conclave_peer_height', 'Height that another node last said it had.', ['node']),
    peerSilence: gauge('conclave_peer_silence_seconds', 'Since the last sign of life of another node.', [
      'node',
    ]),
    dossiers: gauge('conclave_dossiers', 'Dossiers of open cases: held here, and lacking.', ['what']),
    viewChanges: counter(
      'conclave_view_changes_total',
      'Views entered, by what brought the node there: a prepare, commit or timeout certificate, or f+1 seats that had given up (joined).',
      ['why'],
    ),
    evidence: counter(
      'conclave_evidence_found_total',
      'Signed contradictions that this node saw, by kind; each goes to the ledger and marks its seat.',
      ['kind'],
    ),
    refused: counter(
      'conclave_messages_refused_total',
      'Messages that no honest node would send, by what is wrong with them. Addresses prove nothing.',
      ['reason'],
    ),
    dropped: counter('conclave_messages_dropped_total', 'Messages beyond what a queue holds.', ['where']),
  };
}
