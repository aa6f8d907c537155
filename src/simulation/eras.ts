// What a world knows of its epochs: who sits in each, which blocks ended one, and where the latest began. For the
// adversary, who is always up to date, and for the checker (protocol 6.1).
import { NOBODY } from '../consensus/bench.ts';
import type { Block, Entry } from '../consensus/block.ts';
import { type Certificate, genesisCertificate } from '../consensus/certificates.ts';
import { RoundRobin } from '../consensus/leaders.ts';
import type { Quorum } from '../consensus/quorum.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';
import type { WorldSignatures } from './signature-table.ts';

export const EPOCH = 1 as Epoch;
export const GENESIS = '0'.repeat(64) as Digest;

export class Eras {
  readonly genesis: Digest;
  readonly #quorum: Quorum;
  readonly #signatures: WorldSignatures;
  readonly #leaders = new Map<Epoch, RoundRobin>();
  readonly #vacant = new Map<Epoch, ReadonlySet<SeatId>>();
  /** payload roots with an entry that ends the epoch: a root vouches for the entries, whoever shows others */
  readonly #endings = new Set<Digest>();
  #epoch = EPOCH;
  #start: Certificate;

  constructor(quorum: Quorum, signatures: WorldSignatures, genesis: Digest) {
    this.genesis = genesis;
    this.#start = genesisCertificate('prepare', EPOCH, genesis);
    this.#quorum = quorum;
    this.#signatures = signatures;
  }

  /** The latest that any honest node has come to. */
  get epoch(): Epoch {
    return this.#epoch;
  }

  /** The implicit certificate that it starts from. */
  get start(): Certificate {
    return this.#start;
  }

  begin(epoch: Epoch, vacant: ReadonlySet<SeatId>): void {
    if (!this.#vacant.has(epoch)) this.#vacant.set(epoch, vacant);
  }

  vacantIn(epoch: Epoch): ReadonlySet<SeatId> {
    return this.#vacant.get(epoch) ?? NOBODY;
  }

  readonly leadersIn = (epoch: Epoch): RoundRobin => {
    const known = this.#leaders.get(epoch);
    if (known !== undefined) return known;
    const leaders = new RoundRobin(this.#quorum, this.vacantIn(epoch));
    if (this.#vacant.has(epoch)) this.#leaders.set(epoch, leaders);
    return leaders;
  };

  /** Somebody has proposed these, the last of which ends an epoch. */
  endWith(entries: readonly Entry[]): void {
    this.#endings.add(this.#signatures.payloadRoot(entries));
  }

  ends(block: Digest): boolean {
    const root = this.#signatures.headerOf(block)?.payloadRoot;
    return root !== undefined && this.#endings.has(root);
  }

  /** An honest node has committed the block that ends an epoch. */
  ended({ digest, header }: Block): void {
    if (header.epoch < this.#epoch) return;
    this.#epoch = (header.epoch + 1) as Epoch;
    this.#start = genesisCertificate('prepare', this.#epoch, digest, header);
  }
}
