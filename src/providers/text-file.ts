// Files that people hand us, read at the door: bounded, whole, in UTF-8 and free of characters that show
// something else than they are. Whatever is wrong is said with file and line.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { DECEPTIVE } from '../council/field-rules.ts';
import { badInput, ConclaveError } from '../errors.ts';

/** The text of a file with LF line ends and without a byte order mark. */
export function readTextFile(file: string, maxBytes: number): string {
  const bytes = readBounded(file, maxBytes);
  const text = decoded(bytes, file).replace(/\r\n?/g, '\n');
  refuseDeceptive(text, file);
  return text;
}

/** Names the first character that a reader would not see as what it is, if there is one. */
export function deceptiveCharacter(text: string): { readonly name: string; readonly at: number } | undefined {
  const found = DECEPTIVE.exec(text);
  if (found === null) return undefined;
  const code = found[0].codePointAt(0) ?? 0;
  return { name: `U+${code.toString(16).toUpperCase().padStart(4, '0')}`, at: found.index };
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function refuseDeceptive(text: string, file: string): void {
  const found = deceptiveCharacter(text);
  if (found === undefined) return;
  throw badInput(
    `expected text that shows what it holds, found the control or invisible character ${found.name}`,
    { file, line: lineAt(text, found.at) },
  );
}

/** The bytes of a file that is a file and holds no more than it should. */
export function readBounded(file: string, maxBytes: number): Uint8Array {
  // Not blocking, so that a pipe put where a file should be does not hold the process.
  const opened = attempt(file, () => openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const stat = fstatSync(opened);
    if (!stat.isFile()) throw badInput('expected a file, found something else', { file });
    if (stat.size > maxBytes) {
      throw badInput(`expected at most ${maxBytes} bytes, found ${stat.size}`, { file });
    }
    // One byte more than was promised, to notice a file that grows while it is read.
    const bytes = Buffer.alloc(stat.size + 1);
    let length = 0;
    for (;;) {
      const read = attempt(file, () => readSync(opened, bytes, length, bytes.length - length, null));
      length += read;
      if (read === 0 || length > stat.size) break;
    }
    if (length > stat.size) throw badInput('expected a file at rest, it grew while it was read', { file });
    return bytes.subarray(0, length);
  } finally {
    closeSync(opened);
  }
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badInput('expected UTF-8 text', { file, line: lineOfBadUtf8(bytes) });
  }
}

/** The first line that is not UTF-8 by itself; a line feed is never part of a longer character. */
function lineOfBadUtf8(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof ConclaveError) throw cause;
    throw badInput(`expected a readable file: ${unreadableFor(cause)}`, { file });
  }
}

function unreadableFor(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  switch (code) {
    case 'ENOENT':
      return 'there is none';
    case 'EACCES':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOTDIR':
      return 'a part of its path is not a directory';
    case 'ELOOP':
      return 'its symbolic links form a loop';
    default:
      return code;
  }
}
