// The keys of operators, as the command line finds them: one file that is named, or those in a founded council's directory.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { badInput, ConclaveError } from '../errors.ts';
import { openKeyFolder } from '../node/council-directory.ts';
import type { OperatorKey } from '../node/roster/roster-proposal.ts';
import { OPERATORS_FOLDER, operatorHolder } from '../node/running/founding.ts';
import { fastestBls } from '../node/signing/notary.ts';
import { asTyped } from './folders.ts';
import { passphraseIn } from './passphrase.ts';

const KEY_FILE = /^operator-([a-z0-9][a-z0-9-]{0,62})\.json$/;

export async function operatorKey(file: string, passphraseFile: string | undefined): Promise<OperatorKey> {
  const path = resolve(file);
  const id = KEY_FILE.exec(basename(path))?.[1];
  if (id === undefined) throw badInput('expected a key file such as operator-ada.json', { file: path });
  const bls = await fastestBls();
  const { keysOf } = openKeyFolder(dirname(path), bls, passphraseIn(passphraseFile).passphrase);
  return { operator: id, secret: keysOf(operatorHolder(id)).ed25519.secret };
}

/** As many as are wanted, of those whose files are there. */
export async function operatorKeysIn(
  council: string,
  wanted: number,
  passphraseFile: string | undefined,
): Promise<readonly OperatorKey[]> {
  const folder = join(resolve(council), OPERATORS_FOLDER);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => KEY_FILE.test(name)) : [];
  if (names.length < wanted) {
    throw new ConclaveError(
      'unavailable',
      `${wanted} operators must sign, and ${asTyped(folder)} has ${names.length} of their keys: use conclave roster propose, sign and submit`,
    );
  }
  const keys: OperatorKey[] = [];
  for (const name of names.sort().slice(0, wanted))
    keys.push(await operatorKey(join(folder, name), passphraseFile));
  return keys;
}
