// Liars at the ballot: they withhold, commit twice, copy, open falsely, open early, bend their verdict. Each picks
// a way for each case; none may change how anybody else's ballot counts.
import type { Entry } from '../../consensus/block.ts';
import type { CaseId } from '../../council/case.ts';
import type { OpenCase } from '../../council/state.ts';
import type { LedgerState } from '../../ledger/executor.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import type { Adversary } from '../adversary.ts';
import type { BallotBox, SealedBallot } from './ballot-box.ts';
import type { Recount } from './recount.ts';

export const BALLOT_BEHAVIOURS = [
  'withhold-reveals',
  'two-commitments',
  'copy-commitment',
  'false-reveal',
  'early-reveal',
  'bent-verdict',
  'frame-others',
  'mute',
  'plain',
] as const;

export type BallotBehaviour = (typeof BALLOT_BEHAVIOURS)[number];

const ACTS_EVERY_MS = 30;

interface Plan {
  readonly behaviour: BallotBehaviour;
  /** what it commits to and opens, and what it also commits to or opens instead */
  readonly commit: Entry;
  readonly reveal: Entry;
  readonly otherCommit: Entry;
  readonly otherReveal: Entry;
}

export class BallotLiars {
  readonly #adversary: Adversary<LedgerState>;
  readonly #box: BallotBox;
  readonly #recount: Pick<Recount, 'openedIn'>;
  readonly #behaviour: BallotBehaviour | 'any';
  readonly #plans = new Map<string, Plan>();

  constructor(
    adversary: Adversary<LedgerState>,
    box: BallotBox,
    recount: Pick<Recount, 'openedIn'>,
    behaviour: BallotBehaviour | 'any',
  ) {
    this.#adversary = adversary;
    this.#box = box;
    this.#recount = recount;
    this.#behaviour = behaviour;
  }

  begin(): void {
    const { world } = this.#adversary;
    const act = (): void => {
      for (const open of this.openCases()) for (const seat of this.#adversary.seats) this.#act(open, seat);
      world.after(ACTS_EVERY_MS, act);
    };
    world.after(ACTS_EVERY_MS, act);
  }

  /** An entry that is the liars' to put into a block. */
  invent(): Entry {
    const { random, seats, world } = this.#adversary;
    const seat = random.pick(seats);
    const [open] = random.shuffled(this.openCases());
    const caseId = open?.caseId ?? world.dependencies.signatures.payloadRoot([]);
    return this.#box.commit(caseId, seat, this.#box.seal('reject', random));
  }

  /** As an honest node knows them, whom an adversary may ask anything. */
  protected openCases(): readonly OpenCase[] {
    const honest = this.#adversary.world.honest.find(({ up }) => up);
    return [...(honest?.engine?.state.council.open.values() ?? [])];
  }

  #act(open: OpenCase, seat: SeatId): void {
    const { random } = this.#adversary;
    if (random.chance(0.5)) return;
    const plan = this.#planOf(open.caseId, seat);
    const entries =
      open.phase === 'commit' ? this.#commits(open, seat, plan) : this.#reveals(open, seat, plan);
    if (entries.length > 0) this.#adversary.say({ kind: 'entries', entries });
  }

  #planOf(caseId: CaseId, seat: SeatId): Plan {
    const key = `${caseId}/${seat}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const { random } = this.#adversary;
    const behaviour = this.#behaviour === 'any' ? random.pick(BALLOT_BEHAVIOURS) : this.#behaviour;
    const box = this.#box;
    const drawn = box.seal(random.pick(['approve', 'reject', 'abstain'] as const), random);
    const sealed = behaviour === 'bent-verdict' ? { ...drawn, ballot: bent(box) } : drawn;
    const other = box.seal(random.pick(['approve', 'reject'] as const), random);
    const plan = {
      behaviour,
      commit: box.commit(caseId, seat, sealed),
      reveal: box.reveal(caseId, seat, sealed),
      otherCommit: box.commit(caseId, seat, other),
      otherReveal: box.reveal(caseId, seat, other),
    };
    this.#plans.set(key, plan);
    return plan;
  }

  #commits(open: OpenCase, seat: SeatId, plan: Plan): Entry[] {
    const { behaviour, commit, otherCommit, reveal } = plan;
    switch (behaviour) {
      case 'mute':
        return [];
      case 'two-commitments':
        return [this.#adversary.random.pick([commit, otherCommit])];
      case 'copy-commitment': {
        const copied = open.seats.find((standing, i) => i !== seat - 1 && standing.kind === 'committed');
        return copied?.kind === 'committed' ? [this.#box.commitTo(open.caseId, seat, copied.commitment)] : [];
      }
      case 'early-reveal':
        return [commit, reveal];
      case 'frame-others':
        return [commit, ...this.#frames(open, seat)];
      case 'withhold-reveals':
      case 'false-reveal':
      case 'bent-verdict':
      case 'plain':
        return [commit];
      default:
        return behaviour satisfies never;
    }
  }

  #reveals(open: OpenCase, seat: SeatId, plan: Plan): Entry[] {
    const { behaviour, reveal, otherReveal } = plan;
    switch (behaviour) {
      case 'mute':
      case 'withhold-reveals':
        return [];
      case 'two-commitments':
        return [this.#adversary.random.pick([reveal, otherReveal])];
      case 'false-reveal':
        return [otherReveal];
      case 'copy-commitment':
        return this.#openAsCopied(open, seat);
      case 'early-reveal':
      case 'bent-verdict':
      case 'frame-others':
      case 'plain':
        return [reveal];
      default:
        return behaviour satisfies never;
    }
  }

  /** Commitments in the name of honest seats, signed with its own key, and evidence that is none. */
  #frames({ caseId }: OpenCase, seat: SeatId): Entry[] {
    const { random, world } = this.#adversary;
    const victim = random.pick(world.honest.flatMap(({ seats }) => seats));
    const commitment = this.#box.commitmentOf(caseId, victim, this.#box.seal('reject', random));
    const entries = [this.#box.commitTo(caseId, victim, commitment, seat)];
    const proposals = world.tap.proposals.filter((said) => said.seat === victim);
    const [first, second] = random.sample(proposals, 2);
    if (first !== undefined && second !== undefined) {
      const [left, right] = [first, second].map(({ block: { digest, header }, signature }) => {
        const { epoch, view } = header;
        return { seat: victim, epoch, view, block: digest, signature };
      });
      // Two proposals of two views, or with the view of one written over the other's.
      const forged = { ...right, view: random.pick([left?.view, right?.view]) };
      entries.push(this.#box.evidence(seat, { kind: 'two-proposals', first: left, second: forged }));
    }
    return entries;
  }

  /** Opens a copied commitment by the very ballot and salt with which its owner did. */
  #openAsCopied(open: OpenCase, seat: SeatId): Entry[] {
    const own = commitmentAt(open, seat);
    if (own === undefined) return [];
    const opened = this.#recount.openedIn(open.caseId);
    const owner = [...opened.keys()].find((other) => other !== seat && commitmentAt(open, other) === own);
    const how = owner === undefined ? undefined : opened.get(owner);
    return how === undefined || how === 'false' ? [] : [this.#box.reveal(open.caseId, seat, how)];
  }
}

function commitmentAt({ seats }: OpenCase, seat: SeatId): string | undefined {
  const standing = seats[seat - 1];
  return standing !== undefined && 'commitment' in standing ? standing.commitment : undefined;
}

/** Approves although a criterion that must be met is not. */
function bent(box: BallotBox): SealedBallot['ballot'] {
  return { ...box.ballotOf('reject'), verdict: 'approve' };
}
