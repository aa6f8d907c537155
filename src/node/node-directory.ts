// The directory a node runs on: one founded council holds one for each of its nodes, and each may be taken elsewhere.
// Which node it is, its key files say; nothing but them could sign for its seats anyway.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Founding } from '../council/genesis.ts';
import { badInput, ConclaveError } from '../errors.ts';
import { asSeatId, MAX_SEATS, type SeatId } from '../signing/seat-id.ts';
import { isFounded, pathsOf } from './council-directory.ts';
import { NODES_FOLDER } from './founding.ts';

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

/** The keys must be those the roster in force names; where no seat of it is here, this is another council's directory. */
export function requireMember({ roster }: Pick<Founding, 'roster'>, { name, root }: NodePlace): void {
  if (roster.nodes === undefined || roster.nodes.some((node) => node.name === name)) return;
  throw badInput(`the roster names no node "${name}"`, { file: root });
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
