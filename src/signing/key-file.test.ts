import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConclaveError } from '../errors.ts';
import { nobleBls } from './bls.ts';
import { loadBlst } from './bls-blst.ts';
import { textOf, utf8 } from './bytes.ts';
import { canonicalText } from './canonical.ts';
import { fastestEd25519 } from './ed25519-fastest.ts';
import {
  type KeyDirectory,
  openKeyDirectory,
  protectionOf,
  sealedKeyDirectory,
  trialKeyDirectory,
} from './key-file.ts';
import { asKeyHolder, KEY_RANDOMNESS_BYTES, keyFileName, makeKeys, seatHolder } from './key-holder.ts';
import { SCRYPT_COST, scryptSchema } from './key-seal.ts';
import { asSeatId } from './seat-id.ts';

const backends = { ed25519: fastestEd25519, bls: (await loadBlst()) ?? nobleBls };
const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

/** Cheap, so that tests are quick: what is derived does not depend on the cost. */
const CHEAP = { N: 16, r: 1, p: 1 };
const PASSPHRASE = 'corréct horse';

const seat7 = seatHolder(asSeatId(7));
const seat8 = seatHolder(asSeatId(8));
const keys = makeKeys(seat7, random(KEY_RANDOMNESS_BYTES), backends);
const submitterKeys = makeKeys(asKeyHolder('submitter/acme'), random(KEY_RANDOMNESS_BYTES), backends);
const nodeKeys = makeKeys(asKeyHolder('node/node-1'), random(KEY_RANDOMNESS_BYTES), backends);

const trial = trialKeyDirectory();
const sealed = sealedKeyDirectory(PASSPHRASE, random, CHEAP);
const trialFile = trial.directory.encode(keys, random);
const sealedFile = sealed.directory.encode(keys, random);

function altered(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  const text = textOf(bytes);
  const other = change(text);
  expect(other).not.toBe(text);
  return utf8(other);
}

describe.each([
  { name: 'a trial directory', made: trial },
  { name: 'a sealed directory', made: sealed },
])('$name', ({ made }) => {
  let opened: KeyDirectory;
  beforeAll(() => {
    opened = openKeyDirectory(made.index, PASSPHRASE);
  });

  it('gives back the keys it was given, of seats, nodes and others', () => {
    for (const given of [keys, submitterKeys, nodeKeys]) {
      expect(opened.decode(given.holder, made.directory.encode(given, random), backends)).toEqual(given);
    }
  });

  it('refuses a file of another seat', () => {
    const file = made.directory.encode(keys, random);
    expect(() => opened.decode(seat8, file, backends)).toThrow(
      'expected seat-08.json to be of seat/8, found seat/7',
    );
  });

  it('refuses a node whose box key is missing or is not that of its secret', () => {
    const other = makeKeys(nodeKeys.holder, random(KEY_RANDOMNESS_BYTES), backends).x25519;
    const { x25519, ...without } = nodeKeys;
    const foreign = { publicKey: other?.publicKey ?? expect.fail(), secret: x25519?.secret ?? expect.fail() };
    for (const wrong of [without, { ...nodeKeys, x25519: foreign }]) {
      const file = made.directory.encode(wrong, random);
      expect(() => opened.decode(nodeKeys.holder, file, backends)).toThrow('not those of its secrets');
    }
  });

  it('refuses a file that was renamed inside', () => {
    const file = altered(made.directory.encode(submitterKeys, random), (text) =>
      text.replace('acme', 'evil'),
    );
    const decode = () => opened.decode(asKeyHolder('submitter/evil'), file, backends);
    // A plain file has nothing to bind its name to; a trial council says so.
    if (made === trial) expect(decode).not.toThrow();
    else expect(decode).toThrow('was altered');
  });

  it('refuses a file cut off anywhere, with an error about input', () => {
    const file = made.directory.encode(keys, random);
    for (let length = 0; length < file.length; length += 7) {
      expect(() => opened.decode(seat7, file.subarray(0, length), backends)).toThrow(ConclaveError);
    }
  });

  it('refuses a file of another shape', () => {
    const file = made.directory.encode(keys, random);
    for (const change of [
      (text: string) => text.replace('{"bls"', '{"also":1,"bls"'),
      (text: string) => text.replace('conclave/key/v1', 'conclave/key/v2'),
      (text: string) => text.replace('{', '{ '),
      () => '[]',
      () => `"${'x'.repeat(10_000)}"`,
    ]) {
      expect(() => opened.decode(seat7, altered(file, change), backends)).toThrow(ConclaveError);
    }
  });

  it("refuses public keys that are not the secrets'", () => {
    const foreign = makeKeys(seat7, random(KEY_RANDOMNESS_BYTES), backends);
    for (const mixed of [
      { ...keys, ed25519: { ...keys.ed25519, publicKey: foreign.ed25519.publicKey } },
      { ...keys, bls: keys.bls && foreign.bls && { ...keys.bls, publicKey: foreign.bls.publicKey } },
    ]) {
      const file = made.directory.encode(mixed, random);
      expect(() => opened.decode(seat7, file, backends)).toThrow('not those of its secrets');
    }
  });
});

describe('a trial directory', () => {
  it('says in the index and in every file that nothing protects it, and needs no passphrase', () => {
    expect(textOf(trial.index)).toBe('{"format":"conclave/keys/v1","protection":"none-trial"}');
    expect(textOf(trialFile)).toContain('"protection":"none-trial"');
    expect(protectionOf(trial.index)).toBe('none-trial');
    expect(openKeyDirectory(trial.index).decode(seat7, trialFile, backends)).toEqual(keys);
  });

  it('refuses a sealed file', () => {
    expect(() => trial.directory.decode(seat7, sealedFile, backends)).toThrow('with protection none-trial');
  });
});

describe('a sealed directory', () => {
  it('shows no secret', () => {
    const { secrets } = JSON.parse(textOf(trialFile));
    expect(textOf(sealedFile)).not.toContain(secrets.ed25519);
    expect(textOf(sealedFile)).not.toContain(secrets.bls);
    expect(textOf(sealedFile)).toContain('"sealed"');
  });

  it('seals the same keys differently each time, under a fresh nonce', () => {
    expect(sealed.directory.encode(keys, random)).not.toEqual(sealedFile);
  });

  it.each(['', 'correct horse', 'corréct horse '])('refuses the passphrase %j', (wrong) => {
    expect(() => openKeyDirectory(sealed.index, wrong)).toThrow('passphrase');
  });

  it('asks for a passphrase when none is given', () => {
    expect(protectionOf(sealed.index)).toBe('scrypt-xchacha20poly1305');
    expect(() => openKeyDirectory(sealed.index)).toThrow('expected a passphrase');
    expect(() => sealedKeyDirectory('', random, CHEAP)).toThrow('empty');
  });

  it('takes a passphrase however its accents are typed', () => {
    const opened = openKeyDirectory(sealed.index, PASSPHRASE.normalize('NFD'));
    expect(opened.decode(seat7, sealedFile, backends)).toEqual(keys);
  });

  it('refuses a file with any one character changed', () => {
    const text = textOf(sealedFile);
    for (let at = 0; at < text.length; at += 3) {
      const other = `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
      if (other === text) continue;
      expect(() => sealed.directory.decode(seat7, utf8(other), backends), other).toThrow(ConclaveError);
    }
  });

  it('refuses an index with any one character changed', () => {
    const text = textOf(sealed.index);
    for (let at = 0; at < text.length; at += 3) {
      const other = `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`;
      expect(() => openKeyDirectory(utf8(other), PASSPHRASE), other).toThrow(ConclaveError);
    }
  });

  it('refuses a plain file that somebody put there', () => {
    expect(() => sealed.directory.decode(seat7, trialFile, backends)).toThrow('found none-trial');
  });

  it('refuses a file of another directory with the same passphrase', () => {
    const other = sealedKeyDirectory(PASSPHRASE, random, CHEAP).directory.encode(keys, random);
    expect(() => sealed.directory.decode(seat7, other, backends)).toThrow('of another directory');
  });

  it.each([
    { N: 2 ** 21, r: 1, p: 1 },
    { N: 2 ** 18, r: 16, p: 1 },
    { N: 2 ** 16, r: 8, p: 16 },
    { N: 1000, r: 8, p: 1 },
    { N: 0, r: 8, p: 1 },
    { N: 2 ** 14, r: 0, p: 1 },
    { N: 2 ** 14, r: 8, p: -1 },
    { N: 2 ** 14 + 0.5, r: 8, p: 1 },
  ])('refuses an index that asks for the cost %j, at once', (cost) => {
    const index: unknown = JSON.parse(textOf(sealed.index));
    const hostile = utf8(
      canonicalText(
        JSON.parse(JSON.stringify(index), (key, value) => {
          return key === 'scrypt' ? { ...value, ...cost } : value;
        }),
      ),
    );
    const started = performance.now();
    expect(() => openKeyDirectory(hostile, PASSPHRASE)).toThrow('is malformed: scrypt');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('takes no cost by default that it would refuse to read', () => {
    expect(scryptSchema.safeParse({ ...SCRYPT_COST, salt: '00'.repeat(32) }).success).toBe(true);
  });
});

describe('holders', () => {
  it('have a file each', () => {
    expect(keyFileName(seat7)).toBe('seat-07.json');
    expect(keyFileName(seatHolder(asSeatId(100)))).toBe('seat-100.json');
    expect(keyFileName(asKeyHolder('submitter/acme'))).toBe('submitter-acme.json');
    expect(keyFileName(asKeyHolder('log/node-1'))).toBe('log-node-1.json');
  });

  it.each([
    '',
    'seat',
    'seat/',
    'seat/0',
    'seat/07',
    'seat/1000',
    'seat/x',
    'submitter/../../etc/passwd',
    'submitter/a/b',
    'submitter/.hidden',
    'submitter/A',
    'submitter/-a',
    `submitter/${'a'.repeat(64)}`,
    'submitter/a\n',
    'witness/a',
  ])('%j is none', (text) => {
    expect(() => asKeyHolder(text)).toThrow('expected a key holder');
  });

  it('get keys from 64 random bytes, the same from the same', () => {
    const seed = random(KEY_RANDOMNESS_BYTES);
    expect(makeKeys(seat7, seed, backends)).toEqual(makeKeys(seat7, seed, backends));
    expect(makeKeys(seat7, seed, backends)).not.toEqual(makeKeys(seat7, random(64), backends));
    expect(() => makeKeys(seat7, seed.subarray(1), backends)).toThrow('64 bytes of randomness');
  });

  it('that are seats have a BLS key whose possession is proved, and no others have one', () => {
    expect(keys.bls && backends.bls.verifyPossession(keys.bls.publicKey, keys.bls.possession)).toBe(true);
    expect(submitterKeys.bls).toBeNull();
  });
});
