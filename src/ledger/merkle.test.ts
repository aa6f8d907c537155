import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../signing/bytes.ts';
import {
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  inclusionProof,
  leafHash,
  type NodeReader,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

const leaves = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => leafHash(utf8(`leaf ${i}`)));

/** RFC 6962, 2.1, as it is written there: the definition that everything else is held against. */
function naiveRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (first === undefined) return EMPTY_ROOT;
  if (hashes.length === 1) return first;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(naiveRoot(hashes.slice(0, split)), naiveRoot(hashes.slice(split)));
}

const readerOf =
  (hashes: readonly Uint8Array[]): NodeReader =>
  (level, index) =>
    naiveRoot(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));

const flipped = (hash: Uint8Array): Uint8Array => hash.map((byte, i) => (i === 7 ? byte ^ 0x10 : byte));

const sizes = fc.integer({ min: 1, max: 150 });
const sizeAndPart = sizes.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })));

describe('roots', () => {
  test('the empty tree and the first leaf of RFC 6962 hash to the values everyone knows', () => {
    expect(toHex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(leafHash(new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  test('the eight leaves of the certificate-transparency reference tests have their published roots', () => {
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const hashes = inputs.map((hex) => leafHash(Uint8Array.from(Buffer.from(hex, 'hex'))));
    const roots = hashes.map((_, i) => toHex(Frontier.empty.append(hashes.slice(0, i + 1)).root()));
    expect(roots[1]).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
    expect(roots[7]).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  test('a frontier has the root of the naive tree at every size', () => {
    const all = leaves(130);
    let frontier = Frontier.empty;
    for (let size = 0; size <= all.length; size++) {
      expect(toHex(frontier.root())).toBe(toHex(naiveRoot(all.slice(0, size))));
      frontier = frontier.append(all.slice(size, size + 1));
    }
  });

  test('appending at once, in parts, or after reading the right edge back gives one tree', () => {
    fc.assert(
      fc.property(sizeAndPart, ([size, cut]) => {
        const all = leaves(size);
        const whole = toHex(Frontier.empty.append(all).root());
        const first = Frontier.empty.append(all.slice(0, cut));
        expect(toHex(first.append(all.slice(cut)).root())).toBe(whole);
        expect(toHex(Frontier.of(cut, readerOf(all)).append(all.slice(cut)).root())).toBe(whole);
      }),
    );
  });

  test('appending leaves the frontier it started from unchanged', () => {
    const before = Frontier.empty.append(leaves(11));
    const root = toHex(before.root());
    before.append(leaves(9));
    expect([before.size, toHex(before.root())]).toEqual([11, root]);
  });
});

describe('inclusion', () => {
  test('every leaf of every small tree has a proof, for its own place only', () => {
    for (let size = 1; size <= 20; size++) {
      const all = leaves(size);
      const root = naiveRoot(all);
      for (const [index, leaf] of all.entries()) {
        const proof = inclusionProof(index, size, readerOf(all));
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        for (let other = 0; other < size; other++) {
          if (other !== index) expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false);
        }
      }
    }
  });

  test('a proof with one hash changed, dropped, doubled or added is refused', () => {
    fc.assert(
      fc.property(sizeAndPart, fc.nat(), ([size, index], pick) => {
        const all = leaves(size);
        const root = naiveRoot(all);
        const [leaf = EMPTY_ROOT] = all.slice(index);
        const proof = inclusionProof(index, size, readerOf(all));
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        const refused = (altered: readonly Uint8Array[]) =>
          expect(verifyInclusion(leaf, index, size, altered, root)).toBe(false);
        refused([...proof, EMPTY_ROOT]);
        refused([EMPTY_ROOT, ...proof]);
        expect(verifyInclusion(flipped(leaf), index, size, proof, root)).toBe(false);
        if (proof.length === 0) return;
        const at = pick % proof.length;
        refused(proof.map((hash, i) => (i === at ? flipped(hash) : hash)));
        refused(proof.filter((_, i) => i !== at));
        refused(proof.flatMap((hash, i) => (i === at ? [hash, hash] : [hash])));
        refused(proof.map((hash, i) => (i === at ? hash.subarray(1) : hash)));
      }),
    );
  });

  test('a place outside the tree and sizes that are no sizes are refused', () => {
    const [leaf = EMPTY_ROOT] = leaves(1);
    for (const [index, size] of [
      [1, 1],
      [0, 0],
      [-1, 1],
      [0.5, 1],
      [0, Number.NaN],
      [2 ** 60, 2 ** 61],
    ] as const) {
      expect(verifyInclusion(leaf, index, size, [], leaf)).toBe(false);
    }
  });
});

describe('consistency', () => {
  test('every earlier size of every small tree is proved a prefix', () => {
    for (let size = 1; size <= 40; size++) {
      const all = leaves(size);
      for (let old = 1; old <= size; old++) {
        const proof = consistencyProof(old, size, readerOf(all));
        const oldRoot = naiveRoot(all.slice(0, old));
        expect(verifyConsistency(old, size, proof, oldRoot, naiveRoot(all))).toBe(true);
        expect(verifyConsistency(old, size, proof, flipped(oldRoot), naiveRoot(all))).toBe(false);
      }
    }
  });

  test('a tree whose past was rewritten is not consistent with what it was', () => {
    fc.assert(
      fc.property(sizeAndPart, fc.nat(), ([size, part], pick) => {
        const old = part + 1;
        const all = leaves(size);
        const rewritten = all.map((hash, i) => (i === pick % old ? flipped(hash) : hash));
        const proof = consistencyProof(old, size, readerOf(rewritten));
        expect(verifyConsistency(old, size, proof, naiveRoot(all.slice(0, old)), naiveRoot(rewritten))).toBe(
          false,
        );
      }),
    );
  });

  test('nothing is proved by the empty tree', () => {
    const root = naiveRoot(leaves(3));
    expect(verifyConsistency(0, 3, [], EMPTY_ROOT, root)).toBe(false);
    expect(verifyConsistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)).toBe(false);
  });
});
