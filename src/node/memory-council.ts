// A council whose nodes live in one process, joined by a hub, each with a store and folders of its own in memory.
// For tests and measurements of what happens between nodes: nodes can be stopped as a crash would, and started
// again from what they had stored. It is the same node that runs for real; only what it stands on is memory.

import { randomBytes } from 'node:crypto';
import type { Pace } from '../consensus/pacemaker.ts';
import type { CaseId } from '../council/case.ts';
import type { CaseSource } from '../council/case-file.ts';
import type { Charter } from '../council/charter.ts';
import { earlierCases } from '../council/council.ts';
import { prepareCase } from '../council/dossier.ts';
import { sealEntry } from '../council/entry.ts';
import { type Founding, found } from '../council/genesis.ts';
import { FIRST_EPOCH, type RosterSeat, seatOf } from '../council/roster.ts';
import { rosterInForce } from '../council/state.ts';
import { invariant } from '../errors.ts';
import { toBase64, toHex } from '../signing/bytes.ts';
import { type Digest, digestOf } from '../signing/digest.ts';
import { fastestEd25519, verifyMany } from '../signing/ed25519-fastest.ts';
import {
  asKeyHolder,
  type HeldKeys,
  KEY_RANDOMNESS_BYTES,
  makeKeys,
  seatHolder,
} from '../signing/key-holder.ts';
import { asSeatId, type SeatId } from '../signing/seat-id.ts';
import { CouncilStore } from '../storage/council-store.ts';
import { MemoryFolder } from '../storage/folder.ts';
import { MemoryStore } from '../storage/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { MemoryHub } from '../transport/memory-hub.ts';
import { asPeerId, type Transport } from '../transport/transport.ts';
import type { SeatJudge } from './aftermath.ts';
import { publicPartOf } from './council-directory.ts';
import { CouncilNode } from './council-node.ts';
import { MemoryOperators } from './memory-operators.ts';
import type { SeatSecrets } from './own-seats.ts';
import { fastestBls, NotaryHere } from './signing/notary.ts';

export interface MemoryCouncilOptions {
  /** how many seats each node hosts; seats are numbered through */
  readonly nodes: readonly number[];
  readonly charter: Omit<Charter, 'submitters'>;
  readonly pace: Pace;
}

export interface MemoryCouncilDependencies {
  readonly judge: SeatJudge;
  /** to listen in: what a node stands on may be wrapped */
  readonly wrapStore?: (store: Store, node: number) => Store;
  readonly wrapTransport?: (transport: Transport, node: number) => Transport;
}

interface Place {
  readonly name: string;
  readonly seats: readonly SeatId[];
  readonly ledger: MemoryFolder;
  readonly certificates: MemoryFolder;
  readonly dossiers: MemoryFolder;
  readonly logKey: HeldKeys;
  store: MemoryStore;
  node: CouncilNode | undefined;
}

export class MemoryCouncil {
  readonly founding: Founding;
  readonly #options: MemoryCouncilOptions;
  readonly #dependencies: MemoryCouncilDependencies;
  readonly #bls: Awaited<ReturnType<typeof fastestBls>>;
  /** of every seat, in the order in which they were made: the last are those of its chair now */
  readonly #keys = new Map<SeatId, HeldKeys[]>();
  readonly #operators = new MemoryOperators();
  readonly #submitter: HeldKeys;
  readonly #places: readonly Place[];
  readonly #hub = new MemoryHub();

  static async found(
    options: MemoryCouncilOptions,
    dependencies: MemoryCouncilDependencies,
  ): Promise<MemoryCouncil> {
    return new MemoryCouncil(options, dependencies, await fastestBls());
  }

  private constructor(
    options: MemoryCouncilOptions,
    dependencies: MemoryCouncilDependencies,
    bls: Awaited<ReturnType<typeof fastestBls>>,
  ) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#bls = bls;
    this.#submitter = this.#make(asKeyHolder('submitter/applicant'));
    let next = 1;
    this.#places = options.nodes.map((count, index) => ({
      name: `node-${index + 1}`,
      seats: Array.from({ length: count }, () => asSeatId(next++)),
      ledger: new MemoryFolder(),
      certificates: new MemoryFolder(),
      dossiers: new MemoryFolder(),
      logKey: this.#make(asKeyHolder('log/main')),
      store: new MemoryStore(),
      node: undefined,
    }));
    const seats = this.#places.flatMap((place) => place.seats);
    for (const seat of seats) this.#keys.set(seat, [this.#make(seatHolder(seat))]);
    this.founding = found({
      charter: {
        operators: this.#operators.named,
        ...options.charter,
        submitters: [{ id: 'applicant', quota: 256, ed25519: toBase64(this.#submitter.ed25519.publicKey) }],
      },
      roster: {
        epoch: FIRST_EPOCH,
        trial: true,
        seats: this.#places.flatMap((place) => place.seats.map((seat) => this.#rosterSeat(seat, place.name))),
      },
      createdMs: Date.now(),
      nonce: toHex(randomBytes(32)),
    });
    for (const { store } of this.#places) {
      const begun = new CouncilStore(store);
      const batch = begun.batch();
      batch.found(this.founding.councilId);
      begun.write(batch);
    }
  }

  /** Nodes that are up, by their place. */
  get up(): readonly CouncilNode[] {
    return this.#places.flatMap(({ node }) => node ?? []);
  }

  node(index: number): CouncilNode {
    const node = this.#place(index).node;
    invariant(node !== undefined, `node ${index} is up`);
    return node;
  }

  /** To say with what a seat would never say. */
  secretOf(seat: SeatId): Uint8Array {
    return this.keysOf(seat).ed25519.secret;
  }

  place(index: number): Readonly<Place> {
    return this.#place(index);
  }

  /** Starts a node from what its store holds. */
  async start(index: number): Promise<CouncilNode> {
    const place = this.#place(index);
    invariant(place.node === undefined, `node ${index} is down`);
    const { wrapStore, wrapTransport, judge } = this.#dependencies;
    const joined = this.#hub.join(place.name);
    place.store = place.store.reopened();
    const keys = place.seats.map((seat) => ({ seat, held: this.keysOf(seat) }));
    place.node = await CouncilNode.open(
      {
        founding: this.founding,
        self: asPeerId(place.name),
        seats: new Map(keys.map(({ seat, held }) => [seat, held.ed25519.secret])),
        secretsOf: (chair) => this.#secretsOf(chair, place),
        pace: this.#options.pace,
        concurrency: 512,
        publishDelayMs: 20,
      },
      {
        store: wrapStore?.(place.store, index) ?? place.store,
        transport: wrapTransport?.(joined, index) ?? joined,
        ledger: place.ledger,
        certificates: place.certificates,
        dossiers: place.dossiers,
        verifyMany,
        notary: new NotaryHere(
          {
            founding: this.founding,
            keys: keys.map(({ seat, held }) => ({
              seat,
              ed25519: held.ed25519.secret,
              bls: held.bls?.secret ?? new Uint8Array(),
            })),
          },
          this.#bls,
        ),
        judge,
        logKey: place.logKey.ed25519,
      },
    );
    return place.node;
  }

  async startAll(): Promise<void> {
    for (let index = 0; index < this.#places.length; index++) await this.start(index);
  }

  /** What it has stored stays for its next start. */
  async stop(index: number): Promise<void> {
    const place = this.#place(index);
    const { node } = place;
    place.node = undefined;
    await node?.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.#places.map((_, index) => this.stop(index)));
  }

  /** Hands the dossier to every node that is up, gathers their receipts, and files the case with one of them. */
  async submit(source: CaseSource): Promise<CaseId> {
    const [first] = this.up;
    invariant(first !== undefined, 'a node is up');
    const earlier = earlierCases(first.state, source);
    const filing = { submitter: 'applicant', attempt: earlier.length + 1, earlier };
    const { caseId, document, dossier } = prepareCase(source, filing, () => toHex(randomBytes(32)));
    const told = await Promise.all(this.up.map((node) => node.receiptsFor(document, dossier)));
    const receipts = told.flat().sort((a, b) => a.seat - b.seat);
    const by = 'submitter/applicant' as const;
    const entry = sealEntry(
      { kind: 'case.opened', by, epoch: first.state.epoch, case: document, receipts },
      this.founding.councilId,
      (message) => toBase64(fastestEd25519.sign(this.#submitter.ed25519.secret, message)),
    );
    await first.file(caseId, entry);
    return caseId;
  }

  /** Gives chairs to others, by the word of two operators; the epoch ends with the block that commits it. */
  changeRoster(seats: readonly RosterSeat[], approving?: number): void {
    const [first] = this.up;
    invariant(first !== undefined, 'a node is up');
    const roster = rosterInForce(first.state);
    first.submit([this.#operators.change(this.founding.councilId, roster, seats, approving)]);
  }

  /** The same keys, another model. */
  swap(seat: SeatId, model: Digest): void {
    this.changeRoster([{ ...this.#chair(seat), model }]);
  }

  /** New keys, which the seat's node holds from now on beside the old ones. */
  rotate(seat: SeatId): void {
    const made = this.#make(seatHolder(seat));
    this.#keys.get(seat)?.push(made);
    this.changeRoster([{ ...this.#chair(seat), ...publicPartOf(made) }]);
  }

  #chair(seat: SeatId): RosterSeat {
    const [first] = this.up;
    const chair = first && seatOf(rosterInForce(first.state), seat);
    invariant(chair !== undefined, `a chair ${seat}`);
    return chair;
  }

  #secretsOf({ seat, ed25519 }: RosterSeat, { seats }: Place): SeatSecrets | undefined {
    if (!seats.includes(seat)) return undefined;
    const held = this.#keys.get(seat)?.find((keys) => toBase64(keys.ed25519.publicKey) === ed25519);
    if (held === undefined || held.bls === null) return undefined;
    return { ed25519: held.ed25519.secret, bls: held.bls.secret };
  }

  #make(holder: HeldKeys['holder']): HeldKeys {
    const random = randomBytes(KEY_RANDOMNESS_BYTES);
    return makeKeys(holder, random, { ed25519: fastestEd25519, bls: this.#bls });
  }

  #place(index: number): Place {
    const place = this.#places[index];
    invariant(place !== undefined, `a node ${index}`);
    return place;
  }

  /** The first ones, for whoever lies in a seat's name. */
  keysOf(seat: SeatId): HeldKeys {
    const held = this.#keys.get(seat)?.[0];
    invariant(held !== undefined, `keys of seat ${seat}`);
    return held;
  }

  #rosterSeat(seat: SeatId, node: string): RosterSeat {
    return {
      seat,
      name: `Seat ${seat}`,
      node,
      developer: 'conclave',
      family: 'test',
      host: 'memory',
      model: digestOf({ test: seat }),
      provenance: 'offline',
      ...publicPartOf(this.keysOf(seat)),
    };
  }
}
