// A map from digests to values that is itself a value: setting a key gives a new map that shares almost all of
// the old one. Every uncommitted block has its own state, and a council has decided thousands of cases, so
// copying a plain map at every block would not do. Digests are evenly spread, so a trie over their hex digits
// needs no balancing.
import type { Digest } from '../signing/digest.ts';

type Node<V> = Leaf<V> | Branch<V>;
interface Leaf<V> {
  readonly key: Digest;
  readonly value: V;
}
/** sixteen places, one a hex digit */
type Branch<V> = readonly (Node<V> | undefined)[];

const EMPTY: Branch<never> = new Array<undefined>(16).fill(undefined);

export class DigestMap<V> {
  readonly #root: Branch<V>;
  readonly size: number;

  private constructor(root: Branch<V>, size: number) {
    this.#root = root;
    this.size = size;
  }

  static empty<V>(): DigestMap<V> {
    return new DigestMap<V>(EMPTY, 0);
  }

  get(key: Digest): V | undefined {
    let node: Node<V> | undefined = this.#root;
    for (let depth = 0; isBranch(node); depth++) node = node[digit(key, depth)];
    return node?.key === key ? node.value : undefined;
  }

  has(key: Digest): boolean {
    return this.get(key) !== undefined;
  }

  with(key: Digest, value: V): DigestMap<V> {
    const size = this.has(key) ? this.size : this.size + 1;
    return new DigestMap(placed(this.#root, { key, value }, 0), size);
  }

  /** In the order of the digests. */
  *entries(): IterableIterator<readonly [Digest, V]> {
    const waiting: (Node<V> | undefined)[] = [this.#root];
    while (waiting.length > 0) {
      const node = waiting.pop();
      if (isBranch(node)) waiting.push(...node.toReversed());
      else if (node !== undefined) yield [node.key, node.value];
    }
  }
}

function placed<V>(branch: Branch<V>, leaf: Leaf<V>, depth: number): Branch<V> {
  const place = digit(leaf.key, depth);
  const there = branch[place];
  if (there === undefined) return withPlace(branch, place, leaf);
  if (isBranch(there)) return withPlace(branch, place, placed(there, leaf, depth + 1));
  if (there.key === leaf.key) return withPlace(branch, place, leaf);
  return withPlace(branch, place, placed(placed<V>(EMPTY, there, depth + 1), leaf, depth + 1));
}

function withPlace<V>(branch: Branch<V>, place: number, node: Node<V>): Branch<V> {
  const copy = branch.slice();
  copy[place] = node;
  return copy;
}

function isBranch<V>(node: Node<V> | undefined): node is Branch<V> {
  return Array.isArray(node);
}

function digit(key: Digest, depth: number): number {
  return Number.parseInt(key.charAt(depth), 16);
}
