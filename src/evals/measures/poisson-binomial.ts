// How often a majority would be right if its voters erred independently, each as often as it does: the distribution of a sum of
// unlike coins (Poisson 1837), by exact convolution. The gap to what the majority does is what shared errors cost.

/** Of so many independent successes with these chances: by count, its probability. */
export function poissonBinomial(chances: readonly number[]): Float64Array {
  const at = new Float64Array(chances.length + 1);
  at[0] = 1;
  chances.forEach((chance, known) => {
    for (let count = known + 1; count > 0; count--) {
      at[count] = (at[count] ?? 0) * (1 - chance) + (at[count - 1] ?? 0) * chance;
    }
    at[0] = (at[0] ?? 0) * (1 - chance);
  });
  return at;
}

/** The chance that more than half are right, a tie counting half. */
export function majorityIfIndependent(accuracies: readonly number[]): number {
  const at = poissonBinomial(accuracies);
  let right = 0;
  at.forEach((chance, count) => {
    if (2 * count > accuracies.length) right += chance;
    else if (2 * count === accuracies.length) right += chance / 2;
  });
  return right;
}
