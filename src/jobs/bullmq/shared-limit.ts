// How many evaluations may begin at one provider's host in a stretch of time, over all processes of a council: a
// counter in Redis that all of them raise. It spares the host and decides nothing: a Redis that lies here can only
// make a seat wait, and never longer than the seat's own patience (bull-jobs.ts).
import type { Redis } from 'ioredis';
import { digestOf } from '../../signing/digest.ts';

export interface ProviderLimit {
  /** whose limit it is, e.g. the API and its host; the same for all seats that share it */
  readonly key: string;
  readonly most: number;
  readonly perMs: number;
}

/** Raises the counter of the present window, or says how long that window lasts. */
const TAKE = `
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count and count < tonumber(ARGV[1]) then
  if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 0
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) left = tonumber(ARGV[2]) end
return math.max(left, 1)`;

/** Zero for a turn now, else how long to wait before asking again. */
export async function takeTurn(redis: Redis, prefix: string, limit: ProviderLimit): Promise<number> {
  const { key, most, perMs } = limit;
  // Hosts come from seat files; their digest is a key that cannot be mistaken for another.
  const counter = `${prefix}:limit:${digestOf(key).slice(0, 16)}`;
  const waitMs: unknown = await redis.eval(TAKE, 1, counter, String(most), String(perMs));
  if (typeof waitMs !== 'number' || !Number.isFinite(waitMs) || waitMs <= 0) return 0;
  return Math.min(Math.ceil(waitMs), perMs);
}
