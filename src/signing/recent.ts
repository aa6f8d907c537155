// A bounded memory of what is dear to compute and always comes out the same: decoded public keys. Keys come
// from rosters, so few are alive at once; what is beyond the bound is the oldest and is computed again.
export class Recent<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, Value>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#values.size;
  }

  /** The remembered value of the key, or what `compute` makes of it; what throws is not remembered. */
  of(key: string, compute: () => Value): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = compute();
    if (this.#values.size >= this.#limit) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    this.#values.set(key, value);
    return value;
  }
}
