// A passphrase comes from a file, never from the command line, where every process of the machine could read it.
import { resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { readTextFile } from '../providers/text-file.ts';

const MAX_PASSPHRASE_BYTES = 4096;

/** The first line of the file; nothing where no file was named. */
export function passphraseIn(file: string | undefined): { readonly passphrase?: string } {
  if (file === undefined) return {};
  const path = resolve(file);
  const [passphrase = ''] = readTextFile(path, MAX_PASSPHRASE_BYTES).split('\n');
  if (passphrase.trim() === '')
    throw badInput('expected a passphrase in the first line', { file: path, line: 1 });
  return { passphrase };
}
