// Exact tests for small counts. Each gives a p-value that is valid as it stands: were the hypothesis true, it would be
// at or below any level with at most that probability. No approximation by a normal distribution, which fails just
// where an alert begins.

const logFactorials: number[] = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) {
    logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i));
  }
  return logFactorials[n] ?? 0;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** P(X ≥ k) for X binomial: k or more of n, each with probability `rate`. */
export function atLeast(k: number, n: number, rate: number): number {
  let sum = 0;
  for (let i = Math.max(0, k); i <= n; i++) {
    sum += Math.exp(logChoose(n, i) + i * Math.log(rate) + (n - i) * Math.log1p(-rate));
  }
  return Math.min(1, sum);
}

/** How often something happened among so many, before and lately. */
export interface BeforeAndLately {
  readonly before: { readonly hits: number; readonly of: number };
  readonly lately: { readonly hits: number; readonly of: number };
}

/**
 * Has the odds of a hit changed, the same way in every stratum? Exact, given all margins (Gart 1970): the hits of late
 * in each stratum are hypergeometric, their sum is the statistic, and the p-value is twice the smaller tail.
 */
export function sameOdds(strata: readonly BeforeAndLately[]): number {
  const observed = strata.reduce((sum, { lately }) => sum + lately.hits, 0);
  const distribution = strata.map(hypergeometric).reduce(convolved, [1]);
  const tail = (from: number, to: number) =>
    distribution.slice(from, to).reduce((sum, probability) => sum + probability, 0);
  return Math.min(1, 2 * Math.min(tail(0, observed + 1), tail(observed, distribution.length)));
}

/** Of the hits of late, from 0 on, given how many there are altogether. */
function hypergeometric({ before, lately }: BeforeAndLately): readonly number[] {
  const of = before.of + lately.of;
  const hits = before.hits + lately.hits;
  return Array.from({ length: lately.of + 1 }, (_, i) => {
    if (i > hits || lately.of - i > of - hits) return 0;
    return Math.exp(logChoose(hits, i) + logChoose(of - hits, lately.of - i) - logChoose(of, lately.of));
  });
}

function convolved(a: readonly number[], b: readonly number[]): readonly number[] {
  const sum = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((p, i) => {
    b.forEach((r, j) => {
      sum[i + j] = (sum[i + j] ?? 0) + p * r;
    });
  });
  return sum;
}
