// Files that commands write where a person says: a slip of `--out` must not cost anybody a case file, so nothing is overwritten but what
// a command of the same kind wrote before.
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { badInput } from '../errors.ts';
import { DiskFolder } from '../storage/folder.ts';

/** `head` is how such files begin. */
export function requireOwn(file: string, head: string): void {
  if (!existsSync(file)) return;
  const found = Buffer.alloc(head.length);
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch {
    throw badInput('expected a file to write to, this one cannot be read', { file });
  }
  try {
    readSync(opened, found, 0, found.length, 0);
  } catch {
    // A directory opens and does not read.
  } finally {
    closeSync(opened);
  }
  if (found.toString('latin1') === head) return;
  throw badInput('this was not written by this command, so it is not overwritten: give another file', {
    file,
  });
}

/** The old file or the new one, never half of one. `secret`: nobody but the owner may read it. */
export async function writeOwn(
  file: string,
  bytes: Uint8Array,
  { secret }: { readonly secret: boolean },
): Promise<void> {
  await new DiskFolder(dirname(file), { secret }).write([{ path: basename(file), bytes }]);
}
