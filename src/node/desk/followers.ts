// Clients that follow a case. A question is answered as soon as there is more than the client has, or after a while
// with nothing, and then the client asks again; so nobody has to be remembered for longer than that, and a client
// that is gone costs nothing more.
import type { PeerId } from '../../consensus/messages.ts';
import type { CaseId } from '../../council/case.ts';
import type { Answer, AnswerOf, Question } from './desk-message.ts';

const MAX_FOLLOWERS = 512;
const MAX_OF_ONE = 16;
export const FOLLOWED_MS = 10_000;

interface Follower {
  readonly from: PeerId;
  readonly caseId: CaseId;
  readonly after: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: Answer) => void;
}

type Look = (caseId: CaseId, after: number) => AnswerOf<'followed'>;

export class Followers {
  readonly #look: Look;
  readonly #waiting = new Set<Follower>();
  readonly #woken = new Set<CaseId>();

  constructor(look: Look) {
    this.#look = look;
  }

  follow(from: PeerId, { caseId, after }: Extract<Question, { kind: 'follow' }>): Promise<Answer> {
    const now = this.#look(caseId, after);
    if (now.leaves.length > 0 || now.certified) return Promise.resolve(now);
    const mine = [...this.#waiting].filter((follower) => follower.from === from);
    if (this.#waiting.size >= MAX_FOLLOWERS || mine.length >= MAX_OF_ONE) return Promise.resolve(now);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end(follower), FOLLOWED_MS);
      timer.unref();
      const follower: Follower = { from, caseId, after, timer, resolve };
      this.#waiting.add(follower);
    });
  }

  /** Something was committed about a case. Events of one block come together and are answered together. */
  wake(caseId: CaseId): void {
    if (this.#waiting.size === 0) return;
    this.#woken.add(caseId);
    if (this.#woken.size > 1) return;
    setImmediate(() => {
      const woken = new Set(this.#woken);
      this.#woken.clear();
      for (const follower of this.#waiting) if (woken.has(follower.caseId)) this.#end(follower);
    });
  }

  close(): void {
    for (const { timer } of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }

  #end(follower: Follower): void {
    clearTimeout(follower.timer);
    this.#waiting.delete(follower);
    follower.resolve(this.#look(follower.caseId, follower.after));
  }
}
