// The Merkle tree of RFC 6962: what makes the ledger append-only for anyone who kept an earlier tree head
// (protocol 7.1). A `Frontier` is the tree as an appender needs it: the roots of the perfect subtrees along
// its right edge, a value that is cheap to copy, so that every block tree state can hold its own.
import { invariant } from '../errors.ts';
import { concat, equalBytes } from '../signing/bytes.ts';
import { sha256 } from '../signing/digest.ts';

export const HASH_BYTES = 32;

/** Enough for 2^48 leaves; a longer proof is refused before it is walked. */
export const MAX_PROOF_HASHES = 48;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

export function leafHash(leaf: Uint8Array): Uint8Array {
  return sha256(concat(LEAF_PREFIX, leaf));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concat(NODE_PREFIX, left, right));
}

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());

/** The hash of the perfect subtree of 2^level leaves that begins at leaf `index`·2^level. */
export type NodeReader = (level: number, index: number) => Uint8Array;

/** A tree of some size, without its leaves. Appending makes another; this one stays as it is. */
export class Frontier {
  readonly size: number;
  /** roots of the perfect subtrees, largest first: one for each binary digit 1 of `size` */
  readonly #peaks: readonly Uint8Array[];

  private constructor(size: number, peaks: readonly Uint8Array[]) {
    this.size = size;
    this.#peaks = peaks;
  }

  static readonly empty = new Frontier(0, []);

  /** The right edge of a tree whose inner nodes can be read, for going on where a stored ledger ends. */
  static of(size: number, node: NodeReader): Frontier {
    const peaks: Uint8Array[] = [];
    let start = 0;
    for (let rest = size; rest > 0; ) {
      const { width, level } = largestPerfect(rest);
      peaks.push(node(level, start / width));
      start += width;
      rest -= width;
    }
    return new Frontier(size, peaks);
  }

  append(leafHashes: readonly Uint8Array[]): Frontier {
    const peaks = [...this.#peaks];
    let size = this.size;
    for (const hash of leafHashes) {
      let carried = hash;
      for (let digits = size; digits % 2 === 1; digits = (digits - 1) / 2) {
        const left = peaks.pop();
        invariant(left !== undefined, 'a frontier has one peak for each binary digit 1 of its size');
        carried = nodeHash(left, carried);
      }
      peaks.push(carried);
      size += 1;
    }
    return new Frontier(size, peaks);
  }

  root(): Uint8Array {
    return (
      this.#peaks.reduceRight<Uint8Array | undefined>(
        (right, left) => (right === undefined ? left : nodeHash(left, right)),
        undefined,
      ) ?? EMPTY_ROOT
    );
  }
}

/** The audit path of leaf `index` in the tree of `size` leaves, from its sibling up (RFC 6962, 2.1.1). */
export function inclusionProof(index: number, size: number, node: NodeReader): readonly Uint8Array[] {
  invariant(isSize(size) && isSize(index) && index < size, `a proof of leaf ${index} in a tree of ${size}`);
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const split = start + splitOf(end - start);
    if (index < split) {
      proof.push(rangeHash(split, end, node));
      end = split;
    } else {
      proof.push(rangeHash(start, split, node));
      start = split;
    }
  }
  return proof.reverse();
}

/** That the tree of `oldSize` leaves is a prefix of the tree of `size` leaves (RFC 6962, 2.1.2). */
export function consistencyProof(oldSize: number, size: number, node: NodeReader): readonly Uint8Array[] {
  invariant(isSize(size) && oldSize >= 1 && oldSize <= size, `consistency of ${oldSize} with ${size}`);
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end !== oldSize) {
    const split = start + splitOf(end - start);
    if (oldSize <= split) {
      proof.push(rangeHash(split, end, node));
      end = split;
    } else {
      proof.push(rangeHash(start, split, node));
      start = split;
    }
  }
  // The old tree's root is known to the verifier; another perfect subtree that ends the old tree is not.
  if (start !== 0) proof.push(rangeHash(start, end, node));
  return proof.reverse();
}

/** The root that a leaf and its audit path lead to, or undefined when the path has not the one right length. */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leaf, ...proof])) return undefined;
  let hash = leaf;
  let at = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const found = rootFromInclusion(leaf, index, size, proof);
  return found !== undefined && equalBytes(found, root);
}

/**
 * RFC 9162, 2.1.4.2. Refuses an old tree without leaves: every tree is consistent with it, so that accepting
 * would only dress up the absence of a proof as one.
 */
export function verifyConsistency(
  oldSize: number,
  size: number,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  root: Uint8Array,
): boolean {
  if (!isSize(oldSize) || !isSize(size) || oldSize > size || oldSize === 0) return false;
  if (oldSize === size) return proof.length === 0 && equalBytes(oldRoot, root);
  if (!areHashes([oldRoot, root, ...proof])) return false;
  // A perfect old tree is its own first subtree, and the proof leaves it out.
  const path = largestPerfect(oldSize).width === oldSize ? [oldRoot, ...proof] : proof;
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let at = oldSize - 1;
  let last = size - 1;
  while (at % 2 === 1) {
    at = (at - 1) / 2;
    last = Math.floor(last / 2);
  }
  let oldHash = first;
  let hash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = nodeHash(sibling, oldHash);
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(hash, root);
}

/** The hash over leaves `start` to `end` (exclusive), `start` being where a subtree of that size may begin. */
function rangeHash(start: number, end: number, node: NodeReader): Uint8Array {
  const { width, level } = largestPerfect(end - start);
  const left = node(level, start / width);
  return start + width === end ? left : nodeHash(left, rangeHash(start + width, end, node));
}

function largestPerfect(count: number): { readonly width: number; readonly level: number } {
  let width = 1;
  let level = 0;
  while (width * 2 <= count) {
    width *= 2;
    level += 1;
  }
  return { width, level };
}

/** The largest power of two below `count`. */
const splitOf = (count: number): number => largestPerfect(count - 1).width;

const isSize = (value: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value < 2 ** MAX_PROOF_HASHES;

const areHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.length <= 2 * MAX_PROOF_HASHES && hashes.every((hash) => hash.length === HASH_BYTES);
