// The inclusion and consistency proofs of transparency-dev/merkle: a few valid, 92 ways invalid of each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { verifyConsistency, verifyInclusion } from '../../src/ledger/merkle.ts';
import { fromBase64 } from '../../src/signing/bytes.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/vectors/rfc6962-merkle-proofs/testdata');

const hash = z.string().transform((text) => fromBase64(text));
const hashes = z
  .array(hash)
  .nullable()
  .transform((list) => list ?? []);
const inclusion = z.object({
  leafIdx: z.number(),
  treeSize: z.number(),
  root: hash,
  leafHash: hash,
  proof: hashes,
  wantErr: z.boolean(),
});
const consistency = z.object({
  size1: z.number(),
  size2: z.number(),
  root1: hash,
  root2: hash,
  proof: hashes,
  wantErr: z.boolean(),
});

function vectors(kind: string): { readonly name: string; readonly data: unknown }[] {
  return readdirSync(join(FOLDER, kind), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, data: JSON.parse(readFileSync(join(FOLDER, kind, name), 'utf8')) }));
}

describe.skipIf(!existsSync(FOLDER))(
  'RFC 6962 proofs of transparency-dev/merkle (skipped without ../shared)',
  () => {
    test('inclusion proofs are accepted and refused as published', () => {
      const all = vectors('inclusion');
      for (const { name, data } of all) {
        const v = inclusion.parse(data);
        expect(verifyInclusion(v.leafHash, v.leafIdx, v.treeSize, v.proof, v.root), name).toBe(!v.wantErr);
      }
      expect(all.length).toBeGreaterThanOrEqual(98);
    });

    test('consistency proofs are accepted and refused as published', () => {
      const all = vectors('consistency');
      for (const { name, data } of all) {
        const v = consistency.parse(data);
        expect(verifyConsistency(v.size1, v.size2, v.proof, v.root1, v.root2), name).toBe(!v.wantErr);
      }
      expect(all.length).toBeGreaterThanOrEqual(98);
    });
  },
);
