// Blocks as they are published beside the log (`blocks/`, next to `tile/`): what a stranger needs in order to
// cut the leaves into blocks and execute them again (protocol 4.10), and to see who vouches for each tree head
// (protocol 7.1). One canonical JSON line a block; 64 blocks a file, under the names that tiles have: full
// files never change, a partial one says how many lines it holds.
import * as z from 'zod';
import type { Header } from '../consensus/block.ts';
import type { Certificate } from '../consensus/certificates.ts';
import { MAX_BLOCK_ENTRIES } from '../consensus/limits.ts';
import type { Quorum } from '../consensus/quorum.ts';
import { badInput, invariant } from '../errors.ts';
import { concat, utf8 } from '../signing/bytes.ts';
import { canonicalBytes, parseCanonical } from '../signing/canonical.ts';
import { commitSealSchema, headerSchema, sealOf } from './commit-seal.ts';
import type { Publication } from './tiled-log.ts';
import { type LogFile, type LogRead, numberedPath } from './tiles.ts';
import { MAX_LINKED_HEADERS } from './tree-head.ts';

export const BLOCKS_A_FILE = 64;
export const BLOCKS_FOLDER = 'blocks';

const NEWLINE = 0x0a;

const publishedBlock = z
  .strictObject({
    /** its own certificate, or that of the last of its suffix; null when a descendant's commits it */
    commit: commitSealSchema.nullable(),
    /** how many of the leaves it adds are entries; the rest were derived by executing it */
    entries: z.int().min(0).max(MAX_BLOCK_ENTRIES),
    header: headerSchema,
    /**
     * Of a block that ended its epoch, the headers of the blocks after it up to the one that `commit` is the certificate
     * of: they prove it and are no part of the chain (protocol 6.1). Absent everywhere else.
     */
    suffix: z.exactOptional(z.array(headerSchema).min(1).max(MAX_LINKED_HEADERS).readonly()),
  })
  .refine(
    ({ commit, suffix }) => suffix === undefined || commit !== null,
    'expected a certificate after the blocks that prove it',
  )
  .readonly();

export type PublishedBlock = z.infer<typeof publishedBlock>;

export function publishedBlockOf(
  header: Header,
  entries: number,
  commit: Certificate | null,
  quorum: Quorum,
  suffix: readonly Header[] = [],
): PublishedBlock {
  const seal = commit === null ? null : sealOf(commit, quorum);
  return { commit: seal, entries, header, ...(suffix.length === 0 ? {} : { suffix }) };
}

/** The last file of the published blocks, being written. */
export class PublishedBlocksWriter {
  #count: number;
  #lines: Uint8Array[];
  #files: LogFile[] = [];
  #outdated: string[] = [];

  private constructor(count: number, lines: Uint8Array[]) {
    this.#count = count;
    this.#lines = lines;
  }

  static empty(): PublishedBlocksWriter {
    return new PublishedBlocksWriter(0, []);
  }

  /** Goes on after `count` published blocks. */
  static resume(count: number, read: LogRead): PublishedBlocksWriter {
    const lines = linesOf(Math.floor(count / BLOCKS_A_FILE), count, read);
    return new PublishedBlocksWriter(count, [...lines]);
  }

  /** Blocks written so far, which is the height of the last. */
  get count(): number {
    return this.#count;
  }

  append(block: PublishedBlock): void {
    invariant(block.header.height === this.#count + 1, 'blocks are published by ascending height, each once');
    this.#lines.push(canonicalBytes(block));
    this.#count += 1;
    if (this.#lines.length < BLOCKS_A_FILE) return;
    const path = numberedPath(BLOCKS_FOLDER, this.#count / BLOCKS_A_FILE - 1);
    this.#files.push({ path, bytes: joined(this.#lines) });
    this.#outdated.push(`${path}.p`);
    this.#lines = [];
  }

  publish(): Publication {
    const files = this.#files;
    if (this.#lines.length > 0) files.push({ path: this.#partialPath(), bytes: joined(this.#lines) });
    const outdated = this.#outdated;
    this.#files = [];
    this.#outdated = [];
    return { size: this.#count, files, outdated };
  }

  #partialPath(): string {
    return partialPath(Math.floor(this.#count / BLOCKS_A_FILE), this.#lines.length);
  }
}

/** All published blocks by ascending height, for as long as there is a file with the next one. */
export function* publishedBlocks(read: LogRead): Generator<PublishedBlock> {
  for (let file = 0; ; file++) {
    const width = widthFound(file, read);
    for (const line of linesOf(file, file * BLOCKS_A_FILE + width, read)) yield parseBlock(line, file);
    if (width < BLOCKS_A_FILE) return;
  }
}

function parseBlock(line: Uint8Array, file: number): PublishedBlock {
  const result = publishedBlock.safeParse(parseCanonical(line));
  if (result.success) return result.data;
  const place = { file: numberedPath(BLOCKS_FOLDER, file) };
  throw badInput(`a published block is malformed: ${result.error.issues[0]?.message ?? ''}`, place);
}

/** The lines of a file, when `count` blocks are published in all. */
function linesOf(file: number, count: number, read: LogRead): readonly Uint8Array[] {
  const width = Math.min(BLOCKS_A_FILE, count - file * BLOCKS_A_FILE);
  if (width <= 0) return [];
  const full = read(numberedPath(BLOCKS_FOLDER, file));
  const path = full === undefined ? partialPath(file, width) : numberedPath(BLOCKS_FOLDER, file);
  const bytes = full ?? read(path);
  if (bytes === undefined) throw badInput(`the ledger lacks ${path}`, { file: path });
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, at));
    start = at + 1;
  }
  if (start !== bytes.length) throw badInput('the last line is cut short', { file: path });
  const expected = full === undefined ? width : BLOCKS_A_FILE;
  if (lines.length !== expected)
    throw badInput(`expected ${expected} blocks, found ${lines.length}`, { file: path });
  return lines.slice(0, width);
}

function widthFound(file: number, read: LogRead): number {
  if (read(numberedPath(BLOCKS_FOLDER, file)) !== undefined) return BLOCKS_A_FILE;
  for (let width = BLOCKS_A_FILE - 1; width > 0; width--) {
    if (read(partialPath(file, width)) !== undefined) return width;
  }
  return 0;
}

function partialPath(file: number, width: number): string {
  return width === BLOCKS_A_FILE
    ? numberedPath(BLOCKS_FOLDER, file)
    : `${numberedPath(BLOCKS_FOLDER, file)}.p/${width}`;
}

const joined = (lines: readonly Uint8Array[]): Uint8Array =>
  concat(...lines.flatMap((line) => [line, utf8('\n')]));
