// The keys of a node's seats over the epochs (protocol 6.1). A chair keeps its founding key file, `keys/seat-07.json`; a key
// that it is given later lies beside it as `keys/rotated/seat-07-<digest of the public key>.json`, so that the old one
// stays for what is still signed with it (ballots of cases in flight), and a key is on disk before any roster names it.
import { randomBytes } from 'node:crypto';
import type { RosterSeat } from '../../council/roster.ts';
import { badInput } from '../../errors.ts';
import type { Bls } from '../../signing/bls.ts';
import { fromBase64, toBase64 } from '../../signing/bytes.ts';
import { digestOfBytes } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { KEY_INDEX_NAME, type KeyDirectory, openKeyDirectory } from '../../signing/key-file.ts';
import { type HeldKeys, keyFileName, seatHolder } from '../../signing/key-holder.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { DiskFolder } from '../../storage/folder.ts';
import { keyMaker } from '../council-directory.ts';

const ROTATED_FOLDER = 'rotated';
const DIGEST_CHARS = 16;

export interface SeatKeysOptions {
  /** of key files, with their index */
  readonly folder: string;
  readonly passphrase?: string;
}

export class SeatKeys {
  readonly #folder: string;
  readonly #files: DiskFolder;
  readonly #passphrase: string | undefined;
  readonly #bls: Bls;
  #directory: KeyDirectory | undefined;

  constructor({ folder, passphrase }: SeatKeysOptions, { bls }: { readonly bls: Bls }) {
    this.#folder = folder;
    this.#files = new DiskFolder(folder, { secret: true });
    this.#passphrase = passphrase;
    this.#bls = bls;
  }

  /** Those that the chair names; undefined where they are not here. Looked for on disk each time. */
  keysFor({ seat, ed25519, bls }: Pick<RosterSeat, 'seat' | 'ed25519' | 'bls'>): HeldKeys | undefined {
    const holder = seatHolder(seat);
    for (const name of [rotatedName(seat, ed25519), keyFileName(holder)]) {
      const bytes = this.#files.read(name);
      if (bytes === undefined) continue;
      const keys = this.#opened().decode(holder, bytes, { ed25519: fastestEd25519, bls: this.#bls });
      if (toBase64(keys.ed25519.publicKey) !== ed25519) continue;
      if (keys.bls !== null && toBase64(keys.bls.publicKey) === bls) return keys;
    }
    return undefined;
  }

  /** What the seat signs with: for whoever asks by the roster of an epoch (own-seats.ts). */
  readonly secretsFor = (
    chair: Pick<RosterSeat, 'seat' | 'ed25519' | 'bls'>,
  ): { readonly ed25519: Uint8Array; readonly bls: Uint8Array } | undefined => {
    const keys = this.keysFor(chair);
    if (keys === undefined || keys.bls === null) return undefined;
    return { ed25519: keys.ed25519.secret, bls: keys.bls.secret };
  };

  /** New keys for a chair, in memory only: nobody may be told of them before they are kept. */
  make(seat: SeatId): HeldKeys {
    return keyMaker(this.#bls)(seatHolder(seat));
  }

  /** Durable when it resolves. */
  async keep(seat: SeatId, keys: HeldKeys): Promise<void> {
    const bytes = this.#opened().encode(keys, (count) => randomBytes(count));
    // Crash here: nothing was said of these keys. Crash after it: a key file that no roster names, and that does no harm.
    await this.#files.write([{ path: rotatedName(seat, toBase64(keys.ed25519.publicKey)), bytes }]);
  }

  #opened(): KeyDirectory {
    const index = this.#files.read(KEY_INDEX_NAME);
    if (index === undefined) throw badInput('expected key files, found none', { file: this.#folder });
    this.#directory ??= openKeyDirectory(index, this.#passphrase);
    return this.#directory;
  }
}

function rotatedName(seat: SeatId, ed25519: string): string {
  const digest = digestOfBytes(fromBase64(ed25519)).slice(0, DIGEST_CHARS);
  return `${ROTATED_FOLDER}/${keyFileName(seatHolder(seat)).replace(/\.json$/, '')}-${digest}.json`;
}
