// A node's end of the line `dossiers` (protocol 4.1, 8.4): takes in what submitters offer and answers with its seats'
// receipts once it is on disk, fetches the dossier of an open case from those who hold it, and serves it to the nodes
// of the panel. Whoever asks is known by a seat's signature, whoever offers by a submitter's; what is given away is
// encrypted to the key in the roster, so it does not matter who carries it. What does not fit is dropped and counted.
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../../consensus/messages.ts';
import type { CaseDocument, CaseId } from '../../council/case.ts';
import { ConclaveError, unreachable } from '../../errors.ts';
import type { Ed25519 } from '../../signing/ed25519.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import type { Randomness } from '../../signing/key-seal.ts';
import type { Folder } from '../../storage/folder.ts';
import type { Transport } from '../../transport/transport.ts';
import { OwnSeats } from '../own-seats.ts';
import { type Rate, RateLimit } from '../rate-limit.ts';
import { DossierFetching } from './dossier-fetching.ts';
import { type DossierMessage, decodeDossierMessage } from './dossier-message.ts';
import { DossierOffers } from './dossier-offers.ts';
import { DossierReceiving } from './dossier-receiving.ts';
import { DossierServing } from './dossier-serving.ts';
import type { DossierExchangeOptions, DossierNode, DropReason, ExchangeParts } from './exchange-parts.ts';
import { ParcelIntake } from './parcel-intake.ts';

/** Of one address, and of all: a node that fetches a large dossier asks for some hundred pieces a second. */
const MESSAGES: Rate = { aSecond: 500, atOnce: 2_000 };
const MESSAGES_OF_ALL: Rate = { aSecond: 4_000, atOnce: 8_000 };
/** How often it is looked whether dossiers that wait may go. */
const SETTLE_MS = 30_000;

export interface DossierExchangeDependencies {
  /** the line `dossiers` */
  readonly transport: Transport;
  /** the folder that the node's shelf is in */
  readonly dossiers: Folder;
  readonly ed25519?: Ed25519;
  readonly random?: Randomness;
  readonly nowMs?: () => number;
  /** a disk that fails, or a bug: the node must stop */
  readonly onFailed: (error: unknown) => void;
}

interface Working {
  readonly receiving: DossierReceiving;
  readonly serving: DossierServing;
  readonly fetching: DossierFetching;
}

export type { DossierExchangeOptions, DossierNode, DropReason } from './exchange-parts.ts';

export class DossierExchange {
  readonly #options: DossierExchangeOptions;
  readonly #dependencies: DossierExchangeDependencies;
  readonly #intake: ParcelIntake;
  readonly #nowMs: () => number;
  readonly #limit: RateLimit;
  readonly #limitOfAll: RateLimit;
  readonly #dropped = new Map<DropReason, number>();
  readonly #ready: Promise<Working>;
  #begin: (working: Working) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DossierExchangeOptions, dependencies: DossierExchangeDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#nowMs = dependencies.nowMs ?? Date.now;
    this.#limit = new RateLimit(MESSAGES, this.#nowMs);
    this.#limitOfAll = new RateLimit(MESSAGES_OF_ALL, this.#nowMs);
    const { transport } = dependencies;
    this.#intake = new ParcelIntake({ send: (to, bytes) => transport.send(to, bytes), nowMs: this.#nowMs });
    this.#ready = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  /** By reason. */
  get dropped(): ReadonlyMap<DropReason, number> {
    return this.#dropped;
  }

  /** Answers from here on, for this node. */
  async serve(node: DossierNode): Promise<void> {
    const { transport, dossiers, onFailed, ed25519, random } = this.#dependencies;
    const offers = new DossierOffers(this.#options.founding.charter, dossiers);
    await offers.load();
    const { founding, self, boxKeys } = this.#options;
    const parts: ExchangeParts = {
      founding,
      self,
      boxKeys,
      own: new OwnSeats(this.#options),
      ed25519: ed25519 ?? fastestEd25519,
      random: random ?? ((length) => Uint8Array.from(randomBytes(length))),
      nowMs: this.#nowMs,
      node,
      intake: this.#intake,
      send: (to, bytes) => transport.send(to, bytes),
      drop: (why) => this.#drop(why),
      isClosed: () => this.#closed,
    };
    const working = {
      receiving: new DossierReceiving(parts, offers),
      serving: new DossierServing(parts),
      fetching: new DossierFetching(parts),
    };
    this.#begin(working);
    transport.onMessage((from, bytes) => this.#receive(working, from, bytes));
    this.#timer = setInterval(() => {
      offers.settle(node.state, node.shelf).catch(onFailed);
    }, SETTLE_MS);
    this.#timer.unref();
  }

  /** Resolves when the dossier is on the shelf, or there is nothing more to hope for. */
  readonly fetch = async (caseId: CaseId, document: CaseDocument, signal: AbortSignal): Promise<void> => {
    const aborted = new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const working = await Promise.race([this.#ready, aborted]);
    if (working !== undefined) await Promise.race([working.fetching.fetch(caseId, document), aborted]);
  };

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#intake.close();
    await this.#dependencies.transport.close();
  }

  /** Never throws for what others send. */
  #receive(working: Working, from: PeerId, bytes: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#limit.allows(from) || !this.#limitOfAll.allows('all')) return this.#drop('too-many');
    let message: DossierMessage;
    try {
      message = decodeDossierMessage(bytes);
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'bad-input') return this.#drop('malformed');
      throw error;
    }
    this.#handle(working, from, message).catch((error: unknown) => {
      if (error instanceof ConclaveError && error.code === 'bad-input') this.#drop('malformed');
      else if (!this.#closed) this.#dependencies.onFailed(error);
    });
  }

  async #handle(
    { receiving, serving, fetching }: Working,
    from: PeerId,
    message: DossierMessage,
  ): Promise<void> {
    switch (message.kind) {
      case 'offered':
        return receiving.offered(from, message);
      case 'wanted':
        return serving.wanted(message);
      case 'given':
        return fetching.given(from, message);
      case 'refused':
        return fetching.refused(from, message.body);
      case 'pieces':
        return serving.pieces(from, message.body);
      case 'piece':
        if (!this.#intake.take(from, message)) this.#drop('false-piece');
        return;
      case 'held':
        return this.#drop('unasked');
      default:
        return unreachable(message);
    }
  }

  #drop(why: DropReason): void {
    this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + 1);
  }
}
