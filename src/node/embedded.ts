// The embedded council: one process hosts every seat, everything lies in one directory, and nothing needs a server
// (docs/architecture.md). What a newcomer meets, and what `conclave review` runs. Open it again after any crash,
// on the same directory, and it goes on where it was.
import { randomBytes } from 'node:crypto';
import type { Pace } from '../consensus/pacemaker.ts';
import type { CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import { earlierCases } from '../council/council.ts';
import { prepareCase } from '../council/dossier.ts';
import { openEntry, sealEntry } from '../council/entry.ts';
import type { Founding } from '../council/genesis.ts';
import type { Decision } from '../council/records.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import { badInput, type ConclaveError, invariant } from '../errors.ts';
import type { Provider } from '../providers/contract.ts';
import type { Agents } from '../seats/agents.ts';
import { presentationOf } from '../seats/seat-file.ts';
import { toBase64, toHex } from '../signing/bytes.ts';
import { canonicalText } from '../signing/canonical.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import { type HeldKeys, seatHolder } from '../signing/key-holder.ts';
import { DiskFolder } from '../storage/folder.ts';
import { asPeerId } from '../transport/transport.ts';
import type { SeatJudge } from './aftermath.ts';
import { type CaseHistory, caseHistory } from './case-history.ts';
import { certificatePath, proofPath } from './chancery.ts';
import {
  foundCouncil,
  isFounded,
  LOG_HOLDER,
  openDirectory,
  openStore,
  pathsOf,
  submitterHolder,
} from './council-directory.ts';
import { CouncilNode } from './council-node.ts';
import { lockDirectory } from './directory-lock.ts';
import type { Patience } from './engine-loop.ts';
import type { Watcher } from './node-events.ts';
import type { NodeStatus } from './node-status.ts';
import { namingTheRepair } from './repair/repair-hint.ts';
import { seatJudge } from './seat-judge.ts';
import { fastestBls, NotaryHere } from './signing/notary.ts';
import { SigningThreads } from './signing/signing-threads.ts';

/** Nobody else is there to be waited for: views need time only to execute and to sync. */
export const EMBEDDED_PACE: Pace = { viewMs: 2_000, maxViewMs: 60_000, resendMs: 1_000, heartbeatMs: 4_000 };
export const EMBEDDED_NODE = 'embedded';

/** A provider waits for its answers elsewhere; those that never answer must not keep others from asking. */
const CONCURRENCY = 512;
const PUBLISH_DELAY_MS = 50;
/** A block takes some twenty milliseconds; one that takes far more is stuck, and then waiting costs nothing. */
const PATIENCE: Patience = { forBlockMs: 500, forOthersMs: 50 };

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly passphrase?: string;
}

export interface EmbeddedDependencies {
  readonly agents: Agents;
  readonly provider: Provider;
  /** judges in place of agents and provider, for measurements */
  readonly judge?: SeatJudge;
}

export interface CaseFiles {
  readonly certificate: string;
  readonly proof: string;
}

export interface Embedded {
  readonly founding: Founding;
  readonly dataDir: string;
  /** All attempts at the question of this case, in order, open or decided. */
  attempts(source: CaseSource): readonly CaseId[];
  /** The latest attempt with these very texts, filed, open or decided. */
  find(source: CaseSource): CaseId | undefined;
  /** Opens a new attempt. Resolves once it is filed durably; it is opened when that is committed. */
  submit(source: CaseSource, submitter?: string): Promise<CaseId>;
  /** Resolves when the decision is certified on disk; rejects when the node stops before. */
  decided(caseId: CaseId): Promise<Decision>;
  history(caseId: CaseId): CaseHistory | undefined;
  files(caseId: CaseId): CaseFiles;
  watch(watcher: Watcher): () => void;
  status(): NodeStatus;
  close(): Promise<void>;
}

/** Founds the council where there is none yet. */
export async function openEmbedded(
  { dataDir, passphrase }: EmbeddedOptions,
  { agents, provider, judge: given }: EmbeddedDependencies,
): Promise<Embedded> {
  const paths = pathsOf(dataDir);
  const lock = lockDirectory(paths.running);
  try {
    if (!isFounded(dataDir)) {
      await foundCouncil(dataDir, {
        charter: provider.provenance === 'live' ? agents.liveCharter : agents.charter,
        seats: agents.seats.map((seat) => presentationOf(seat, provider)),
        node: EMBEDDED_NODE,
        nowMs: Date.now(),
        ...(passphrase === undefined ? {} : { passphrase }),
      });
    }
    const bls = await fastestBls();
    const opened = openDirectory(dataDir, bls, passphrase);
    const { founding } = opened;
    requireSeats(founding, agents, dataDir);
    const seats = founding.roster.seats.map(({ seat }) => ({ seat, keys: opened.keysOf(seatHolder(seat)) }));
    const endorsing = { founding, keys: seats.map(endorsingKeys) };
    const threads = new SigningThreads(endorsing, new NotaryHere(endorsing, bls));
    const store = openStore(paths);
    try {
      const node = await CouncilNode.open(
        {
          founding,
          self: asPeerId(EMBEDDED_NODE),
          seats: new Map(seats.map(({ seat, keys }) => [seat, keys.ed25519.secret])),
          pace: EMBEDDED_PACE,
          concurrency: CONCURRENCY,
          publishDelayMs: PUBLISH_DELAY_MS,
          patience: PATIENCE,
        },
        {
          store,
          ledger: new DiskFolder(paths.ledger),
          certificates: new DiskFolder(paths.certificates),
          dossiers: new DiskFolder(paths.dossiers, { secret: true }),
          notary: threads,
          verifyMany: threads.verifyMany,
          judge: given ?? seatJudge(agents, provider, founding.charter.windows.commitMs),
          logKey: opened.keysOf(LOG_HOLDER).ed25519,
        },
      );
      return new EmbeddedCouncil(node, dataDir, (id) => opened.keysOf(submitterHolder(id)), lock);
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw namingTheRepair(error, dataDir);
  }
}

class EmbeddedCouncil implements Embedded {
  readonly founding: Founding;
  readonly dataDir: string;
  readonly #node: CouncilNode;
  readonly #keysOf: (submitter: string) => HeldKeys;
  /** read once: a key that is decoded is dear */
  readonly #submitters = new Map<string, HeldKeys>();
  readonly #lock: { release(): void };

  constructor(
    node: CouncilNode,
    dataDir: string,
    keysOf: (submitter: string) => HeldKeys,
    lock: { release(): void },
  ) {
    this.founding = node.founding;
    this.dataDir = dataDir;
    this.#node = node;
    this.#keysOf = keysOf;
    this.#lock = lock;
  }

  attempts(source: CaseSource): readonly CaseId[] {
    return earlierCases(this.#node.state, source);
  }

  find(source: CaseSource): CaseId | undefined {
    const filed = [...this.#node.store.filed()].filter(([, { bytes }]) => {
      const { fields } = openEntry(bytes);
      const about = fields.kind === 'case.opened' ? fields.case : undefined;
      return about?.type === source.type && about.subject === source.subject;
    });
    const candidates = [...this.attempts(source), ...filed.map(([caseId]) => caseId)];
    return candidates.findLast((caseId) => this.#isAbout(caseId, source));
  }

  async submit(source: CaseSource, submitter?: string): Promise<CaseId> {
    const id = submitter ?? this.founding.charter.submitters[0]?.id;
    if (id === undefined) throw badInput('the charter names nobody who may submit cases');
    const earlier = this.attempts(source);
    const filing = { submitter: id, attempt: earlier.length + 1, earlier };
    const { caseId, document, dossier } = prepareCase(source, filing, () => toHex(randomBytes(32)));
    // A quorum of receipts is what opens a case; those of all seats of one machine would say no more.
    const receipts = await this.#node.receiptsFor(document, dossier, this.#node.quorum.q);
    const by = `submitter/${id}` as const;
    const fields = { kind: 'case.opened', by, epoch: FIRST_EPOCH, case: document, receipts } as const;
    const keys = this.#submitters.get(id) ?? this.#keysOf(id);
    this.#submitters.set(id, keys);
    const { secret } = keys.ed25519;
    const entry = sealEntry(fields, this.founding.councilId, (message) =>
      toBase64(fastestEd25519.sign(secret, message)),
    );
    await this.#node.file(caseId, entry);
    return caseId;
  }

  decided(caseId: CaseId): Promise<Decision> {
    const { state, stopped, uncertified, filed } = this.#node;
    if (stopped !== undefined) return Promise.reject(stopped.error);
    if (state.decided.has(caseId) && !uncertified.includes(caseId)) {
      const decision = this.history(caseId)?.decision;
      invariant(decision !== undefined, `the decision of case ${caseId} is on the ledger`);
      return Promise.resolve(decision);
    }
    if (!state.decided.has(caseId) && !state.open.has(caseId) && !filed.includes(caseId)) {
      return Promise.reject(badInput(`there is no case ${caseId} here`));
    }
    return new Promise((resolve, reject) => {
      const stop = this.#node.watch((event) => {
        if (event.kind === 'certified' && event.caseId === caseId) resolve(event.decision);
        else if (event.kind === 'refused' && event.caseId === caseId) reject(supplanted(caseId));
        else if (event.kind === 'stopped') reject(event.error);
        else return;
        stop();
      });
    });
  }

  history(caseId: CaseId): CaseHistory | undefined {
    return caseHistory(this.#node, caseId);
  }

  files(caseId: CaseId): CaseFiles {
    const { certificates } = pathsOf(this.dataDir);
    return {
      certificate: `${certificates}/${certificatePath(caseId)}`,
      proof: `${certificates}/${proofPath(caseId)}`,
    };
  }

  watch(watcher: Watcher): () => void {
    return this.#node.watch(watcher);
  }

  status(): NodeStatus {
    return this.#node.status();
  }

  async close(): Promise<void> {
    await this.#node.close();
    this.#lock.release();
  }

  /** Compared by its texts: salts and nonce differ every time a case is prepared. */
  #isAbout(caseId: CaseId, source: CaseSource): boolean {
    const dossier = this.#node.shelf.dossier(caseId);
    if (dossier === undefined) return false;
    const { title, fields, evidence } = source;
    const kept = {
      fields: Object.fromEntries(Object.entries(dossier.fields).map(([name, { text }]) => [name, text])),
      evidence: dossier.evidence.map(({ id, title, text }) => ({ id, title, text: text.text })),
    };
    return canonicalText(kept) === canonicalText({ fields: { title, ...fields }, evidence });
  }
}

function endorsingKeys({ seat, keys }: { seat: Parameters<typeof seatHolder>[0]; keys: HeldKeys }) {
  invariant(keys.bls !== null, 'a seat holds a BLS key');
  return { seat, ed25519: keys.ed25519.secret, bls: keys.bls.secret };
}

function supplanted(caseId: CaseId): ConclaveError {
  return badInput(`case ${caseId} was not opened: another case about the same question came before it`);
}

function requireSeats({ roster }: Founding, { seats }: Agents, dataDir: string): void {
  if (seats.length === roster.seats.length) return;
  throw badInput(
    `expected the ${roster.seats.length} seats this council was founded with, found ${seats.length} seat files`,
    { file: pathsOf(dataDir).genesis },
  );
}
