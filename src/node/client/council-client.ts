// A client of a running council. It asks all nodes and believes none: what can be proved it has proved to it, and for
// what cannot it wants the word of more seats than may lie, f + 1, so that at least one of them is honest.
import { quorumOf } from '../../consensus/quorum.ts';
import type { CaseDocument, CaseId } from '../../council/case.ts';
import type { Founding } from '../../council/genesis.ts';
import { FIRST_EPOCH, nodeNames, type Roster } from '../../council/roster.ts';
import { badInput, ConclaveError } from '../../errors.ts';
import { type Verification, type VerifierBackends, verifyCertificate } from '../../ledger/verifier.ts';
import { fromBase64 } from '../../signing/bytes.ts';
import type { Epoch } from '../../signing/purpose.ts';
import type { Transport } from '../../transport/transport.ts';
import type { Answer, AnswerOf } from '../desk/desk-message.ts';
import { rostersSince } from './admitted-rosters.ts';
import { type CommittedOpening, verifyOpening } from './committed-opening.ts';
import { type Answers, DeskClient } from './desk-client.ts';

export const ANSWER_WITHIN_MS = 4_000;
const SOON_MS = 1_000;
/** A person waits for it, and a node that is well answers at once. */
const STATUS_WITHIN_MS = 2_500;

export interface CouncilClientOptions {
  readonly founding: Founding;
}

export interface CouncilClientDependencies {
  /** the line `desk` */
  readonly transport: Transport;
  readonly backends: VerifierBackends;
}

export interface Certified {
  readonly verification: Verification;
  readonly certificate: Uint8Array;
  readonly proof: Uint8Array;
}

export class CouncilClient {
  readonly founding: Founding;
  readonly desk: DeskClient;
  readonly #backends: VerifierBackends;
  #rosters: readonly Roster[];
  /** answers that turned out to be false, by node */
  readonly lies = new Map<string, string>();

  constructor({ founding }: CouncilClientOptions, { transport, backends }: CouncilClientDependencies) {
    this.founding = founding;
    this.#backends = backends;
    this.#rosters = [founding.roster];
    this.desk = new DeskClient(transport);
  }

  get nodes(): readonly string[] {
    return nodeNames(this.roster);
  }

  /** The one in force, as far as is known here. */
  get roster(): Roster {
    return this.#rosters.at(-1) ?? this.founding.roster;
  }

  /** Of the epochs that are known here, each admitted by the one before it. */
  rosterOf(epoch: Epoch): Roster | undefined {
    return this.#rosters[epoch - FIRST_EPOCH];
  }

  /** From the genesis to the one in force, as far as is known here. */
  get rosters(): readonly Roster[] {
    return this.#rosters;
  }

  /**
   * Asks for the rosters since the genesis, and keeps the longest chain that proves itself (protocol 6.3). False while
   * nodes of fewer than q seats have answered: then a later one may be hidden from us.
   */
  async refresh(withinMs = ANSWER_WITHIN_MS): Promise<boolean> {
    const { q } = quorumOf(this.roster.seats.length);
    const answers = await this.desk.askAll(
      this.nodes,
      { kind: 'rosters' },
      { withinMs, enough: (soFar) => this.seatsAt(soFar.keys()) >= q },
    );
    const told = ofKind(answers, 'rosters');
    for (const [node, { rosters, epoch }] of told) {
      if (epoch <= this.#rosters.length) continue;
      const chain = this.#believed(node, () =>
        rostersSince(this.founding.councilId, fromBase64(rosters), this.#backends),
      );
      if (chain !== undefined && chain.length > this.#rosters.length) this.#rosters = chain;
    }
    return this.seatsAt(told.keys()) >= q;
  }

  /** How many seats of the roster in force sit at these nodes. */
  seatsAt(nodes: Iterable<string>): number {
    const named = new Set(nodes);
    return this.roster.seats.filter(({ node, vacant }) => vacant !== true && named.has(node)).length;
  }

  /**
   * The cases about one question so far, in order: the longest list that nodes with more than f seats have, or have
   * the beginning of. One of those seats is honest, so it is a beginning of the true list.
   */
  async attempts(
    { type, subject }: Pick<CaseDocument, 'type' | 'subject'>,
    withinMs = ANSWER_WITHIN_MS,
  ): Promise<readonly CaseId[]> {
    const { q, f } = quorumOf(this.roster.seats.length);
    const ask = { kind: 'attempts', type, subject } as const;
    const enough = (soFar: Answers): boolean => this.seatsAt(soFar.keys()) >= q;
    const soonMs = Math.min(withinMs, SOON_MS);
    let answers = await this.desk.askAll(this.nodes, ask, { withinMs: soonMs, enough });
    // Where a quorum is dead, those who live need not be waited for any longer.
    if (this.seatsAt(answers.keys()) <= f && withinMs > soonMs) {
      answers = await this.desk.askAll(this.nodes, ask, { withinMs: withinMs - soonMs, enough });
    }
    const lists = [...ofKind(answers, 'attempts')].map(([node, { caseIds }]) => ({ node, caseIds }));
    const supported = lists.filter(({ caseIds }) => {
      const agreeing = lists.filter((other) => caseIds.every((caseId, i) => other.caseIds[i] === caseId));
      return this.seatsAt(agreeing.map(({ node }) => node)) > f;
    });
    const [longest] = supported.sort((a, b) => b.caseIds.length - a.caseIds.length);
    if (longest === undefined) throw this.#unheard(lists.map(({ node }) => node));
    return longest.caseIds;
  }

  /** The proof that a case is open or was; undefined while no node has a true one. */
  async committed(caseId: CaseId, withinMs = ANSWER_WITHIN_MS): Promise<CommittedOpening | undefined> {
    const { councilId } = this.founding;
    return this.#firstTrue({ kind: 'committed', caseId }, withinMs, (answer) => {
      if (answer.kind !== 'committed') return undefined;
      const leaf = fromBase64(answer.leaf);
      const proof = fromBase64(answer.proof);
      const rosterOf = (epoch: Epoch): Roster | undefined => this.rosterOf(epoch);
      return verifyOpening({ caseId, councilId, leaf, proof, rosterOf }, this.#backends.ed25519);
    });
  }

  /** The certificate of a case, checked in every way from the genesis; undefined while no node has a true one. */
  async certificate(caseId: CaseId, withinMs = ANSWER_WITHIN_MS): Promise<Certified | undefined> {
    return this.#firstTrue({ kind: 'certificate', caseId }, withinMs, (answer) => {
      if (answer.kind !== 'certificate') return undefined;
      const certificate = fromBase64(answer.certificate);
      const proof = fromBase64(answer.proof);
      const anchor = this.founding.councilId;
      const verification = verifyCertificate({ certificate, proof, anchor }, this.#backends);
      if (verification.valid && verification.decision?.caseId === caseId) {
        return { verification, certificate, proof };
      }
      if (verification.valid) throw badInput('it is the certificate of another case');
      const { failed, checks } = verification;
      throw badInput(`${failed ?? 'it'}: ${checks.at(-1)?.detail ?? 'does not hold'}`);
    });
  }

  /** Hands an entry to every node. By node, why it was not taken; undefined where it was. */
  async file(entry: string, withinMs = ANSWER_WITHIN_MS): Promise<ReadonlyMap<string, string | undefined>> {
    const { f } = quorumOf(this.roster.seats.length);
    const answers = await this.desk.askAll(
      this.nodes,
      { kind: 'file', entry },
      {
        withinMs,
        // One honest node that has it is enough: it tells the others.
        enough: (soFar) => this.seatsAt([...ofKind(soFar, 'taken').keys()]) > f,
      },
    );
    return new Map(
      [...answers].map(([node, answer]) => [node, answer.kind === 'none' ? answer.why : undefined]),
    );
  }

  /** What each node says of itself; those that do not answer are not in it. */
  async statuses(withinMs = STATUS_WITHIN_MS): Promise<ReadonlyMap<string, string>> {
    const answers = await this.desk.askAll(this.nodes, { kind: 'status' }, { withinMs });
    return new Map([...ofKind(answers, 'status')].map(([node, { status }]) => [node, status]));
  }

  close(): Promise<void> {
    return this.desk.close();
  }

  /** The first answer of any node that stands up to being checked. */
  async #firstTrue<T>(
    ask: Parameters<DeskClient['ask']>[1],
    withinMs: number,
    check: (answer: Answer) => T | undefined,
  ): Promise<T | undefined> {
    let found: T | undefined;
    const seen = new Set<string>();
    await this.desk.askAll(this.nodes, ask, {
      withinMs,
      enough: (answers) => {
        for (const [node, answer] of answers) {
          if (found !== undefined || seen.has(node)) continue;
          seen.add(node);
          found = this.#believed(node, () => check(answer));
        }
        return found !== undefined;
      },
    });
    return found;
  }

  #believed<T>(node: string, check: () => T | undefined): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
      this.lies.set(node, error.message);
      return undefined;
    }
  }

  #unheard(heard: readonly string[]): ConclaveError {
    const { f } = quorumOf(this.roster.seats.length);
    const silent = this.nodes.filter((node) => !heard.includes(node));
    return new ConclaveError(
      'unavailable',
      `nodes of ${this.seatsAt(heard)} seats answer alike, and ${f + 1} are needed to believe them; silent: ${silent.join(', ') || 'none'}`,
    );
  }
}

export function ofKind<Kind extends Answer['kind']>(
  answers: Answers,
  kind: Kind,
): Map<string, AnswerOf<Kind>> {
  const isOfKind = (answer: Answer): answer is AnswerOf<Kind> => answer.kind === kind;
  return new Map(
    [...answers].flatMap(([node, answer]) => (isOfKind(answer) ? [[node, answer] as const] : [])),
  );
}
