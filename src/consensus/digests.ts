// The digests that name blocks and their payloads outside the simulator.
import { concat, fromHex, utf8 } from '../signing/bytes.ts';
import { type Digest, digestOf, digestOfBytes } from '../signing/digest.ts';
import type { Entry, Header } from './block.ts';

export function digestOfHeader(header: Header): Digest {
  return digestOf(header);
}

/** A flat hash over the entries' digests: a block is always fetched whole, so nobody needs a proof into it. */
export function payloadRoot(entries: readonly Entry[]): Digest {
  return digestOfBytes(
    concat(utf8('conclave/v1/payload\0'), ...entries.map((entry) => fromHex(entry.digest))),
  );
}
