// How long to wait before trying a server again: doubling, capped, and spread by chance so that nodes that lost the same
// server do not all come back in the same moment.

const FIRST_MS = 50;
const MAX_MS = 2_000;

/** @param tries from 1 */
export function backOffMs(tries: number, maxMs: number = MAX_MS): number {
  const full = Math.min(maxMs, FIRST_MS * 2 ** Math.min(tries - 1, 20));
  return full / 2 + (full / 2) * Math.random();
}
