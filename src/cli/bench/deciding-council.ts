// How fast node processes decide together over Redis: founded, started, submitted to and certified as any council is,
// with all its queues, dossiers and desks; only the answers of its seats are there at once.
import type { CaseId } from '../../council/case.ts';
import type { CaseSource } from '../../council/case-file.ts';
import { ConclaveError } from '../../errors.ts';
import { submitCase } from '../../node/client/submission.ts';
import { SubmissionRecords } from '../../node/client/submission-record.ts';
import { nodesOf } from '../../node/running/founding.ts';
import { loadAgents } from '../../seats/agents.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { MemoryFolder } from '../../storage/folder.ts';
import { type CouncilLine, joinCouncil } from '../council-line.ts';
import { agentsFolder } from '../folders.ts';
import { foundNodes } from '../init.ts';
import { submitterKey } from '../submit.ts';
import { BenchProcess } from './bench-process.ts';
import { onLanes } from './deciding.ts';
import type { Certified, FromDecider, ToDecider } from './deciding-process.ts';

const SUBMIT_WITHIN_MS = 60_000;

type SubmitterKey = Awaited<ReturnType<typeof submitterKey>>;

export interface CouncilToMeasure {
  readonly nodes: number;
  readonly servers: readonly string[];
  readonly folder: string;
  /** cases that may be on their way at a time: each has a client of its own, as one command has */
  readonly inFlight: number;
}

export interface Decided {
  /** from the answer of the last seat anywhere to the certificate on the disk of every node */
  readonly answerToCertificateMs: number;
  /** from the last commitment on a node's ledger to the certificate on its disk; the slowest node's */
  readonly commitmentToCertificateMs: number;
}

export class DecidingCouncil {
  readonly #nodes: readonly BenchProcess<ToDecider, FromDecider>[];
  readonly #lines: readonly CouncilLine[];
  readonly #key: SubmitterKey;
  readonly #certified = new Map<CaseId, Certified[]>();
  readonly #waiting = new Map<CaseId, () => void>();
  readonly #records = new SubmissionRecords(new MemoryFolder());

  static async start({ nodes, servers, folder, inFlight }: CouncilToMeasure): Promise<DecidingCouncil> {
    const founding = await foundNodes(folder, loadAgents(agentsFolder(undefined)), { nodes });
    const processes = nodesOf(folder, founding).map(({ name, seats, folder: root }) => {
      const task = { place: { root, name, seats }, servers };
      return new BenchProcess<ToDecider, FromDecider>('./deciding-process.js', { kind: 'begin', task });
    });
    try {
      await Promise.all(processes.map((each) => each.heard('ready')));
      const redis = servers.join(',');
      const line = await joinCouncil({ council: folder, redis });
      const more = Array.from({ length: inFlight - 1 }, () => joinCouncil({ council: folder, redis }));
      const lines = [line, ...(await Promise.all(more))];
      return new DecidingCouncil(processes, lines, await submitterKey({}, line));
    } catch (error) {
      await Promise.all(processes.map((each) => each.end()));
      throw error;
    }
  }

  constructor(
    nodes: readonly BenchProcess<ToDecider, FromDecider>[],
    lines: readonly CouncilLine[],
    key: SubmitterKey,
  ) {
    this.#nodes = nodes;
    this.#lines = lines;
    this.#key = key;
    for (const node of nodes) {
      node.onMessage((message) => {
        if (message.kind !== 'certified') return;
        const all = [...(this.#certified.get(message.caseId) ?? []), message];
        this.#certified.set(message.caseId, all);
        if (all.length === nodes.length) this.#waiting.get(message.caseId)?.();
      });
    }
  }

  /** So many cases, so many in flight at a time; each is done when every node has its certificate on disk. */
  async decide(
    { cases, inFlight, name }: { readonly cases: number; readonly inFlight: number; readonly name: string },
    onDecided: (done: number) => void,
  ): Promise<readonly Decided[]> {
    const lanes = this.#lines.slice(0, inFlight);
    const decided = onLanes(
      lanes,
      { cases, name },
      (source, line) => this.#decideOne(source, line),
      onDecided,
    );
    return Promise.race([decided, ...this.#nodes.map(({ failed }) => failed)]);
  }

  /** Of every node since it started. */
  async cpuMs(): Promise<readonly number[]> {
    const counted = this.#nodes.map((node) => node.heard('counted'));
    for (const node of this.#nodes) node.tell({ kind: 'count' });
    return (await Promise.all(counted)).map(({ cpuMs }) => cpuMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.close()));
    await Promise.all(this.#nodes.map((node) => node.end()));
  }

  async #decideOne(source: CaseSource, { client, dossiers }: CouncilLine): Promise<Decided> {
    const submission = await submitCase(
      { source, ...this.#key, again: false, withinMs: SUBMIT_WITHIN_MS },
      { client, dossiers, ed25519: fastestEd25519, records: this.#records, tell: () => undefined },
    );
    const { caseId } = submission;
    if (!submission.acknowledged)
      throw new ConclaveError('internal', `a case of the bench was not opened: ${submission.why}`);
    if (this.#certified.get(caseId)?.length !== this.#nodes.length)
      await new Promise<void>((resolve) => this.#waiting.set(caseId, resolve));
    const told = this.#certified.get(caseId) ?? [];
    const lastAnswer = Math.max(...told.map(({ answeredMs }) => answeredMs));
    return {
      answerToCertificateMs: Math.max(...told.map(({ certifiedMs }) => certifiedMs)) - lastAnswer,
      commitmentToCertificateMs: Math.max(
        ...told.map(({ committedMs, certifiedMs }) => certifiedMs - committedMs),
      ),
    };
  }
}
