// One durable write of a node: everything that must not be forgotten before the next thing is said (protocol 3.8).
// What the keys hold is council-records.ts's affair, and reading them council-store.ts's.
//
//   council                     the council's id; written before anything else
//   votes/<seat>  certificates  what the seats of this node have said, and the highest certificates
//   block/<digest>              bodies, committed or on their way
//   chain/<height>              the committed chain: block, commit certificate, derived leaves
//   sealed/<case>/<seat>        a ballot and its salt, until the case is decided
//   abandoned/<case>/<seat>     a ballot that was lost: its commitment will never be opened
//   filed/<case>                an opening entry that is not on the ledger yet
//   uncertified/<case>          a decision whose certificate is not written yet
import type { Block, Entry } from '../consensus/block.ts';
import type { CommittedBlock, DurableRecord } from '../consensus/effects.ts';
import { invariant, unreachable } from '../errors.ts';
import { equalBytes, utf8 } from '../signing/bytes.ts';
import type { Digest } from '../signing/digest.ts';
import type { SeatId } from '../signing/seat-id.ts';
import {
  encodeBlock,
  encodeCertificates,
  encodeLink,
  encodeSealed,
  encodeVotes,
  type SealedBallot,
} from './council-records.ts';

const HEIGHT_DIGITS = 12;

const ofSeat = (caseId: Digest, seat: SeatId): string => `${caseId}/${String(seat).padStart(3, '0')}`;

export const KEYS = {
  council: 'council',
  certificates: 'certificates',
  block: (digest: Digest): string => `block/${digest}`,
  /** padded, so that keys ascend with the heights */
  chain: (height: number): string => `chain/${String(height).padStart(HEIGHT_DIGITS, '0')}`,
  sealed: (caseId: Digest, seat: SeatId): string => `sealed/${ofSeat(caseId, seat)}`,
  abandoned: (caseId: Digest, seat: SeatId): string => `abandoned/${ofSeat(caseId, seat)}`,
  filed: (caseId: Digest): string => `filed/${caseId}`,
  uncertified: (caseId: Digest): string => `uncertified/${caseId}`,
} as const;

/** Writes that become durable together. A later write of a key replaces the earlier one. */
export class CouncilBatch {
  readonly #keysOf: (prefix: string) => Iterable<string>;
  readonly puts = new Map<string, Uint8Array>();
  readonly deletes = new Set<string>();
  /** bodies on disk, or on their way there with this batch, that are not committed */
  readonly loose: Set<string>;
  /** blocks committed with this batch, by ascending height */
  readonly committed: Block[] = [];

  constructor(loose: ReadonlySet<string>, keysOf: (prefix: string) => Iterable<string>) {
    this.#keysOf = keysOf;
    this.loose = new Set(loose);
  }

  get isEmpty(): boolean {
    return this.puts.size === 0 && this.deletes.size === 0;
  }

  persist(record: DurableRecord): void {
    switch (record.kind) {
      case 'votes':
        return this.put(record.key, encodeVotes(record.votes));
      case 'certificates':
        return this.put(record.key, encodeCertificates(record));
      case 'block':
        if (!this.loose.has(record.key)) this.put(record.key, encodeBlock(record.block));
        this.loose.add(record.key);
        return;
      default:
        return unreachable(record);
    }
  }

  commit({ block, commit, leaves, suffix }: CommittedBlock): void {
    const key = KEYS.block(block.digest);
    // The body is mostly on disk since the vote for it; one that came by catching up is not.
    if (!this.loose.delete(key)) this.put(key, encodeBlock(block));
    const derived = leaves.slice(block.entries.length);
    const isLeaf = ({ bytes }: Entry, i: number): boolean => {
      const leaf = leaves[i];
      return leaf !== undefined && (leaf === bytes || equalBytes(leaf, bytes));
    };
    invariant(block.entries.every(isLeaf), 'the leaves of a block begin with its entries');
    this.committed.push(block);
    this.put(KEYS.chain(block.header.height), encodeLink({ block: block.digest, commit, derived, suffix }));
  }

  /** The engine needs it no longer. A committed body stays: the chain leans on it. */
  forget(key: string): void {
    if (key.startsWith('block/') && !this.loose.delete(key)) return;
    this.puts.delete(key);
    this.deletes.add(key);
  }

  seal(caseId: Digest, seat: SeatId, sealed: SealedBallot): void {
    this.put(KEYS.sealed(caseId, seat), encodeSealed(sealed));
  }

  /** After a repair: the seat keeps silent in this case, since it cannot open what it committed to. */
  abandon(caseId: Digest, seat: SeatId): void {
    this.put(KEYS.abandoned(caseId, seat), new Uint8Array());
  }

  file(caseId: Digest, entry: Entry): void {
    this.put(KEYS.filed(caseId), entry.bytes);
  }

  unfile(caseId: Digest): void {
    this.remove(KEYS.filed(caseId));
  }

  /** Ballots of a decided case are on the ledger, or never will be. */
  unseal(caseId: Digest): void {
    for (const key of this.#keysOf(`sealed/${caseId}/`)) this.remove(key);
    for (const key of this.#keysOf(`abandoned/${caseId}/`)) this.remove(key);
  }

  owesCertificate(caseId: Digest, decisionLeaf: Uint8Array): void {
    this.put(KEYS.uncertified(caseId), decisionLeaf);
  }

  certified(caseId: Digest): void {
    this.remove(KEYS.uncertified(caseId));
  }

  found(councilId: Digest): void {
    this.put(KEYS.council, utf8(councilId));
  }

  put(key: string, value: Uint8Array): void {
    this.deletes.delete(key);
    this.puts.set(key, value);
  }

  remove(key: string): void {
    this.puts.delete(key);
    this.deletes.add(key);
  }
}
