// Wycheproof's 151 Ed25519 cases and RFC 8032's own, through every backend.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fromHex, toHex } from '../../src/signing/bytes.ts';
import { nobleEd25519 } from '../../src/signing/ed25519.ts';
import { verifyMany } from '../../src/signing/ed25519-fastest.ts';
import { nodeEd25519 } from '../../src/signing/ed25519-node.ts';
import { loadSodium } from '../../src/signing/ed25519-sodium.ts';

const FILE = join(import.meta.dirname, '../../../shared/vectors/wycheproof-ed25519/ed25519_test.json');

const backends = [
  { name: 'noble', ed25519: nobleEd25519 },
  { name: 'node', ed25519: nodeEd25519 },
  { name: 'sodium', ed25519: loadSodium() ?? nodeEd25519 },
];

const hex = z.string().transform(fromHex);
const suite = z.object({
  numberOfTests: z.number(),
  testGroups: z.array(
    z.object({
      publicKey: z.object({ pk: hex }),
      tests: z.array(
        z.object({ tcId: z.number(), msg: hex, sig: hex, result: z.enum(['valid', 'invalid']) }),
      ),
    }),
  ),
});

describe.skipIf(!existsSync(FILE))('the Wycheproof Ed25519 vectors (skipped without ../shared)', () => {
  const load = () => {
    const { numberOfTests, testGroups } = suite.parse(JSON.parse(readFileSync(FILE, 'utf8')));
    const all = testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ tcId, msg, sig, result }) => ({
        tcId,
        expected: result === 'valid',
        check: { publicKey: publicKey.pk, message: msg, signature: sig },
      })),
    );
    expect([numberOfTests, all.length]).toEqual([151, 151]);
    return all;
  };

  it.each(backends)('all 151 come out as published with $name', ({ ed25519 }) => {
    for (const { tcId, expected, check } of load()) {
      expect(ed25519.verify(check.publicKey, check.message, check.signature), `tcId ${tcId}`).toBe(expected);
    }
  });

  it('all 151 come out as published, many at once', async () => {
    const all = load();
    expect(await verifyMany(all.map(({ check }) => check))).toEqual(all.map(({ expected }) => expected));
  });
});

// RFC 8032, section 7.1, tests 1 to 3.
const RFC_8032: readonly (readonly [
  secret: string,
  publicKey: string,
  message: string,
  signature: string,
])[] = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
];

describe.each(backends)("RFC 8032's own vectors with $name", ({ ed25519 }) => {
  it.each(RFC_8032)('secret %s gives key and signature', (secret, publicKey, message, signature) => {
    expect(toHex(ed25519.publicKeyOf(fromHex(secret)))).toBe(publicKey);
    expect(toHex(ed25519.sign(fromHex(secret), fromHex(message)))).toBe(signature);
    expect(ed25519.verify(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
    expect(ed25519.verify(fromHex(publicKey), fromHex(`${message}00`), fromHex(signature))).toBe(false);
  });
});
