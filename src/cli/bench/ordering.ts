// How many entries a second 33 seats in one process order.
import { randomBytes } from 'node:crypto';
import { EMBEDDED_PACE } from '../../node/embedded.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { allSeats } from '../../signing/seat-id.ts';
import { asPeerId } from '../../transport/transport.ts';
import { type OrderingCouncil, OrderingNode } from './ordering-node.ts';
import { ENTRY_BYTES, plainEntry } from './plain-entries.ts';

export const SEATS = 33;

export interface Ordered {
  readonly entries: number;
  readonly blocks: number;
  readonly tookMs: number;
  /** signatures that were really checked, each once */
  readonly checked: number;
}

/** Keys of as many authors as seats, with their secrets. */
export function orderingCouncil(): OrderingCouncil & { readonly authorSecrets: readonly Uint8Array[] } {
  const some = (): Uint8Array[] => Array.from({ length: SEATS }, () => randomBytes(32));
  const authorSecrets = some();
  return {
    secrets: some(),
    authorSecrets,
    authors: authorSecrets.map((secret) => fastestEd25519.publicKeyOf(secret)),
  };
}

/** Orders `count` entries of 200 bytes, handed over at once, and takes the time until the last is committed. */
export async function orderEntries(count: number, folder: string): Promise<Ordered> {
  const council = orderingCouncil();
  let finish: (error?: unknown) => void = () => undefined;
  const finished = new Promise<void>((done, failed) => {
    finish = (error) => (error === undefined ? done() : failed(error));
  });
  const node = new OrderingNode(
    { council, self: asPeerId('bench'), seats: allSeats(SEATS), pace: EMBEDDED_PACE, folder },
    {
      onCommitted: (entries) => {
        if (entries === count) finish();
      },
      onFailed: finish,
    },
  );
  const entries = Array.from({ length: count }, (_, number) => {
    const author = number % SEATS;
    return plainEntry(council.authorSecrets[author] ?? randomBytes(32), author, Math.floor(number / SEATS));
  });
  const started = performance.now();
  node.push(entries);
  await finished;
  const tookMs = performance.now() - started;
  await node.close();
  return { entries: count, blocks: node.blocks, tookMs, checked: node.checked };
}

export const ORDERING_WORKLOAD = `33 seats in one process, entries of ${ENTRY_BYTES} bytes signed one by one, every entry and vote verified, synced before every send`;
