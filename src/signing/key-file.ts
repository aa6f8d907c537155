// The key files of a council's directory, as bytes; reading and writing them is the node's. An index says how the
// directory is protected: a trial council's keys are plain and marked so, a real council's are sealed under a
// passphrase (key-seal.ts). What is public in a file is bound to its secrets, so files cannot be swapped or mixed.
//
//   index.json     {check, format, protection, scrypt}
//   seat-07.json   {bls: {possession, public}, ed25519: {public}, format, holder, protection, sealed | secrets}
//   node-a.json    the same with bls null and x25519: {public}
import * as z from 'zod';
import { badInput, type ConclaveError } from '../errors.ts';
import type { Bls } from './bls.ts';
import { equalBytes, fromBase64, toBase64, toHex } from './bytes.ts';
import { canonicalBytes, parseCanonical } from './canonical.ts';
import type { Ed25519 } from './ed25519.ts';
import { boxKeysOf, type HeldKeys, type KeyHolder, keyFileName } from './key-holder.ts';
import {
  deriveKey,
  KEY_SALT_BYTES,
  type Randomness,
  SCRYPT_COST,
  scryptSchema,
  seal,
  sealedSchema,
  unseal,
} from './key-seal.ts';

export const KEY_INDEX_NAME = 'index.json';

const INDEX_FORMAT = 'conclave/keys/v1';
const FILE_FORMAT = 'conclave/key/v1';
const TRIAL = 'none-trial';
const SEALED = 'scrypt-xchacha20poly1305';

/** An honest file is a fifth of it. */
const MOST_FILE_BYTES = 8192;

export type Protection = typeof TRIAL | typeof SEALED;

/** An opened directory: writes its files and reads them. */
export interface KeyDirectory {
  readonly protection: Protection;
  encode(keys: HeldKeys, random: Randomness): Uint8Array;
  /** Refuses a file that is malformed, altered, another holder's, or of another directory. */
  decode(holder: KeyHolder, bytes: Uint8Array, backends: Backends): HeldKeys;
}

/** Used to check that a file's public keys are those of its secrets. */
export interface Backends {
  readonly ed25519: Ed25519;
  readonly bls: Bls;
}

/** A new directory: its index is to be written once, beside the files. */
export interface NewKeyDirectory {
  readonly index: Uint8Array;
  readonly directory: KeyDirectory;
}

/** For a trial council only: whoever reads the files has the keys, and every file says so. */
export function trialKeyDirectory(): NewKeyDirectory {
  return {
    index: canonicalBytes({ format: INDEX_FORMAT, protection: TRIAL }),
    directory: directoryOf(undefined),
  };
}

export function sealedKeyDirectory(
  passphrase: string,
  random: Randomness,
  cost: { readonly N: number; readonly r: number; readonly p: number } = SCRYPT_COST,
): NewKeyDirectory {
  const bound = {
    format: INDEX_FORMAT,
    protection: SEALED,
    scrypt: scryptSchema.parse({ ...cost, salt: toHex(random(KEY_SALT_BYTES)) }),
  };
  const key = deriveKey(passphrase, bound.scrypt);
  // Sealing nothing proves the passphrase, so that a wrong one is told from a damaged file.
  const check = seal(key, canonicalBytes(bound), new Uint8Array(0), random);
  return { index: canonicalBytes({ ...bound, check }), directory: directoryOf(key) };
}

/** Opens a directory by its index. The passphrase is asked for only when `protectionOf` says sealed. */
export function openKeyDirectory(index: Uint8Array, passphrase?: string): KeyDirectory {
  const parsed = parseIndex(index);
  if (parsed.protection === TRIAL) return directoryOf(undefined);
  const { check, ...bound } = parsed;
  if (passphrase === undefined) throw badInput('expected a passphrase: the key directory is sealed');
  const key = deriveKey(passphrase, bound.scrypt);
  if (unseal(key, canonicalBytes(bound), check) === undefined) {
    throw badInput(`wrong passphrase for the key directory, or its ${KEY_INDEX_NAME} was altered`);
  }
  return directoryOf(key);
}

export function protectionOf(index: Uint8Array): Protection {
  return parseIndex(index).protection;
}

const indexSchema = z.discriminatedUnion('protection', [
  z.strictObject({ format: z.literal(INDEX_FORMAT), protection: z.literal(TRIAL) }),
  z.strictObject({
    check: sealedSchema,
    format: z.literal(INDEX_FORMAT),
    protection: z.literal(SEALED),
    scrypt: scryptSchema,
  }),
]);

const base64 = z.string().max(256);
const publicFields = {
  bls: z.strictObject({ possession: base64, public: base64 }).nullable(),
  ed25519: z.strictObject({ public: base64 }),
  format: z.literal(FILE_FORMAT),
  holder: z.string().max(128),
  x25519: z.exactOptional(z.strictObject({ public: base64 })),
};
const secretsSchema = z.strictObject({
  bls: base64.nullable(),
  ed25519: base64,
  x25519: z.exactOptional(base64),
});
const fileSchema = z.discriminatedUnion('protection', [
  z.strictObject({ ...publicFields, protection: z.literal(TRIAL), secrets: secretsSchema }),
  z.strictObject({ ...publicFields, protection: z.literal(SEALED), sealed: sealedSchema }),
]);

type KeyFile = z.infer<typeof fileSchema>;
type Secrets = z.infer<typeof secretsSchema>;

function parseIndex(bytes: Uint8Array): z.infer<typeof indexSchema> {
  return parse(indexSchema, bytes, `the key directory's ${KEY_INDEX_NAME}`);
}

function directoryOf(key: Uint8Array | undefined): KeyDirectory {
  const protection = key === undefined ? TRIAL : SEALED;
  return {
    protection,
    encode(keys, random) {
      const open = publicPart(keys, protection);
      const secrets = secretPart(keys);
      if (key === undefined) return canonicalBytes({ ...open, secrets });
      return canonicalBytes({
        ...open,
        sealed: seal(key, canonicalBytes(open), canonicalBytes(secrets), random),
      });
    },
    decode(holder, bytes, backends) {
      const name = keyFileName(holder);
      const file = parse(fileSchema, bytes, `key file ${name}`);
      if (file.holder !== holder) throw badInput(`expected ${name} to be of ${holder}, found ${file.holder}`);
      // A plain file in a sealed directory was put there by somebody who could not seal it.
      if (file.protection !== protection) {
        throw badInput(`expected ${name} with protection ${protection}, found ${file.protection}`);
      }
      return heldKeys(holder, file, secretsOf(file, key, name), backends);
    },
  };
}

function publicPart({ holder, ed25519, bls, x25519 }: HeldKeys, protection: Protection) {
  return {
    bls: bls && { possession: toBase64(bls.possession), public: toBase64(bls.publicKey) },
    ed25519: { public: toBase64(ed25519.publicKey) },
    format: FILE_FORMAT,
    holder,
    protection,
    ...(x25519 === undefined ? {} : { x25519: { public: toBase64(x25519.publicKey) } }),
  };
}

function secretPart({ ed25519, bls, x25519 }: HeldKeys): Secrets {
  return {
    bls: bls && toBase64(bls.secret),
    ed25519: toBase64(ed25519.secret),
    ...(x25519 === undefined ? {} : { x25519: toBase64(x25519.secret) }),
  };
}

function secretsOf(file: KeyFile, key: Uint8Array | undefined, name: string): Secrets {
  if (file.protection === TRIAL) return file.secrets;
  const { sealed, ...bound } = file;
  const secret = key && unseal(key, canonicalBytes(bound), sealed);
  if (secret === undefined) throw badInput(`key file ${name} was altered, or is of another directory`);
  return parse(secretsSchema, secret, `the secrets of ${name}`);
}

/** The proof of possession is not checked here: whoever reads the roster does, once (protocol 2.3). */
function heldKeys(holder: KeyHolder, file: KeyFile, secrets: Secrets, backends: Backends): HeldKeys {
  const ed25519 = { secret: fromBase64(secrets.ed25519), publicKey: fromBase64(file.ed25519.public) };
  if (!equalBytes(backends.ed25519.publicKeyOf(ed25519.secret), ed25519.publicKey)) throw mismatch(holder);
  const boxes = boxKeysIn(holder, file, secrets);
  if (file.bls === null && secrets.bls === null) return { holder, ed25519, bls: null, ...boxes };
  if (file.bls === null || secrets.bls === null) throw mismatch(holder);
  const bls = { secret: fromBase64(secrets.bls), publicKey: fromBase64(file.bls.public) };
  if (!equalBytes(backends.bls.publicKeyOf(bls.secret), bls.publicKey)) throw mismatch(holder);
  return { holder, ed25519, bls: { ...bls, possession: fromBase64(file.bls.possession) } };
}

/** A node has them and nobody else does. */
function boxKeysIn(holder: KeyHolder, file: KeyFile, secrets: Secrets): Pick<HeldKeys, 'x25519'> {
  const expected = holder.startsWith('node/');
  if ((file.x25519 !== undefined) !== expected || (secrets.x25519 !== undefined) !== expected)
    throw mismatch(holder);
  if (file.x25519 === undefined || secrets.x25519 === undefined) return {};
  const x25519 = boxKeysOf(fromBase64(secrets.x25519));
  if (!equalBytes(x25519.publicKey, fromBase64(file.x25519.public))) throw mismatch(holder);
  return { x25519 };
}

function mismatch(holder: KeyHolder): ConclaveError {
  return badInput(`key file ${keyFileName(holder)}: its public keys are not those of its secrets`);
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  if (bytes.length > MOST_FILE_BYTES)
    throw malformed(what, `at most ${MOST_FILE_BYTES} bytes, found ${bytes.length}`);
  const { success, data, error } = schema.safeParse(parseCanonical(bytes));
  if (success) return data;
  const issue = error.issues[0];
  throw malformed(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'another shape'}`);
}

function malformed(what: string, why: string): ConclaveError {
  return badInput(`${what} is malformed: ${why}`);
}
