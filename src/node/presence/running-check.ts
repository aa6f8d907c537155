// Before a node starts it asks whether somebody runs with its keys already: two would vote twice, and its seats would be
// marked as liars. The answer is signed over a nonce that was made for this question, so nobody can forge or replay it.
// A hostile network can only swallow it; against that there is the lock of the directory (directory-lock.ts), and no
// help where a copied directory and a hostile network come together.
import { ConclaveError } from '../../errors.ts';
import type { Digest } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import type { SeatId } from '../../signing/seat-id.ts';
import { Switchboard } from '../../transport/switchboard.ts';
import { asPeerId, type Transport } from '../../transport/transport.ts';
import { newInstance } from './presence.ts';
import { decodePresence, encodePresence, readRunning, sealHolds } from './presence-message.ts';

/** How long an answer may take: a node under load looks at its messages several times in it. */
export const ANSWER_WITHIN_MS = 2_000;
/** A question may be lost, or asked before the network is up. */
const ASK_AGAIN_MS = 200;

export interface RunningCheck {
  readonly councilId: Digest;
  readonly node: string;
  /** of the run that is about to begin, which may hear its own question */
  readonly instance: string;
  readonly secrets: ReadonlyMap<SeatId, Uint8Array>;
  readonly withinMs?: number;
}

export interface RunningElsewhere {
  /** host and process, as it says itself */
  readonly where: string;
  readonly seat: SeatId;
}

/** Over a line of a client's own: a node hears nothing of what is sent under its own name. */
export function findRunning(
  { councilId, node, instance, secrets, withinMs = ANSWER_WITHIN_MS }: RunningCheck,
  line: Transport,
): Promise<RunningElsewhere | undefined> {
  const nonce = newInstance();
  const ask = (): void => line.send(asPeerId(node), encodePresence({ kind: 'who', nonce }));
  return new Promise((resolve) => {
    const again = setInterval(ask, ASK_AGAIN_MS);
    const settle = (found?: RunningElsewhere): void => {
      clearInterval(again);
      clearTimeout(last);
      resolve(found);
    };
    const last = setTimeout(settle, withinMs);
    line.onMessage((_, bytes) => {
      const message = decodePresence(bytes);
      if (message?.kind !== 'running') return;
      const body = readRunning(message.body);
      if (body === undefined || body.nonce !== nonce || body.instance === instance) return;
      const { seat } = message.by;
      const secret = secrets.get(seat);
      if (secret === undefined) return;
      const signed = { purpose: 'seat.running', councilId, epoch: body.epoch, body: message.body } as const;
      if (!sealHolds(message.by, fastestEd25519.publicKeyOf(secret), signed)) return;
      settle({ where: body.where, seat });
    });
    ask();
  });
}

interface Asking {
  /** the directory of who is about to start */
  readonly root: string;
  /** joins the network under a name of its own */
  readonly join: (self: string) => Promise<Transport>;
}

export async function requireAlone(check: RunningCheck, { root, join }: Asking): Promise<void> {
  const wire = new Switchboard(await join(`client-${newInstance()}`));
  try {
    const found = await findRunning(check, wire.line('presence'));
    if (found === undefined) return;
    throw new ConclaveError(
      'unavailable',
      `${check.node} runs already, with the key of seat ${found.seat}: ${found.where}. Two with the same keys would vote twice and be marked as liars; stop that one first`,
      { file: root },
    );
  } finally {
    await wire.close();
  }
}
