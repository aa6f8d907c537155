// The directory a node runs on: one founded council holds one for each of its nodes, and each may be taken elsewhere.
// Which node it is, its key files say; nothing but them could sign for its seats anyway.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { seatOf } from '../../council/roster.ts';
import { badInput, ConclaveError } from '../../errors.ts';
import { toBase64 } from '../../signing/bytes.ts';
import { type KeyPair, seatHolder } from '../../signing/key-holder.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../../signing/seat-id.ts';
import { isFounded, LOG_HOLDER, type OpenedDirectory, pathsOf } from '../council-directory.ts';
import type { EndorsingKeys } from '../signing/notary.ts';
import { NODES_FOLDER, nodeHolder } from './founding.ts';

export interface NodePlace {
  readonly root: string;
  readonly name: string;
  /** whose keys lie here, ascending */
  readonly seats: readonly SeatId[];
}

/** `folder` may be the founded council or one node's own directory; the seats must be exactly those asked for. */
export function findNode(folder: string, asked: readonly SeatId[]): NodePlace {
  const root = resolve(folder);
  if (!isFounded(root)) throw badInput('expected a council, found none', { file: pathsOf(root).genesis });
  const own = placeAt(root);
  const places = own === undefined ? placesIn(root) : [own];
  if (places.length === 0) {
    throw badInput(
      'expected a council of several nodes, found one that a single process hosts: conclave init DIR --nodes 4 founds one',
      { file: root },
    );
  }
  const found = places.find(({ seats }) => sameSeats(seats, asked));
  if (found !== undefined) return found;
  const there = places.map(({ name, seats }) => `${name} has ${spelled(seats)}`).join('; ');
  throw new ConclaveError('usage', `no node in ${root} has exactly the seats ${spelled(asked)}: ${there}`);
}

/** The secrets a node starts with. */
export interface NodeKeys {
  readonly secrets: ReadonlyMap<SeatId, Uint8Array>;
  readonly endorsing: readonly EndorsingKeys[];
  readonly log: KeyPair;
  /** what is confidential is encrypted to */
  readonly box: KeyPair;
}

/** Refuses keys that the roster does not name: nobody would count what they sign. */
export function nodeKeys({ founding, keysOf }: OpenedDirectory, { root, name, seats }: NodePlace): NodeKeys {
  const { roster } = founding;
  const node = roster.nodes?.find((each) => each.name === name);
  if (node === undefined) throw badInput(`the roster names no node "${name}"`, { file: root });
  const { x25519: box } = keysOf(nodeHolder(name));
  if (box === undefined || toBase64(box.publicKey) !== node.x25519)
    throw badInput(`the key of ${name} is not the one in the roster`, { file: root });
  const held = seats.map((seat) => {
    const { ed25519, bls } = keysOf(seatHolder(seat));
    const chair = seatOf(roster, seat);
    if (chair === undefined) throw badInput(`this council has no seat ${seat}`, { file: root });
    if (chair.node !== name)
      throw badInput(`seat ${seat} sits at ${chair.node}, not at ${name}`, { file: root });
    if (
      bls === null ||
      toBase64(ed25519.publicKey) !== chair.ed25519 ||
      toBase64(bls.publicKey) !== chair.bls
    )
      throw badInput(`the keys of seat ${seat} are not those in the roster`, { file: root });
    return { seat, ed25519: ed25519.secret, bls: bls.secret };
  });
  return {
    secrets: new Map(held.map(({ seat, ed25519 }) => [seat, ed25519])),
    endorsing: held,
    log: keysOf(LOG_HOLDER).ed25519,
    box,
  };
}

function placesIn(root: string): NodePlace[] {
  const folder = join(root, NODES_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => placeAt(join(folder, name)) ?? []);
}

function placeAt(root: string): NodePlace | undefined {
  const { keys } = pathsOf(root);
  if (!existsSync(keys)) return undefined;
  const files = readdirSync(keys);
  const [name] = files.flatMap((file) => /^node-([a-z0-9-]+)\.json$/.exec(file)?.[1] ?? []);
  if (name === undefined) return undefined;
  const seats = files
    .flatMap((file) => /^seat-(\d{2,3})\.json$/.exec(file)?.[1] ?? [])
    .map(Number)
    .filter((seat) => seat >= 1 && seat <= MAX_SEATS)
    .sort((a, b) => a - b)
    .map(asSeatId);
  return { root, name, seats };
}

function sameSeats(a: readonly SeatId[], b: readonly SeatId[]): boolean {
  return a.length === b.length && a.every((seat, i) => seat === b[i]);
}

function spelled(seats: readonly SeatId[]): string {
  return seats.length === 0 ? 'none' : seats.join(', ');
}
