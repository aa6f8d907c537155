// A client's end of the line `desk`: asks nodes by name, asks again what was lost, and stops asking in time. It hands
// back what nodes say as it is; what of it may be believed is for council-client.ts.
import { randomBytes } from 'node:crypto';
import type { PeerId } from '../../consensus/messages.ts';
import { ConclaveError } from '../../errors.ts';
import { toHex } from '../../signing/bytes.ts';
import { asPeerId, type Transport } from '../../transport/transport.ts';
import {
  type Answer,
  type Answered,
  decodeAnswered,
  encodeAsked,
  type Question,
} from '../desk/desk-message.ts';
import { FOLLOWED_MS } from '../desk/followers.ts';

const ASK_AGAIN_MS = 700;
const MAX_AGAIN_MS = 5_000;
/** Questions under way; a client asks a handful of nodes a handful of things. */
const MAX_QUESTIONS = 1_024;

interface Waiting {
  readonly node: PeerId;
  readonly resolve: (answer: Answer | undefined) => void;
}

export class DeskClient {
  readonly #line: Transport;
  readonly #waiting = new Map<string, Waiting>();
  /** answers nobody asked for, or that are none */
  dropped = 0;

  constructor(line: Transport) {
    this.#line = line;
    line.onMessage((from, bytes) => this.#receive(from, bytes));
  }

  /** Undefined when the node does not answer in time. */
  ask(node: string, ask: Question, withinMs: number): Promise<Answer | undefined> {
    if (this.#waiting.size >= MAX_QUESTIONS) return Promise.resolve(undefined);
    const to = asPeerId(node);
    const id = toHex(randomBytes(12));
    const message = encodeAsked({ id, ask });
    return new Promise((resolve) => {
      let againMs = ask.kind === 'follow' ? FOLLOWED_MS + ASK_AGAIN_MS : ASK_AGAIN_MS;
      let again: NodeJS.Timeout | undefined;
      const say = (): void => {
        this.#line.send(to, message);
        again = setTimeout(say, againMs);
        againMs = Math.min(2 * againMs, Math.max(againMs, MAX_AGAIN_MS));
      };
      const end = (answer: Answer | undefined): void => {
        clearTimeout(again);
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(answer);
      };
      const late = setTimeout(() => end(undefined), withinMs);
      this.#waiting.set(id, { node: to, resolve: end });
      say();
    });
  }

  /**
   * The answers of several nodes, by name, as soon as they are enough, all are there, or the time is over. Those that
   * come later are lost.
   */
  askAll(
    nodes: readonly string[],
    ask: Question,
    { withinMs, enough }: { readonly withinMs: number; readonly enough?: (answers: Answers) => boolean },
  ): Promise<Answers> {
    const answers = new Map<string, Answer>();
    return new Promise((resolve) => {
      let open = nodes.length;
      if (open === 0) resolve(answers);
      for (const node of nodes) {
        void this.ask(node, ask, withinMs).then((answer) => {
          open -= 1;
          if (answer !== undefined) answers.set(node, answer);
          if (open === 0 || enough?.(answers) === true) resolve(answers);
        });
      }
    });
  }

  /** Whoever still waits hears that nothing came. */
  async close(): Promise<void> {
    for (const { resolve } of this.#waiting.values()) resolve(undefined);
    await this.#line.close();
  }

  #receive(from: PeerId, bytes: Uint8Array): void {
    let answered: Answered;
    try {
      answered = decodeAnswered(bytes);
    } catch (error) {
      if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
      this.dropped++;
      return;
    }
    const waiting = this.#waiting.get(answered.id);
    if (waiting === undefined || waiting.node !== from) this.dropped++;
    else waiting.resolve(answered.answer);
  }
}

/** By the name of the node. */
export type Answers = ReadonlyMap<string, Answer>;
