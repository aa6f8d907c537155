// The files of a published ledger, looked at when a node starts (protocol 7.1): is everything there that the checkpoint
// names? What is not is made again from the store.
import { basename, dirname } from 'node:path/posix';
import { leafHash } from '../ledger/merkle.ts';
import { BLOCKS_A_FILE, BLOCKS_FOLDER, PublishedBlocksWriter } from '../ledger/published-blocks.ts';
import type { TiledLog } from '../ledger/tiled-log.ts';
import { type LogRead, numberedPath, partialsOf, TILE_WIDTH, tilePath } from '../ledger/tiles.ts';
import { equalBytes } from '../signing/bytes.ts';
import type { Folder } from '../storage/folder.ts';

/** Looked for by name only: what is full was synced when it was written, and is never written again. */
export async function lacksFullFiles(folder: Folder, size: number, height: number): Promise<boolean> {
  const wanted = new Map<string, string[]>();
  for (const path of fullFilesOf(size, height)) {
    const parent = dirname(path);
    const files = wanted.get(parent) ?? [];
    files.push(basename(path));
    wanted.set(parent, files);
  }
  for (const [parent, files] of wanted) {
    const there = new Set(await folder.names(parent));
    if (files.some((name) => !there.has(name))) return true;
  }
  return false;
}

/** What is there of the files at the right edge, also of publications that a crash cut short. */
export async function partialFiles(folder: Folder, size: number, height: number): Promise<readonly string[]> {
  const folders = [partialsOf('entries', Math.floor(size / TILE_WIDTH)), partialBlocksOf(height)];
  for (let level = 0; TILE_WIDTH ** level <= size; level++) {
    folders.push(partialsOf(level, Math.floor(size / TILE_WIDTH ** (level + 1))));
  }
  const names = await Promise.all(folders.map((path) => folder.names(path)));
  return folders.flatMap((path, i) => (names[i] ?? []).map((name) => `${path}/${name}`));
}

/** What a ledger of so many entries and blocks has filled: bundles, tiles of every level, files of blocks. */
function* fullFilesOf(size: number, height: number): Generator<string> {
  for (let index = 0; index < Math.floor(height / BLOCKS_A_FILE); index++)
    yield numberedPath(BLOCKS_FOLDER, index);
  for (let index = 0; index < Math.floor(size / TILE_WIDTH); index++) yield tilePath('entries', index);
  for (let level = 0; TILE_WIDTH ** (level + 1) <= size; level++) {
    const count = Math.floor(size / TILE_WIDTH ** (level + 1));
    for (let index = 0; index < count; index++) yield tilePath(level, index);
  }
}

/** The last bundle holds the entries whose hashes the tile above it holds; the root vouches for those. */
export function isEdgeWhole(log: TiledLog): boolean {
  const index = Math.floor(log.size / TILE_WIDTH);
  const hashes = log.tile(0, index);
  return log.bundle(index).every((entry, i) => equalBytes(leafHash(entry), hashes[i] ?? entry));
}

/** Is the block the last line of a published file, or one of a full file? */
export function isPublished(height: number, read: LogRead): boolean {
  try {
    return PublishedBlocksWriter.resume(height, read).count === height;
  } catch {
    return false;
  }
}

function partialBlocksOf(height: number): string {
  return `${numberedPath(BLOCKS_FOLDER, Math.floor(height / BLOCKS_A_FILE))}.p`;
}
