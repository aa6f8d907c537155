// What a transport over Redis carries and keeps, and no more (protocol 3.10).
import { MAX_WIRE_BYTES } from '../../consensus/wire.ts';
import type { Route } from './stream-writer.ts';

export interface RedisLimits {
  readonly maxMessageBytes: number;
  /** what one sender may send by one server; twice that at once */
  readonly messagesASecond: number;
  readonly bytesASecond: number;
}

const MiB = 1024 * 1024;

export const DEFAULT_LIMITS: RedisLimits = {
  // The largest there is, and room for what names its line.
  maxMessageBytes: MAX_WIRE_BYTES + 1024,
  messagesASecond: 20_000,
  bytesASecond: 32 * MiB,
};

/** What lies in a stream for those who are a little behind; who is further behind asks for blocks. */
export const TO_ALL: Omit<Route, 'stream'> = { maxEntries: 8_192, maxBytes: 32 * MiB };
export const TO_ONE: Omit<Route, 'stream'> = { maxEntries: 4_096, maxBytes: 16 * MiB };
export const ASKED: Omit<Route, 'stream'> = { maxEntries: 2_048, maxBytes: 4 * MiB };
/** Clients come and go, and nobody else would clear up after them. */
export const TO_CLIENT: Omit<Route, 'stream'> = { maxEntries: 1_024, maxBytes: 16 * MiB, expireSeconds: 600 };
