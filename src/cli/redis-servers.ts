// Which Redis servers a command means. A password comes in the URL, or from a file, never as a word of its own: every
// process of the machine can read those. Where `conclave up` keeps a server for a council, it need not be named.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { badInput, ConclaveError } from '../errors.ts';
import { readTextFile } from '../providers/text-file.ts';
import { addressOf, redisServers } from '../transport/redis/redis-servers.ts';

const MAX_FILE_BYTES = 4_096;
/** In a council's directory, what `conclave up` found its server a place at; for its owner only. */
export const SERVERS_FILE = join('redis', 'servers');

export interface RedisOptions {
  readonly council: string;
  readonly redis?: string;
  readonly redisPasswordFile?: string;
}

export function serversFor({ council, redis, redisPasswordFile }: RedisOptions): readonly string[] {
  const urls = redisServers(redis ?? keptServers(council));
  if (redisPasswordFile === undefined) return urls;
  const path = resolve(redisPasswordFile);
  const [password = ''] = readTextFile(path, MAX_FILE_BYTES).split('\n');
  if (password.trim() === '')
    throw badInput('expected a password in the first line', { file: path, line: 1 });
  return urls.map((url) => withPassword(url, password.trim()));
}

/** For people: no passwords. */
export function addressesOf(servers: readonly string[]): string {
  return servers.map(addressOf).join(', ');
}

function keptServers(council: string): string {
  const file = join(resolve(council), SERVERS_FILE);
  if (!existsSync(file)) {
    throw new ConclaveError(
      'usage',
      'expected --redis with the servers that carry the messages of this council',
    );
  }
  return readTextFile(file, MAX_FILE_BYTES).trim();
}

function withPassword(url: string, password: string): string {
  const parsed = new URL(url);
  if (parsed.password === '') parsed.password = encodeURIComponent(password);
  return parsed.href;
}
