// The arithmetic of quorums, in integers, once (protocol 1.1). 2f+1 is NOT a safe quorum for n = 33: two of 21
// overlap in 9 seats, all of which may lie (protocol 1.2).
import { invariant } from '../errors.ts';

export interface Quorum {
  /** chairs */
  readonly n: number;
  /** seats that may lie while agreement and progress both hold */
  readonly f: number;
  /** seats that certify a block, and that approve a case (protocol 1.3) */
  readonly q: number;
}

export function quorumOf(n: number): Quorum {
  invariant(Number.isSafeInteger(n) && n >= 1, `a council of ${n} seats`);
  const f = Math.floor((n - 1) / 3);
  const q = Math.floor((n + f + 2) / 2); // ⌈(n+f+1)/2⌉
  return { n, f, q };
}
