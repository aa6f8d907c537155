// The liar as a run of chaos handles it: a process like the others, in the place of an honest node.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeptProcess } from '../rigs/kept-process.ts';
import type { RunningCouncil, RunningNode } from '../rigs/running-council.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
const STOP_WITHIN_MS = 5_000;

export class Liar {
  readonly process: KeptProcess;
  readonly #countsFile: string;

  constructor({ root, folder, redis }: RunningCouncil, { name }: RunningNode, seed: number) {
    this.#countsFile = join(root, `lies-${name}.json`);
    const servers = redis.map(({ url }) => url).join(',');
    const script = join(import.meta.dirname, 'lying-node.ts');
    this.process = new KeptProcess({
      name: `lying ${name}`,
      words: ['--import', 'tsx', script, folder, name, servers, String(seed), this.#countsFile],
      cwd: projectRoot,
      logFile: join(root, 'logs', `${name}-lying.log`),
      environment: process.env,
    });
  }

  start(): void {
    this.process.start();
  }

  /** How often it lied, by kind; nothing where it never did. */
  async stop(): Promise<Readonly<Record<string, number>>> {
    if (this.process.isUp) await this.process.drain(STOP_WITHIN_MS);
    if (!existsSync(this.#countsFile)) return {};
    const counts: unknown = JSON.parse(readFileSync(this.#countsFile, 'utf8'));
    if (typeof counts !== 'object' || counts === null) return {};
    return Object.fromEntries(
      Object.entries(counts).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  }
}
