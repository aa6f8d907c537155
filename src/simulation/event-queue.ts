// What is to happen, by virtual time; what is due at the same moment happens in the order it was put in, so that
// a schedule never depends on anything but its seed.

interface Slot<T> {
  readonly atMs: number;
  readonly order: number;
  readonly event: T;
}

export class EventQueue<T> {
  readonly #heap: Slot<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextAtMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  put(atMs: number, event: T): void {
    const slot = { atMs, order: this.#order++, event };
    let at = this.#heap.length;
    this.#heap.push(slot);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = this.#heap[up];
      if (parent === undefined || !before(slot, parent)) break;
      this.#heap[at] = parent;
      at = up;
    }
    this.#heap[at] = slot;
  }

  take(): Slot<T> | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first;
    this.#sink(last);
    return first;
  }

  #sink(slot: Slot<T>): void {
    const size = this.#heap.length;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let child = this.#heap[down];
      if (child === undefined) break;
      const right = down + 1 < size ? this.#heap[down + 1] : undefined;
      if (right !== undefined && before(right, child)) {
        child = right;
        down++;
      }
      if (!before(child, slot)) break;
      this.#heap[at] = child;
      at = down;
    }
    this.#heap[at] = slot;
  }
}

function before<T>(a: Slot<T>, b: Slot<T>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
