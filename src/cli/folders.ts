// Where things lie when nobody says: the seats of the folder one works in, else those that come with conclave.
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { visible } from './layout.ts';

/** The package's own folder, two above this file both in src/ and in dist/. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

export function agentsFolder(asked: string | undefined): string {
  if (asked !== undefined) return resolve(asked);
  const here = resolve('agents');
  return existsSync(join(here, 'council.yaml')) ? here : join(PACKAGE, 'agents');
}

export function sampleCasesFolder(): string {
  return join(PACKAGE, 'evals', 'cases');
}

/** A path as short as it can be typed from here. */
export function asTyped(path: string): string {
  const near = relative(process.cwd(), path);
  return visible(near.startsWith('..') || near === '' ? path : near);
}
