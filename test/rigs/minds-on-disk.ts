// What the built command is given in tests of live councils: a case as a file, and an environment in which no maker
// is known, whatever the machine that runs the tests has keys for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../cli/conclave.ts';
import { plainCase } from './plain-case.ts';

export function caseOnDisk(subject = 'urn:example:press'): string {
  const file = join(temporaryFolder(), 'case.yaml');
  writeFileSync(file, plainCase(subject));
  return file;
}

/** Names that makers' keys and addresses have, as this machine may have set them; to be unset. */
export const NO_MAKERS: Readonly<Record<string, undefined>> = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /(?:_API_KEY|_BASE_URL)$|^OLLAMA_/.test(name))
    .map((name) => [name, undefined]),
);
