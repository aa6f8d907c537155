// Average linkage over a table of nearness: which wordings belong together (Sokal and Michener 1958). Two that must
// not meet stand at minus infinity, and so does every group that holds one of them towards every group that holds the
// other, since an average with minus infinity in it is minus infinity.

/** Merges the nearest two groups until none are near enough; of equally near ones, the earliest. */
export function linked(near: readonly Float64Array[], threshold: number): readonly (readonly number[])[] {
  const links = near.map((row) => Float64Array.from(row));
  const groups = near.map((_, i): number[] | undefined => [i]);
  for (let merges = 0; merges < near.length; merges++) {
    const pair = nearest(links, groups, threshold);
    if (pair === undefined) break;
    const [kept, gone] = pair;
    const [some = [], others = []] = [groups[kept], groups[gone]];
    for (let c = 0; c < groups.length; c++) {
      if (groups[c] === undefined || c === kept || c === gone) continue;
      // an average over members; where any two of them deny each other it stays at minus infinity
      const sum = some.length * linkOf(links, kept, c) + others.length * linkOf(links, gone, c);
      link(links, kept, c, sum / (some.length + others.length));
    }
    groups[kept] = [...some, ...others].sort((a, b) => a - b);
    groups[gone] = undefined;
  }
  return groups.filter((group) => group !== undefined);
}

function nearest(
  links: readonly Float64Array[],
  groups: readonly (readonly number[] | undefined)[],
  threshold: number,
): readonly [number, number] | undefined {
  let best: readonly [number, number] | undefined;
  let most = threshold;
  for (const [a, row] of links.entries()) {
    if (groups[a] === undefined) continue;
    for (let b = a + 1; b < row.length; b++) {
      const value = row[b] ?? Number.NEGATIVE_INFINITY;
      if (value < most || groups[b] === undefined || (best !== undefined && value === most)) continue;
      best = [a, b];
      most = value;
    }
  }
  return best;
}

export function linkOf(links: readonly Float64Array[], a: number, b: number): number {
  return links[a]?.[b] ?? Number.NEGATIVE_INFINITY;
}

/** Both ways: the table is symmetric. */
export function link(rows: readonly Float64Array[], i: number, j: number, value: number): void {
  const [a, b] = [rows[i], rows[j]];
  if (a !== undefined) a[j] = value;
  if (b !== undefined) b[i] = value;
}
