// What a sender may send by one server: a bucket of messages and one of bytes, each filling at its rate up to two
// seconds' worth. What is beyond is dropped, so that a flood costs its own path and no other (protocol 3.10).

const BURST_SECONDS = 2;

export interface Rates {
  readonly messagesASecond: number;
  readonly bytesASecond: number;
}

export class Budget {
  readonly #rates: Rates;
  #messages: number;
  #bytes: number;
  #atMs: number;

  constructor(rates: Rates, nowMs: number) {
    this.#rates = rates;
    this.#messages = rates.messagesASecond * BURST_SECONDS;
    this.#bytes = rates.bytesASecond * BURST_SECONDS;
    this.#atMs = nowMs;
  }

  /** Takes what it allows, or nothing. The clock is a monotonic one. */
  allows(messages: number, bytes: number, nowMs: number): boolean {
    const { messagesASecond, bytesASecond } = this.#rates;
    const seconds = Math.max(0, nowMs - this.#atMs) / 1_000;
    this.#atMs = nowMs;
    this.#messages = Math.min(messagesASecond * BURST_SECONDS, this.#messages + messagesASecond * seconds);
    this.#bytes = Math.min(bytesASecond * BURST_SECONDS, this.#bytes + bytesASecond * seconds);
    if (messages > this.#messages || bytes > this.#bytes) return false;
    this.#messages -= messages;
    this.#bytes -= bytes;
    return true;
  }
}
