// A whole council for tests of its state machine: n seats with stand-in signatures that only the owner's key name
// can make up, a clock that the test turns, and blocks made by hand. No engine, no network.
import type { BlockContext } from '../../src/consensus/application.ts';
import type { Entry, Height, View } from '../../src/consensus/block.ts';
import { type Quorum, quorumOf } from '../../src/consensus/quorum.ts';
import { type Ballot, ballotFrom } from '../../src/council/ballot.ts';
import { type CaseDocument, caseIdOf } from '../../src/council/case.ts';
import type { Charter, Policy } from '../../src/council/charter.ts';
import { Council, earlierCases } from '../../src/council/council.ts';
import { type EntryFields, receiptMessage, type SignBytes, sealEntry } from '../../src/council/entry.ts';
import { type Founding, found } from '../../src/council/genesis.ts';
import type { Findings } from '../../src/council/quantise.ts';
import type { CouncilRecord, Decision } from '../../src/council/records.ts';
import { FIRST_EPOCH, type Roster } from '../../src/council/roster.ts';
import { type CouncilState, rosterInForce, rosterOf } from '../../src/council/state.ts';
import { concat, toBase64, utf8 } from '../../src/signing/bytes.ts';
import { commitmentOf } from '../../src/signing/commitment.ts';
import { type Digest, digestOf, sha256 } from '../../src/signing/digest.ts';
import type { Epoch } from '../../src/signing/purpose.ts';
import { allSeats, asSeatId } from '../../src/signing/seat-id.ts';

export const COMMIT_MS = 1_000;
export const REVEAL_MS = 500;
const START_MS = 1_000_000;

/** Stands in for Ed25519: cheap, and another key, message or signature fails. */
export function standInSignature(publicKey: string, message: Uint8Array): string {
  const half = sha256(concat(utf8(publicKey), message));
  return toBase64(concat(half, half));
}

export const standInVerify = (publicKey: string, message: Uint8Array, signature: string): boolean =>
  standInSignature(publicKey, message) === signature;

export const signerOf =
  (publicKey: string): SignBytes =>
  (message) =>
    standInSignature(publicKey, message);

export const bytesFor = (name: string, length: number): string => {
  const hash = sha256(utf8(name));
  return toBase64(concat(hash, hash, hash).subarray(0, length));
};

/** A stand-in proof that a stand-in BLS key is held. */
export const possessionOf = (bls: string): string => bytesFor(`possession of ${bls}`, 96);

const standInPossession = (publicKey: Uint8Array, proof: Uint8Array): boolean =>
  possessionOf(toBase64(publicKey)) === toBase64(proof);

/** Who may change a roster: any two of the three. */
export const OPERATORS = {
  threshold: 2,
  keys: ['ann', 'ben', 'cleo'].map((id) => ({ id, ed25519: bytesFor(`operator ${id}`, 32) })),
};

/** Two mandatory criteria and one that is not. */
export const POLICY: Policy = {
  criteria: [
    { id: 'safety', title: 'Safety', text: 'Is it safe?', mandatory: true },
    { id: 'oversight', title: 'Oversight', text: 'Can people step in?', mandatory: true },
    { id: 'clarity', title: 'Clarity', text: 'Is it well described?', mandatory: false },
  ],
};

export const SUBMITTER_KEY = bytesFor('submitter acme', 32);

export function testCharter(changes: Partial<Charter> = {}): Charter {
  return {
    name: 'Test council',
    windows: { commitMs: COMMIT_MS, revealMs: REVEAL_MS },
    driftMs: 500,
    validityMs: 86_400_000,
    attempts: 3,
    submitters: [{ id: 'acme', ed25519: SUBMITTER_KEY, quota: 10 }],
    policies: { certification: POLICY, emergency: POLICY },
    ...changes,
  };
}

export function testRoster(n: number): Roster {
  return {
    epoch: FIRST_EPOCH,
    trial: false,
    seats: allSeats(n).map((seat) => ({
      seat,
      name: `Seat ${seat}`,
      node: `node-${seat}`,
      developer: `developer-${seat}`,
      family: `family-${seat}`,
      host: `host-${seat}`,
      model: digestOf({ model: seat }),
      ed25519: bytesFor(`seat ${seat}`, 32),
      bls: bytesFor(`bls ${seat}`, 48),
      possession: possessionOf(bytesFor(`bls ${seat}`, 48)),
    })),
  };
}

export function testFounding(n: number, charter = testCharter(), roster = testRoster(n)): Founding {
  return found({ charter, roster, createdMs: START_MS, nonce: 'ab'.repeat(32) });
}

export const APPROVES: Findings = { safety: 'met', oversight: 'met', clarity: 'not-met' };
export const REJECTS: Findings = { safety: 'met', oversight: 'not-met', clarity: 'met' };

/** How a seat votes: by findings, or by not having any. */
export type Vote = 'approve' | 'reject' | 'abstain' | Findings;

export function ballotOfVote(vote: Vote, policy: Policy = POLICY): Ballot {
  const digest = digestOf('x');
  const source = { rationale: digest, model: digest, prompt: digest, provenance: 'live' } as const;
  if (vote === 'abstain') {
    return { ...source, findings: {}, verdict: 'abstain', confidence: 0, reason: 'timeout' };
  }
  const findings = vote === 'approve' ? APPROVES : vote === 'reject' ? REJECTS : vote;
  return ballotFrom(findings, policy, { ...source, confidence: 80 });
}

export class Chamber {
  readonly founding: Founding;
  readonly council: Council;
  readonly quorum: Quorum;
  readonly records: CouncilRecord[] = [];
  /** every block that executed, and the state after it */
  readonly blocks: { context: BlockContext; entries: readonly Entry[]; state: CouncilState }[] = [];
  state: CouncilState;
  timeMs = START_MS;
  height = 0;
  #nonces = 0;

  constructor(n: number, founding = testFounding(n), verifyPossession = standInPossession) {
    this.founding = founding;
    this.council = new Council(founding, { verifySignature: standInVerify, verifyPossession });
    this.quorum = quorumOf(n);
    this.state = this.council.genesis();
  }

  /** Executes a block in place; the records it derived, or undefined when it does not execute. */
  block(entries: readonly Entry[], afterMs = 1, proposer?: number): readonly CouncilRecord[] | undefined {
    const context = {
      epoch: this.state.epoch,
      view: (this.height + 1) as View,
      height: (this.height + 1) as Height,
      proposer: asSeatId(proposer ?? (this.height % this.quorum.n) + 1),
      timeMs: this.timeMs + afterMs,
    };
    const executed = this.council.execute(this.state, context, entries);
    if (executed === undefined) return undefined;
    this.state = executed.state;
    this.timeMs = context.timeMs;
    this.height++;
    this.records.push(...executed.records);
    this.blocks.push({ context, entries, state: this.state });
    return executed.records;
  }

  admits(entry: Entry) {
    return this.council.admits(this.state, entry);
  }

  document(changes: Partial<CaseDocument> = {}): CaseDocument {
    const subject = changes.subject ?? 'urn:test:triage';
    const type = changes.type ?? 'certification';
    const earlier = earlierCases(this.state, { type, subject });
    return {
      type,
      subject,
      submitter: 'acme',
      attempt: earlier.length + 1,
      earlier,
      fields: { title: digestOf('title') },
      evidence: [{ name: digestOf('name'), text: digestOf('text') }],
      nonce: (++this.#nonces).toString(16).padStart(64, '0'),
      ...changes,
    };
  }

  opened(
    document: CaseDocument,
    holders: readonly number[] = this.firstSeats(this.quorum.q),
    epoch = this.state.epoch,
  ): Entry {
    const { councilId } = this.founding;
    const message = receiptMessage(caseIdOf(document), { councilId, epoch });
    return this.seal({
      kind: 'case.opened',
      by: `submitter/${document.submitter}`,
      epoch,
      case: document,
      receipts: holders.map((seat) => ({
        seat: asSeatId(seat),
        sig: standInSignature(this.keyOf(seat, epoch), message),
      })),
    });
  }

  /** Opens a case in a block of its own. */
  open(changes: Partial<CaseDocument> = {}): Digest {
    const document = this.document(changes);
    if (this.block([this.opened(document)]) === undefined) throw new Error('the case does not open');
    return caseIdOf(document);
  }

  commitment(caseId: Digest, seat: number, vote: Vote | Ballot, salt = saltOf(seat)): Digest {
    const ballot = asBallot(vote);
    const { councilId } = this.founding;
    const epoch = this.panelOf(caseId);
    return commitmentOf({ councilId, epoch, caseId, seat: asSeatId(seat), salt, ballot });
  }

  commit(caseId: Digest, seat: number, vote: Vote | Ballot, salt = saltOf(seat)): Entry {
    return this.commitAs(caseId, seat, this.commitment(caseId, seat, vote, salt));
  }

  commitAs(caseId: Digest, seat: number, commitment: Digest): Entry {
    const author = { by: `seat/${seat}`, epoch: this.panelOf(caseId), seat: asSeatId(seat) } as const;
    return this.seal({ kind: 'ballot.committed', ...author, caseId, commitment });
  }

  reveal(caseId: Digest, seat: number, vote: Vote | Ballot, salt = saltOf(seat)): Entry {
    const author = { by: `seat/${seat}`, epoch: this.panelOf(caseId), seat: asSeatId(seat) } as const;
    return this.seal({ kind: 'ballot.revealed', ...author, caseId, salt, ballot: asBallot(vote) });
  }

  seal(fields: EntryFields): Entry {
    return sealEntry(fields, this.founding.councilId, signerOf(this.#authorKey(fields)));
  }

  #authorKey({ kind, by, epoch }: EntryFields): string {
    if (kind === 'case.opened') return SUBMITTER_KEY;
    const name = by.slice(by.indexOf('/') + 1);
    return kind === 'roster.changed' ? bytesFor(`operator ${name}`, 32) : this.keyOf(Number(name), epoch);
  }

  /** Of the roster of an epoch, the present one unless said. */
  keyOf(seat: number, epoch = this.state.epoch): string {
    return rosterOf(this.state, epoch)?.seats[seat - 1]?.ed25519 ?? bytesFor(`stranger ${seat}`, 32);
  }

  /** The epoch whose roster judges a case, or would if it opened now. */
  panelOf(caseId: Digest): Epoch {
    return this.state.open.get(caseId)?.panel ?? this.state.epoch;
  }

  /** Of those that are occupied. */
  firstSeats(count: number): number[] {
    const { seats } = rosterInForce(this.state);
    return seats.flatMap(({ seat, vacant }) => (vacant === true ? [] : [seat])).slice(0, count);
  }

  /** Empty blocks of different leaders, from the deadline on, until the phase closes; the blocks it took. */
  passDeadline(phaseMs: number, leaders: readonly number[] = allSeats(this.quorum.n)): number {
    let blocks = 0;
    for (const leader of leaders) {
      const records = this.block([], blocks === 0 ? phaseMs : 1, leader);
      blocks++;
      if (records?.some(({ kind }) => kind === 'case.closed' || kind === 'case.decided') === true) break;
    }
    return blocks;
  }

  /** The whole way of a case: `votes[i]` is of seat i+1, undefined for a seat that never judges. */
  judge(caseId: Digest, votes: readonly (Vote | undefined)[]): Decision {
    const seats = votes.flatMap((vote, i) => (vote === undefined ? [] : [{ seat: i + 1, vote }]));
    this.block(seats.map(({ seat, vote }) => this.commit(caseId, seat, vote)));
    if (seats.length < this.firstSeats(this.quorum.n).length) this.passDeadline(COMMIT_MS);
    this.block(seats.map(({ seat, vote }) => this.reveal(caseId, seat, vote)));
    return this.decision(caseId);
  }

  decision(caseId: Digest): Decision {
    const found = this.records.filter((record) => record.kind === 'case.decided' && record.caseId === caseId);
    const [decision, second] = found;
    if (decision?.kind !== 'case.decided' || second !== undefined)
      throw new Error(`${found.length} decisions`);
    return decision;
  }
}

export function saltOf(seat: number): string {
  return seat.toString(16).padStart(64, '0');
}

function asBallot(vote: Vote | Ballot): Ballot {
  return typeof vote === 'object' && isBallot(vote) ? vote : ballotOfVote(vote);
}

function isBallot(vote: Findings | Ballot): vote is Ballot {
  return typeof vote.findings === 'object';
}

/** `count` of each vote, in order of the seats. */
export function votes(
  ...groups: readonly (readonly [count: number, vote: Vote | undefined])[]
): (Vote | undefined)[] {
  return groups.flatMap(([count, vote]) => new Array<Vote | undefined>(count).fill(vote));
}
