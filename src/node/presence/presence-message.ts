// What nodes say to each other about being there, as bytes. What is signed is a text of its own inside the message, so
// that a signature is checked over the very bytes it came with (protocol 2.1). All of it is hostile input.
import * as z from 'zod';
import { epoch, seatId } from '../../council/roster.ts';
import { fromBase64, textOf, toBase64, utf8 } from '../../signing/bytes.ts';
import { canonicalBytes, canonicalText } from '../../signing/canonical.ts';
import type { Digest } from '../../signing/digest.ts';
import { fastestEd25519 } from '../../signing/ed25519-fastest.ts';
import { type Epoch, signedBytes } from '../../signing/purpose.ts';
import { MAX_SEATS, type SeatId } from '../../signing/seat-id.ts';

/** A heartbeat of ten seats among ten nodes is a fifth of it. */
const MAX_MESSAGE_BYTES = 32_768;
const MAX_BODY_LENGTH = 16_384;

const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const name = z.string().min(1).max(40);
const seal = z.strictObject({ seat: seatId, sig: z.string().max(88) });

/** "Does anybody run with these keys?" Anyone may ask, so nothing is signed. */
const who = z.strictObject({ kind: z.literal('who'), nonce });
/** The answer, by one of the seats asked about. */
const running = z.strictObject({
  kind: z.literal('running'),
  body: z.string().max(MAX_BODY_LENGTH),
  by: seal,
});
/** A node's heartbeat, signed by each of its seats. */
const alive = z.strictObject({
  kind: z.literal('alive'),
  body: z.string().max(MAX_BODY_LENGTH),
  by: z.array(seal).max(MAX_SEATS),
});
const message = z.discriminatedUnion('kind', [who, running, alive]);

const runningBody = z.strictObject({ epoch, instance: nonce, nonce, where: z.string().max(200) });
const aliveBody = z.strictObject({
  /** counts the heartbeats of one run */
  count: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  epoch,
  instance: nonce,
  /** what was last heard of others: who hears its own nonce again knows when it was sent */
  heard: z.record(name, nonce),
  /** of the last block it committed */
  height: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  node: name,
  nonce,
});

export type PresenceMessage = z.infer<typeof message>;
export type AliveMessage = z.infer<typeof alive>;
export type RunningBody = z.infer<typeof runningBody>;
export type AliveBody = z.infer<typeof aliveBody>;
export type Seal = z.infer<typeof seal>;

/** Which signature it is, but for who made it. */
interface Signed {
  readonly purpose: 'seat.alive' | 'seat.running';
  readonly councilId: Digest;
  readonly epoch: Epoch;
  readonly body: string;
}

export function encodePresence(said: PresenceMessage): Uint8Array {
  return canonicalBytes(said);
}

export function decodePresence(bytes: Uint8Array): PresenceMessage | undefined {
  return bytes.length > MAX_MESSAGE_BYTES ? undefined : read(message, () => textOf(bytes));
}

export function readRunning(body: string): RunningBody | undefined {
  return read(runningBody, () => body);
}

export function readAlive(body: string): AliveBody | undefined {
  return read(aliveBody, () => body);
}

export function bodyOf(body: RunningBody | AliveBody): string {
  return canonicalText(body);
}

export function sealed(seat: SeatId, secret: Uint8Array, signed: Signed): Seal {
  return { seat, sig: toBase64(fastestEd25519.sign(secret, messageOf(signed))) };
}

export function sealHolds({ sig }: Seal, publicKey: Uint8Array, signed: Signed): boolean {
  try {
    return fastestEd25519.verify(publicKey, messageOf(signed), fromBase64(sig));
  } catch {
    return false;
  }
}

function messageOf({ body, ...context }: Signed): Uint8Array {
  return signedBytes(context, utf8(body));
}

function read<T>(schema: z.ZodType<T>, text: () => string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text())).data;
  } catch {
    return undefined;
  }
}
