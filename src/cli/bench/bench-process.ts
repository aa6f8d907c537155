// A process of its own that does its part of a measurement, seen from the bench: told what to do, heard, and ended.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ConclaveError } from '../../errors.ts';

/** What every such process can be told and can say, beside what its measurement adds. */
export type End = { readonly kind: 'end' };
export type Failed = { readonly kind: 'failed'; readonly why: string };
interface Message {
  readonly kind: string;
}

export class BenchProcess<To extends Message, From extends Message> {
  /** rejects when it fails, or ends */
  readonly failed: Promise<never>;
  readonly #child: ChildProcess;

  /** `program` stands in this folder. */
  constructor(program: string, begin: To) {
    const path = fileURLToPath(new URL(program, import.meta.url));
    // Keys and secrets are bytes, which only the structured form of messages between processes carries as they are.
    this.#child = fork(path, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.failed = new Promise((_, reject) => {
      const fail = (why: string): void =>
        reject(new ConclaveError('internal', `a process of the bench: ${why}`));
      this.onMessage((message) => {
        if (isFailed(message)) fail(message.why);
      });
      this.#child.once('exit', () => fail('it ended before it was done'));
    });
    // Looked at by whoever waits for something; that it ends when it is told to is no failure.
    this.failed.catch(() => undefined);
    this.tell(begin);
  }

  tell(message: To | End): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** Everything it says from now on. */
  onMessage(handler: (message: From | Failed) => void): void {
    this.#child.on('message', handler);
  }

  /** The next message of a kind; rejects when it fails or ends before. */
  heard<K extends From['kind']>(kind: K): Promise<Extract<From, { kind: K }>> {
    const isOfKind = (message: From | Failed): message is Extract<From, { kind: K }> => message.kind === kind;
    const next = new Promise<Extract<From, { kind: K }>>((resolve) => {
      const hear = (message: From | Failed): void => {
        if (!isOfKind(message)) return;
        this.#child.off('message', hear);
        resolve(message);
      };
      this.#child.on('message', hear);
    });
    return Promise.race([next, this.failed]);
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.tell({ kind: 'end' });
    await ended;
  }
}

function isFailed(message: Message | Failed): message is Failed {
  return message.kind === 'failed';
}

/** The other side: obeys what it is told, and says why when it cannot. */
export function obeyTheBench<To extends Message, From extends Message>(
  obey: (message: To, say: (message: From | Failed) => void) => Promise<void> | void,
  end: () => Promise<void> | void,
): void {
  const say = (message: From | Failed): void => {
    process.send?.(message);
  };
  const done = async (message: To | End): Promise<void> => {
    if (!isEnd(message)) return obey(message, say);
    await end();
    process.disconnect();
  };
  process.on('message', (message: To | End) => {
    done(message).catch((error: unknown) => say({ kind: 'failed', why: String(error) }));
  });
}

function isEnd(message: Message | End): message is End {
  return message.kind === 'end';
}
