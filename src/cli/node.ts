// `conclave node`: one machine's seats of a council, until it is told to stop. What it does along the way goes to its log.
// What is wrong with its words is said before anything heavy is loaded.
import { ConclaveError } from '../errors.ts';
import { findNode } from '../node/running/node-directory.ts';
import type { ExitCode } from './exit-codes.ts';
import { serversFor } from './redis-servers.ts';
import { seatsIn } from './seat-ranges.ts';
import { untilTold } from './signals.ts';
import type { Terminal } from './terminal.ts';

export interface NodeOptions {
  readonly council: string;
  readonly seats: string;
  readonly redis?: string;
  readonly redisPasswordFile?: string;
  readonly wait: number;
  readonly agents?: string;
  readonly offline?: boolean;
  readonly replay?: string;
  readonly http?: string;
  readonly limit?: readonly string[];
  readonly logLevel: string;
  readonly passphraseFile?: string;
}

const LEVELS = ['debug', 'info', 'warn', 'error'];

export async function node(options: NodeOptions, terminal: Terminal): Promise<ExitCode> {
  const told = untilTold();
  const { logLevel } = options;
  if (!LEVELS.includes(logLevel)) {
    throw new ConclaveError('usage', `expected a log level of ${LEVELS.join(', ')}, found "${logLevel}"`);
  }
  const servers = serversFor(options);
  const place = findNode(options.council, seatsIn(options.seats));
  const { runNode } = await import('./node-process.ts');
  return runNode(options, { place, servers, told }, terminal);
}
