// The bytes of a file of verdicts as they are read: hashed, unzipped where they are zipped, cut at line ends and held to be
// UTF-8. Nothing here holds the file: it may be larger than memory.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { badInput, reasonOf } from '../../errors.ts';

export const MAX_LINE_BYTES = 1024 * 1024;

const CHUNK_BYTES = 256 * 1024;

const NEWLINE = 0x0a;

/** How a gzip file begins (RFC 1952). */
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Where reading is. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export class VerdictFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #size: number;
  readonly #hash = createHash('sha256');

  private constructor(file: string, handle: FileHandle, size: number) {
    this.#file = file;
    this.#handle = handle;
    this.#size = size;
  }

  static async open(file: string): Promise<VerdictFile> {
    let handle: FileHandle;
    try {
      // Not blocking, so that a pipe put where a file should be does not hold the process.
      handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (cause) {
      throw badInput(`expected a readable file: ${reasonOf(cause)}`, { file });
    }
    const stat = await handle.stat();
    if (stat.isFile()) return new VerdictFile(file, handle, stat.size);
    await handle.close();
    throw badInput('expected a file, found something else', { file });
  }

  /** The bytes, unzipped. */
  async *chunks(): AsyncGenerator<Buffer> {
    if (!this.#file.endsWith('.gz')) {
      yield* this.#plain();
      return;
    }
    const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
    // Whatever goes wrong comes out of `unzip` as well.
    pipeline(this.#raw(), unzip, () => {});
    try {
      for await (const chunk of unzip) yield chunk;
    } catch (cause) {
      throw badInput(`expected a whole gzip file: ${reasonOf(cause)}`, { file: this.#file });
    }
    // Node leaves aside what follows zeros after the end; verdicts might.
    if (unzip.bytesWritten !== this.#size) {
      throw badInput(
        `expected a whole gzip file, found ${this.#size - unzip.bytesWritten} bytes after its end`,
        { file: this.#file },
      );
    }
  }

  /** SHA-256 of the file's bytes, when all of them were read. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async *#plain(): AsyncGenerator<Buffer> {
    let first = true;
    for await (const chunk of this.#raw()) {
      if (first && chunk.subarray(0, GZIP.length).equals(GZIP)) {
        throw badInput('expected plain text, found gzip: its name should end in .gz', { file: this.#file });
      }
      first = false;
      yield chunk;
    }
  }

  async *#raw(): AsyncGenerator<Buffer> {
    const stream = this.#handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false });
    for await (const chunk of stream) {
      this.#hash.update(chunk);
      yield chunk;
    }
  }
}

/** The same bytes in blocks that end where a line ends. `linesBefore` says how many lines the blocks so far held. */
export async function* wholeLines(
  chunks: AsyncIterable<Buffer>,
  file: string,
  linesBefore: () => number,
): AsyncGenerator<Buffer> {
  const checked = (block: Buffer): Buffer => {
    if (!isUtf8(block)) {
      throw badInput('expected UTF-8 text', { file, line: linesBefore() + lineOfBadUtf8(block) });
    }
    return block;
  };
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      yield checked(Buffer.concat([...held, chunk.subarray(0, end)]));
      held = [];
      heldBytes = 0;
    }
    if (end === chunk.length) continue;
    held.push(chunk.subarray(end));
    heldBytes += chunk.length - end;
    if (heldBytes > MAX_LINE_BYTES) throw lineTooLong({ file, line: linesBefore() + 1 });
  }
  if (heldBytes > 0) yield checked(Buffer.concat(held));
}

export function lineTooLong(place: Place): Error {
  return badInput(`expected lines of at most ${MAX_LINE_BYTES} bytes, found a longer one`, place);
}

export function linesIn(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(NEWLINE); at >= 0; at = block.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** Counted from 1; a line feed is never part of a longer character. */
function lineOfBadUtf8(block: Buffer): number {
  let line = 1;
  for (let start = 0; start < block.length; line++) {
    const feed = block.indexOf(NEWLINE, start);
    const end = feed < 0 ? block.length : feed;
    if (!isUtf8(block.subarray(start, end))) return line;
    start = end + 1;
  }
  return line;
}
