// Council schedules: the timed world once more, with the real council on top. Cases are opened, judged and decided
// in a storm, with liars in the ordering and at the ballot; in the calm that follows every case is decided.
import type { Entry } from '../../consensus/block.ts';
import type { Message } from '../../consensus/messages.ts';
import { type CaseDocument, type CaseId, caseIdOf } from '../../council/case.ts';
import { Council, earlierCases } from '../../council/council.ts';
import type { Founding } from '../../council/genesis.ts';
import { LedgerApplication, type LedgerState } from '../../ledger/executor.ts';
import { digestOf } from '../../signing/digest.ts';
import { allSeats, type SeatId } from '../../signing/seat-id.ts';
import { Adversary } from '../adversary.ts';
import { type ConsensusBehaviour, movesOf, unleash } from '../liars/behaviours.ts';
import { calm } from '../network.ts';
import { Random } from '../random.ts';
import { SignatureTable, type WorldSignatures } from '../signature-table.ts';
import { Storm } from '../storm.ts';
import { World } from '../world.ts';
import { BallotBox, type Vote } from './ballot-box.ts';
import { type BallotBehaviour, BallotLiars } from './ballot-liars.ts';
import { type EntryKeys, EntryTable, SUBMITTER, simulatedFounding } from './founding.ts';
import { Jury } from './jury.ts';
import { Recount } from './recount.ts';

export interface CouncilOptions {
  readonly seed: number;
  readonly seats: number;
  readonly byzantine?: number;
  readonly behaviour?: ConsensusBehaviour;
  readonly ballotBehaviour?: BallotBehaviour | 'any';
  readonly tracing?: boolean;
  /** keys that are not stand-ins, with the founding that names them */
  readonly keys?: {
    readonly founding: Founding;
    readonly statements: WorldSignatures;
    readonly entries: EntryKeys;
  };
  readonly carry?: (message: Message) => Message | undefined;
}

const STORM_MS = 1_500;
const DECIDED_WITHIN_MS = 60_000;
const DECIDED_WITHIN_MS_PER_SEAT = 6_000;
const MOST_CASES = 4;
const NONCE = 'cd'.repeat(32);

export function runCouncil(options: CouncilOptions): World<LedgerState> {
  return new CouncilSchedule(options).run();
}

class CouncilSchedule {
  readonly #random: Random;
  readonly #founding: Founding;
  readonly #box: BallotBox;
  readonly #world: World<LedgerState>;
  readonly #adversary: Adversary<LedgerState>;
  readonly #recount: Recount;
  readonly #opened: { readonly caseId: CaseId; readonly subject: string; readonly entry: Entry }[] = [];
  /** of ten honest seats, how many approve */
  readonly #favour: number;
  readonly #thinksMs: number;

  constructor({ seed, seats, tracing = false, ...options }: CouncilOptions) {
    const random = new Random(seed, 9);
    this.#random = random;
    const standIns = { statements: new SignatureTable(), entries: new EntryTable() };
    const { founding, statements, entries } = options.keys ?? {
      founding: simulatedFounding(seats),
      ...standIns,
    };
    this.#founding = founding;
    this.#box = new BallotBox(founding, entries);
    const verifySignature = (publicKey: string, message: Uint8Array, signature: string): boolean =>
      entries.verify(publicKey, message, signature);
    const council = new Council(this.#founding, { verifySignature, statements });
    const count = options.byzantine ?? Math.floor((seats - 1) / 3);
    this.#world = new World<LedgerState>(
      {
        seed,
        seats,
        tracing,
        nodes: allSeats(seats).map((seat) => [seat]),
        byzantine: new Set(random.sample(allSeats(seats), count)),
        syncEach: random.chance(0.5),
        driftMs: this.#founding.charter.driftMs,
      },
      {
        application: new LedgerApplication(council),
        signatures: statements,
        ...(options.carry === undefined ? {} : { carry: options.carry }),
        onCommitted: (node, blocks) => {
          if (this.#world.isHonest(node.index)) this.#recount.committed(blocks);
        },
        onAccused: (node, evidence) => {
          const [seat] = node.seats;
          if (seat !== undefined) this.#world.submit(node, [this.#box.evidence(seat, evidence)]);
        },
      },
    );
    const { byzantine } = this.#world.options;
    this.#recount = new Recount(founding, byzantine, (kind, text) => this.#world.violate(kind, text));
    const liars = (): BallotLiars => ballotLiars;
    this.#adversary = new Adversary(this.#world, () => liars().invent());
    const ballotLiars = new BallotLiars(
      this.#adversary,
      this.#box,
      this.#recount,
      options.ballotBehaviour ?? 'any',
    );
    if (count > 0) {
      unleash(this.#adversary, movesOf(options.behaviour ?? 'any', this.#adversary.random));
      ballotLiars.begin();
    }
    this.#favour = random.pick([0, 5, 7, 9, 10]);
    this.#thinksMs = random.pick([20, 200, 700]);
  }

  run(): World<LedgerState> {
    const world = this.#world;
    world.start();
    const storm = new Storm(world, undefined);
    storm.begin();
    new Jury(world, this.#box, (caseId, seat) => this.#mind(caseId, seat)).sit();
    this.#openNowAndThen();
    if (!world.run(STORM_MS)) return world;
    storm.end();
    world.network.weather = calm();
    for (const node of world.honest) world.power(node);
    this.#openCase();
    const withinMs = DECIDED_WITHIN_MS + DECIDED_WITHIN_MS_PER_SEAT * world.quorum.n;
    const allDecided = (): boolean =>
      world.honest.every(({ engine }) => {
        const council = engine?.state.council;
        return this.#opened.every(({ caseId }) => council?.decided.has(caseId) ?? false);
      });
    if (!world.run(world.nowMs + withinMs, allDecided) && world.violations.length === 0) {
      world.violate('stall', `undecided after ${withinMs} calm ms: ${this.#undecided()}`);
    }
    return world;
  }

  /** Most judge, in time or late; some fail, and some of those do not even say so. */
  #mind(caseId: CaseId, _seat: SeatId): ReturnType<ConstructorParameters<typeof Jury>[2]> {
    const random = this.#random;
    if (caseId === undefined || random.chance(0.05)) return undefined;
    const vote: Vote = random.chance(0.08)
      ? 'abstain'
      : random.chance(this.#favour / 10)
        ? 'approve'
        : 'reject';
    return { vote, thinksMs: random.between(1, this.#thinksMs) };
  }

  // --- the client

  #openNowAndThen(): void {
    const open = (): void => {
      if (this.#world.nowMs >= STORM_MS) return;
      if (this.#opened.length < MOST_CASES) this.#openCase();
      this.#world.after(this.#random.between(100, 500), open);
    };
    open();
    const repeat = (): void => {
      this.#repeat();
      this.#world.after(200, repeat);
    };
    this.#world.after(200, repeat);
  }

  #openCase(): void {
    const random = this.#random;
    const subject = `urn:simulated:${random.between(1, 2)}`;
    const up = this.#world.honest.find((node) => node.up);
    const council = up?.engine?.state.council;
    if (up === undefined || council === undefined) return;
    const earlier = earlierCases(council, { type: 'certification', subject });
    const waiting = this.#opened.some(
      (opened) => opened.subject === subject && !earlier.includes(opened.caseId),
    );
    if (waiting) return;
    const document: CaseDocument = {
      type: 'certification',
      subject,
      submitter: SUBMITTER,
      attempt: earlier.length + 1,
      earlier,
      fields: { title: digestOf('title') },
      evidence: [{ name: digestOf('name'), text: digestOf('text') }],
      nonce: this.#opened.length.toString(16).padStart(64, '0'),
    };
    const { q, n } = this.#world.quorum;
    const holders = (count: number): SeatId[] => random.sample(allSeats(n), count).sort((a, b) => a - b);
    // A client that may lie as well: too few hold its dossier, or it has asked before, or it asks too often.
    const lies = [
      this.#box.open(document, holders(q - 1)),
      this.#box.open({ ...document, attempt: earlier.length + 2, nonce: NONCE }, holders(q)),
      this.#box.open({ ...document, earlier: [], attempt: 1, nonce: NONCE }, holders(q)),
    ];
    if (random.chance(0.3)) this.#world.submit(up, earlier.length === 0 ? lies.slice(0, 2) : lies);
    const entry = this.#box.open(document, holders(random.between(q, n)));
    if (earlier.length >= this.#founding.charter.attempts) return this.#world.submit(up, [entry]); // in vain
    this.#opened.push({ caseId: caseIdOf(document), subject, entry });
    this.#world.submit(up, [entry]);
  }

  /** A client asks again until it is told that its case is open. */
  #repeat(): void {
    for (const node of this.#random.sample(this.#world.honest, 1)) {
      const council = node.engine?.state.council;
      if (council === undefined) continue;
      const missing = this.#opened.filter(
        ({ caseId }) => !council.open.has(caseId) && !council.decided.has(caseId),
      );
      const entries = missing.map(({ entry }) => entry);
      if (entries.length > 0) this.#world.submit(node, entries);
    }
  }

  #undecided(): string {
    return this.#world.honest
      .map(({ index, engine }) => {
        const open = [...(engine?.state.council.open.values() ?? [])];
        const status = engine?.status();
        const cases = open.map(({ phase, deadlineMs }) => `${phase} until ${deadlineMs}`).join(' ');
        return `node ${index} view ${status?.view} height ${status?.height} ${status?.pending}: ${cases}`;
      })
      .join(', ');
  }
}
