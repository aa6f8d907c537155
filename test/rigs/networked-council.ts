// Nodes in one process that speak over one wire by lines, as they do over Redis: ordering, dossiers and desk, with real
// keys and real encryption. What crosses the wire can be listened to, and altered.
import { randomBytes } from 'node:crypto';
import type { CaseSource } from '../../src/council/case-file.ts';
import type { Charter } from '../../src/council/charter.ts';
import { type Founding, found } from '../../src/council/genesis.ts';
import { FIRST_EPOCH } from '../../src/council/roster.ts';
import type { SeatJudge } from '../../src/node/aftermath.ts';
import { CouncilClient } from '../../src/node/client/council-client.ts';
import { type Submission, type SubmissionProgress, submitCase } from '../../src/node/client/submission.ts';
import { SubmissionRecords } from '../../src/node/client/submission-record.ts';
import { CouncilNode } from '../../src/node/council-node.ts';
import { Desk } from '../../src/node/desk/desk.ts';
import { DossierExchange } from '../../src/node/dossiers/dossier-exchange.ts';
import { fastestBls, NotaryHere } from '../../src/node/signing/notary.ts';
import { toBase64, toHex } from '../../src/signing/bytes.ts';
import { digestOf } from '../../src/signing/digest.ts';
import { fastestEd25519, verifyMany } from '../../src/signing/ed25519-fastest.ts';
import {
  asKeyHolder,
  type HeldKeys,
  KEY_RANDOMNESS_BYTES,
  makeKeys,
  seatHolder,
} from '../../src/signing/key-holder.ts';
import { asSeatId, type SeatId } from '../../src/signing/seat-id.ts';
import { CouncilStore } from '../../src/storage/council-store.ts';
import { MemoryFolder } from '../../src/storage/folder.ts';
import { MemoryStore } from '../../src/storage/memory-store.ts';
import { MemoryHub } from '../../src/transport/memory-hub.ts';
import { Switchboard } from '../../src/transport/switchboard.ts';
import { asPeerId, type MessageHandler, type Transport } from '../../src/transport/transport.ts';
import { CHARTER, TEST_PACE } from './instant-council.ts';

const bls = await fastestBls();
const make = (holder: string): HeldKeys =>
  makeKeys(asKeyHolder(holder), randomBytes(KEY_RANDOMNESS_BYTES), { ed25519: fastestEd25519, bls });

/** What crosses: `undefined` swallows it. */
export type Tap = (from: string, to: string, bytes: Uint8Array) => Uint8Array | undefined;

export interface NetworkedPlace {
  readonly name: string;
  readonly seats: readonly SeatId[];
  readonly keys: HeldKeys;
  readonly dossiers: MemoryFolder;
  readonly certificates: MemoryFolder;
  readonly ledger: MemoryFolder;
  store: MemoryStore;
  node: CouncilNode | undefined;
  exchange: DossierExchange | undefined;
  desk: Desk | undefined;
  wire: Switchboard | undefined;
}

export interface NetworkedOptions {
  readonly nodes: readonly number[];
  readonly judge: SeatJudge;
  readonly charter?: Partial<Charter>;
  /** of the submitter */
  readonly quota?: number;
}

export class NetworkedCouncil {
  readonly founding: Founding;
  readonly places: readonly NetworkedPlace[];
  readonly submitter = make('submitter/applicant');
  readonly hub = new MemoryHub();
  tap: Tap = (_from, _to, bytes) => bytes;
  readonly #judge: SeatJudge;
  readonly #keys: ReadonlyMap<SeatId, HeldKeys>;
  readonly #clients: Switchboard[] = [];

  constructor({ nodes, judge, charter, quota = 64 }: NetworkedOptions) {
    this.#judge = judge;
    let next = 1;
    this.places = nodes.map((count, i) => ({
      name: `node-${i + 1}`,
      seats: Array.from({ length: count }, () => asSeatId(next++)),
      keys: make(`node/node-${i + 1}`),
      dossiers: new MemoryFolder(),
      certificates: new MemoryFolder(),
      ledger: new MemoryFolder(),
      store: new MemoryStore(),
      node: undefined,
      exchange: undefined,
      desk: undefined,
      wire: undefined,
    }));
    const seats = this.places.flatMap((place) => place.seats);
    this.#keys = new Map(seats.map((seat) => [seat, make(seatHolder(seat))]));
    this.founding = found({
      charter: {
        ...CHARTER,
        ...charter,
        submitters: [{ id: 'applicant', quota, ed25519: toBase64(this.submitter.ed25519.publicKey) }],
      },
      roster: {
        epoch: FIRST_EPOCH,
        trial: true,
        nodes: this.places.map(({ name, keys }) => ({
          name,
          x25519: toBase64(keys.x25519?.publicKey ?? new Uint8Array()),
        })),
        seats: this.places.flatMap((place) => place.seats.map((seat) => this.#rosterSeat(seat, place.name))),
      },
      createdMs: Date.now(),
      nonce: toHex(randomBytes(32)),
    });
    for (const { store } of this.places) {
      const begun = new CouncilStore(store);
      const batch = begun.batch();
      batch.found(this.founding.councilId);
      begun.write(batch);
    }
  }

  get up(): readonly CouncilNode[] {
    return this.places.flatMap(({ node }) => node ?? []);
  }

  place(index: number): NetworkedPlace {
    const place = this.places[index];
    if (place === undefined) throw new Error(`no node ${index}`);
    return place;
  }

  node(index: number): CouncilNode {
    const { node } = this.place(index);
    if (node === undefined) throw new Error(`node ${index} is down`);
    return node;
  }

  exchange(index: number): DossierExchange {
    const { exchange } = this.place(index);
    if (exchange === undefined) throw new Error(`node ${index} is down`);
    return exchange;
  }

  secretOf(seat: SeatId): Uint8Array {
    return this.#held(seat).ed25519.secret;
  }

  async start(index: number): Promise<void> {
    const place = this.place(index);
    const { name, seats, dossiers, certificates, ledger } = place;
    const wire = new Switchboard(this.#tapped(this.hub.join(name)));
    place.store = place.store.reopened();
    const held = seats.map((seat) => ({ seat, keys: this.#held(seat) }));
    const secrets = new Map(held.map(({ seat, keys }) => [seat, keys.ed25519.secret]));
    const onFailed = (error: unknown): void => {
      throw error;
    };
    const self = asPeerId(name);
    const boxKeys = place.keys.x25519 ?? { secret: new Uint8Array(), publicKey: new Uint8Array() };
    const exchange = new DossierExchange(
      { founding: this.founding, self, seats: secrets, boxKeys },
      { transport: wire.line('dossiers'), dossiers, onFailed },
    );
    const node = await CouncilNode.open(
      {
        founding: this.founding,
        self,
        seats: secrets,
        pace: TEST_PACE,
        concurrency: 512,
        publishDelayMs: 10,
      },
      {
        store: place.store,
        transport: wire.line('council'),
        ledger,
        certificates,
        dossiers,
        verifyMany,
        fetchDossier: exchange.fetch,
        notary: new NotaryHere(
          {
            founding: this.founding,
            keys: held.map(({ seat, keys }) => ({
              seat,
              ed25519: keys.ed25519.secret,
              bls: keys.bls?.secret ?? new Uint8Array(),
            })),
          },
          bls,
        ),
        judge: this.#judge,
        logKey: make('log/main').ed25519,
      },
    );
    await exchange.serve(node);
    const desk = new Desk(
      { founding: this.founding },
      { transport: wire.line('desk'), node, certificates, onFailed },
    );
    Object.assign(place, { node, exchange, desk, wire });
  }

  async startAll(): Promise<void> {
    for (const index of this.places.keys()) await this.start(index);
  }

  async stop(index: number): Promise<void> {
    const place = this.place(index);
    const { node, exchange, desk, wire } = place;
    Object.assign(place, { node: undefined, exchange: undefined, desk: undefined, wire: undefined });
    await desk?.close();
    await exchange?.close();
    await node?.close();
    await wire?.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.places.map((_, index) => this.stop(index)));
    for (const client of this.#clients) await client.close();
  }

  /** A wire of a stranger's, or of a client's. */
  join(name = `client-${toHex(randomBytes(6))}`): Switchboard {
    const wire = new Switchboard(this.#tapped(this.hub.join(name)));
    this.#clients.push(wire);
    return wire;
  }

  client(wire = this.join()): CouncilClient {
    return new CouncilClient(
      { founding: this.founding },
      { transport: wire.line('desk'), backends: { ed25519: fastestEd25519, bls } },
    );
  }

  async submit(source: CaseSource, more: SubmitMore = {}): Promise<Submission> {
    const wire = this.join();
    const client = this.client(wire);
    try {
      return await submitCase(
        {
          source,
          submitter: more.submitter ?? 'applicant',
          secret: more.secret ?? this.submitter.ed25519.secret,
          again: more.again ?? false,
          withinMs: more.withinMs ?? 10_000,
        },
        {
          client,
          dossiers: wire.line('dossiers'),
          ed25519: fastestEd25519,
          records: new SubmissionRecords(more.records ?? new MemoryFolder()),
          tell: more.tell ?? (() => {}),
        },
      );
    } finally {
      await client.close();
      await wire.close();
    }
  }

  /** Listens to what goes out, before it is anywhere. */
  #tapped(wire: Transport): Transport {
    const { self } = wire;
    return {
      self,
      send: (to, bytes) => {
        const altered = this.tap(self, to, bytes);
        if (altered !== undefined) wire.send(to, altered);
      },
      onMessage: (handler: MessageHandler) => wire.onMessage(handler),
      close: () => wire.close(),
    };
  }

  #held(seat: SeatId): HeldKeys {
    const held = this.#keys.get(seat);
    if (held === undefined) throw new Error(`no seat ${seat}`);
    return held;
  }

  #rosterSeat(seat: SeatId, node: string) {
    const { ed25519, bls: blsKeys } = this.#held(seat);
    return {
      seat,
      name: `Seat ${seat}`,
      node,
      developer: 'conclave',
      family: 'test',
      host: 'memory',
      model: digestOf({ test: seat }),
      provenance: 'offline' as const,
      ed25519: toBase64(ed25519.publicKey),
      bls: toBase64(blsKeys?.publicKey ?? new Uint8Array()),
      possession: toBase64(blsKeys?.possession ?? new Uint8Array()),
    };
  }
}

export interface SubmitMore {
  readonly submitter?: string;
  readonly secret?: Uint8Array;
  readonly again?: boolean;
  readonly withinMs?: number;
  readonly records?: MemoryFolder;
  readonly tell?: (progress: SubmissionProgress) => void;
}
