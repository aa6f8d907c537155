// A share of items of which some stand or fall together: Wilson's interval (figure.ts) with as many trials as the clusters are
// worth, by the design effect of the ratio estimator (Kish 1965), and fewer where clusters are few (Korn and Graubard 1998). Where every
// item is a cluster of its own it is Wilson's interval itself; of one cluster nothing is known.
import { type Figure, type Interval, wilson, Z_95 } from './figure.ts';
import { studentPoint } from './student.ts';

/** Counts hits and items a cluster; a hit may be a part, such as half a tie. */
export class ClusteredShare {
  /** by cluster; one that nothing was added to has no size */
  readonly #hits: number[] = [];
  readonly #sizes: number[] = [];

  add(cluster: number, hit: number, of = 1): void {
    for (let next = this.#sizes.length; next <= cluster; next++) {
      this.#hits.push(0);
      this.#sizes.push(0);
    }
    this.#hits[cluster] = (this.#hits[cluster] ?? 0) + hit;
    this.#sizes[cluster] = (this.#sizes[cluster] ?? 0) + of;
  }

  figure(): Figure {
    const n = total(this.#sizes);
    const hits = total(this.#hits);
    return { value: n === 0 ? 0 : hits / n, ...this.#interval(hits, n), n, method: 'wilson' };
  }

  #interval(hits: number, n: number): Interval {
    let [filled, squares, largest] = [0, 0, 0];
    for (const size of this.#sizes) {
      if (size > 0) filled++;
      squares += size ** 2;
      largest = Math.max(largest, size);
    }
    if (filled <= 1) return { low: 0, high: 1 };
    if (filled === n && largest === 1) return wilson(hits, n);
    // As many clusters as count: a large one among small ones is nearly the only one.
    const clusters = n ** 2 / squares;
    const worth = Math.min(n, n / this.#designEffect(hits, n, filled));
    // The variance between few clusters is itself hardly known (Korn and Graubard 1998).
    const known = worth * (Z_95 / studentPoint(Math.max(1, clusters - 1))) ** 2;
    const share = hits / n;
    return wilson(share * known, known);
  }

  /**
   * The variance by clusters over that of independent items. Two clusters more, one all hits and one none, so that clusters which
   * happen to agree are not taken for proof that they must; of many clusters they change nothing.
   */
  #designEffect(hits: number, n: number, clusters: number): number {
    const size = n / clusters;
    const share = (hits + size) / (n + 2 * size);
    let squares = (size * (1 - share)) ** 2 + (size * share) ** 2;
    this.#sizes.forEach((own, cluster) => {
      squares += ((this.#hits[cluster] ?? 0) - share * own) ** 2;
    });
    const all = n + 2 * size;
    const variance = (((clusters + 2) / (clusters + 1)) * squares) / all ** 2;
    return variance / ((share * (1 - share)) / all);
  }
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
