// The servers a person names: `redis://[[user]:password@]host[:port][/database]`, several with commas between.
import { badInput } from '../../errors.ts';

/** Each send goes to all of them, so a handful is plenty. */
export const MAX_SERVERS = 8;
const REDIS_PORT = 6379;

/** Reads what `--redis` was given; a message about it never repeats a password. */
export function redisServers(text: string): readonly string[] {
  const urls = [...new Set(text.split(',').map((url) => url.trim()))];
  if (urls.length > MAX_SERVERS)
    throw badInput(`expected at most ${MAX_SERVERS} Redis servers, found ${urls.length}`);
  for (const url of urls) addressOf(url);
  return urls;
}

/** Host, port and database: how a server is named in logs, statistics and cursors. */
export function addressOf(url: string): string {
  if (!URL.canParse(url))
    throw badInput('expected a Redis server as redis://host:port, found something else');
  const { protocol, hostname, port, pathname } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw badInput(`expected a Redis server as redis:// or rediss://, found ${protocol}//`);
  }
  if (hostname === '')
    throw badInput('expected a Redis server as redis://host:port, found one without a host');
  if (!/^\/?\d*$/.test(pathname))
    throw badInput(`expected the database after the host as a number, found ${pathname}`);
  const database = pathname.replace('/', '');
  return `${hostname}:${port === '' ? REDIS_PORT : port}/${database === '' ? 0 : database}`;
}
