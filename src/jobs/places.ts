// A bounded number of places for work at the same time; who comes late waits in turn and may walk away.

export class Places {
  readonly #most: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor({ most }: { readonly most: number }) {
    this.#most = Math.max(1, Math.floor(most));
  }

  get taken(): number {
    return this.#taken;
  }

  /** Gives the right to work until what it resolves with is called. Rejects with the signal's reason. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken >= this.#most) {
      await new Promise<void>((resolve, reject) => {
        const walkAway = (): void => {
          this.#waiting.delete(admit);
          reject(signal.reason);
        };
        const admit = (): void => {
          signal.removeEventListener('abort', walkAway);
          resolve();
        };
        this.#waiting.add(admit);
        signal.addEventListener('abort', walkAway, { once: true });
      });
    } else this.#taken++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave();
    };
  }

  /** Whoever is next takes over the place; a set keeps the order in which they came. */
  #leave(): void {
    for (const admit of this.#waiting) {
      this.#waiting.delete(admit);
      admit();
      return;
    }
    this.#taken--;
  }
}
