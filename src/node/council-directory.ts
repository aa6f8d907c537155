// A council's directory, `--data DIR`: how it is founded and how it is opened.
//
//   genesis.json   the founding documents; written last, so that where it stands everything else does
//   keys/          key files and their index (signing/key-file.ts)
//   store/         what the node must not forget (storage/)
//   dossiers/      confidential files of cases
//   ledger/        the published ledger: checkpoint, tile/, blocks/
//   certificates/  certificates and proofs
//   running/       which process has it open (directory-lock.ts)
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Charter, readCharter } from '../council/charter.ts';
import { type Founding, found, foundingBytes, parseFounding } from '../council/genesis.ts';
import { FIRST_EPOCH, type RosterSeat } from '../council/roster.ts';
import { badInput, ConclaveError } from '../errors.ts';
import type { Bls } from '../signing/bls.ts';
import { toBase64, toHex } from '../signing/bytes.ts';
import { fastestEd25519 } from '../signing/ed25519-fastest.ts';
import {
  KEY_INDEX_NAME,
  type KeyDirectory,
  openKeyDirectory,
  sealedKeyDirectory,
  trialKeyDirectory,
} from '../signing/key-file.ts';
import {
  asKeyHolder,
  type HeldKeys,
  KEY_RANDOMNESS_BYTES,
  type KeyHolder,
  keyFileName,
  makeKeys,
  seatHolder,
} from '../signing/key-holder.ts';
import { CouncilStore, lost } from '../storage/council-store.ts';
import { DiskFolder } from '../storage/folder.ts';
import { DATA_FILE, LmdbStore } from '../storage/lmdb-store.ts';
import { fastestBls } from './signing/notary.ts';

export const GENESIS_FILE = 'genesis.json';
export const LOG_HOLDER: KeyHolder = asKeyHolder('log/main');

export interface DirectoryPaths {
  readonly root: string;
  readonly genesis: string;
  readonly keys: string;
  readonly store: string;
  readonly dossiers: string;
  readonly ledger: string;
  readonly certificates: string;
  readonly running: string;
}

export function pathsOf(root: string): DirectoryPaths {
  const at = (name: string): string => join(root, name);
  return {
    root,
    genesis: at(GENESIS_FILE),
    keys: at('keys'),
    store: at('store'),
    dossiers: at('dossiers'),
    ledger: at('ledger'),
    certificates: at('certificates'),
    running: at('running'),
  };
}

/** A seat as it will stand in the roster, but for its keys, which are made here. */
export type SeatToFound = Omit<RosterSeat, 'node' | 'ed25519' | 'bls' | 'possession'>;

/** A charter whose submitters may have no key yet: theirs are made here too. */
export type CharterToFound = Omit<Charter, 'submitters'> & {
  readonly submitters: readonly { readonly id: string; readonly quota: number; readonly ed25519?: string }[];
};

export interface FoundingPlan {
  readonly charter: CharterToFound;
  readonly seats: readonly SeatToFound[];
  /** the name of the one machine that hosts them all */
  readonly node: string;
  /** without one the key files are plain, and say so: only for a trial */
  readonly passphrase?: string;
  readonly nowMs: number;
}

export function isFounded(root: string): boolean {
  return existsSync(pathsOf(root).genesis);
}

/**
 * Founds an embedded council: one machine hosts every seat, so its roster is marked as a trial (protocol 6.2).
 * Crash anywhere before the last write: there is no genesis, so nothing was founded, and founding may begin again.
 */
export async function foundCouncil(root: string, plan: FoundingPlan): Promise<Founding> {
  const paths = pathsOf(root);
  if (isFounded(root)) throw badInput('this directory holds a council already', { file: paths.genesis });
  const make = keyMaker(await fastestBls());
  const seats = plan.seats.map((seat) => ({ seat, keys: make(seatHolder(seat.seat)) }));
  const submitters = submittersOf(plan.charter, make);
  const charter = readCharter({ ...plan.charter, submitters: submitters.entries });
  const roster = {
    epoch: FIRST_EPOCH,
    trial: true,
    seats: seats.map(({ seat, keys }) => rosterSeat(seat, keys, plan.node)),
  };
  const founding = found({ charter, roster, createdMs: plan.nowMs, nonce: toHex(randomBytes(32)) });

  const made = [...seats.map(({ keys }) => keys), ...submitters.made, make(LOG_HOLDER)];
  await writeKeys(paths.keys, made, plan.passphrase);
  await beginStore(paths.store, founding);
  await new DiskFolder(root).write([{ path: GENESIS_FILE, bytes: foundingBytes(founding) }]);
  return founding;
}

export type KeyMaker = (holder: KeyHolder) => HeldKeys;

export function keyMaker(bls: Bls): KeyMaker {
  return (holder) => makeKeys(holder, randomBytes(KEY_RANDOMNESS_BYTES), { ed25519: fastestEd25519, bls });
}

/** The charter's submitters, and the keys of those who had none. */
export function submittersOf({ submitters }: CharterToFound, make: KeyMaker) {
  const made: HeldKeys[] = [];
  const entries = submitters.map((submitter) => {
    if (submitter.ed25519 !== undefined) return { ...submitter, ed25519: submitter.ed25519 };
    const keys = make(submitterHolder(submitter.id));
    made.push(keys);
    return { ...submitter, ed25519: toBase64(keys.ed25519.publicKey) };
  });
  return { entries, made };
}

export function rosterSeat(seat: SeatToFound, keys: HeldKeys, node: string): RosterSeat {
  return { ...seat, node, ...publicPartOf(keys) };
}

/** What stands in a roster for keys that a seat holds. */
export function publicPartOf({
  holder,
  ed25519,
  bls,
}: HeldKeys): Pick<RosterSeat, 'ed25519' | 'bls' | 'possession'> {
  if (bls === null) throw new ConclaveError('internal', `${holder} holds no BLS key`);
  return {
    ed25519: toBase64(ed25519.publicKey),
    bls: toBase64(bls.publicKey),
    possession: toBase64(bls.possession),
  };
}

/** Plain where there is no passphrase, and each file says so. */
export async function writeKeys(
  folder: string,
  keys: readonly HeldKeys[],
  passphrase: string | undefined,
): Promise<void> {
  const random = (bytes: number): Uint8Array => randomBytes(bytes);
  const { index, directory } =
    passphrase === undefined ? trialKeyDirectory() : sealedKeyDirectory(passphrase, random);
  const files = keys.map((held) => ({
    path: keyFileName(held.holder),
    bytes: directory.encode(held, random),
  }));
  await new DiskFolder(folder, { secret: true }).write([{ path: KEY_INDEX_NAME, bytes: index }, ...files]);
}

/** Once this is written, an empty store is a store that lost something. */
export async function beginStore(folder: string, { councilId }: Founding): Promise<void> {
  const store = new CouncilStore(LmdbStore.open(folder));
  const batch = store.batch();
  batch.found(councilId);
  store.write(batch);
  await store.close();
}

/** An opened directory, but for its store. */
export interface OpenedDirectory extends KeyFolder {
  readonly paths: DirectoryPaths;
  readonly founding: Founding;
}

/** A folder of key files, whose passphrase is asked for when the first one is read. */
export interface KeyFolder {
  keysOf(holder: KeyHolder): HeldKeys;
}

export function openDirectory(root: string, bls: Bls, passphrase?: string): OpenedDirectory {
  const paths = pathsOf(root);
  const genesis = new DiskFolder(root).read(GENESIS_FILE);
  if (genesis === undefined) throw badInput('expected a council, found none', { file: paths.genesis });
  return { paths, founding: parseFounding(genesis), ...openKeyFolder(paths.keys, bls, passphrase) };
}

export function openKeyFolder(folder: string, bls: Bls, passphrase?: string): KeyFolder {
  const files = new DiskFolder(folder);
  let directory: KeyDirectory | undefined;
  return {
    keysOf(holder) {
      directory ??= openKeyDirectory(requireFile(files, folder, KEY_INDEX_NAME), passphrase);
      const bytes = requireFile(files, folder, keyFileName(holder));
      return directory.decode(holder, bytes, { ed25519: fastestEd25519, bls });
    },
  };
}

/** The store of a founded council. LMDB would make an empty one where none is, which is the last thing wanted. */
export function openStore({ store }: DirectoryPaths): LmdbStore {
  if (!existsSync(join(store, DATA_FILE))) {
    throw lost(`there is no store at ${store}, and this council has had one`);
  }
  return LmdbStore.open(store);
}

export function submitterHolder(id: string): KeyHolder {
  return asKeyHolder(`submitter/${id}`);
}

function requireFile(folder: DiskFolder, path: string, name: string): Uint8Array {
  const bytes = folder.read(name);
  if (bytes === undefined) throw badInput('expected a key file, found none', { file: join(path, name) });
  return bytes;
}
