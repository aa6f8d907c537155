// A share of items of which some stand or fall together: Wilson's interval (figure.ts) with as many trials as the clusters are
// worth, by the design effect of the ratio estimator (Kish 1965; Korn and Graubard 1998). Where every item is a cluster of its own it
// is Wilson's interval itself.
import { type Figure, type Interval, wilson } from './figure.ts';

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
    if (n === 0) return wilson(0, 0);
    const clusters = this.#sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0);
    const share = hits / n;
    // Where all are alike nothing shows how much clusters agree, so each counts once.
    if (share === 0 || share === 1) return wilson(share * clusters, clusters);
    let squares = 0;
    this.#sizes.forEach((size, cluster) => {
      squares += ((this.#hits[cluster] ?? 0) - share * size) ** 2;
    });
    const variance = ((clusters / Math.max(1, clusters - 1)) * squares) / n ** 2;
    const effect = variance / ((share * (1 - share)) / n);
    // Clusters that happen to disagree within themselves are not counted as more than their items.
    const worth = Math.max(1, clusters === n ? n : Math.min(n, n / effect));
    return wilson(share * worth, worth);
  }
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
