// What a heat map shows, in numbers: the mean of the cells within each group, and between it and all others. Undefined cells and
// each one with itself are left out.
import type { MatrixSection } from '../results/eval-result.ts';
import { type Html, html, quoted } from './html.ts';
import { written } from './written-numbers.ts';

interface Mean {
  sum: number;
  count: number;
}

export interface GroupMean {
  readonly group: string;
  readonly members: number;
  /** not defined for a group of one */
  readonly within: number | undefined;
  readonly across: number | undefined;
}

export function meansByGroup({ names, groups, values }: MatrixSection): readonly GroupMean[] {
  const all = new Map<string, { members: number; within: Mean; across: Mean }>();
  const groupOf = (i: number): string => groups[i] ?? '';
  for (const row of names.keys()) {
    const own = all.get(groupOf(row)) ?? {
      members: 0,
      within: { sum: 0, count: 0 },
      across: { sum: 0, count: 0 },
    };
    all.set(groupOf(row), own);
    own.members++;
    for (const column of names.keys()) {
      const value = values[row]?.[column] ?? null;
      if (column === row || value === null) continue;
      const mean = groupOf(column) === groupOf(row) ? own.within : own.across;
      mean.sum += value;
      mean.count++;
    }
  }
  const of = ({ sum, count }: Mean): number | undefined => (count === 0 ? undefined : sum / count);
  return [...all].map(([group, { members, within, across }]) => ({
    group,
    members,
    within: of(within),
    across: of(across),
  }));
}

export function groupMeans(section: MatrixSection): Html {
  const cell = (value: number | undefined): Html =>
    value === undefined
      ? html`<td class="n quiet">–</td>`
      : html`<td class="n">${written(value, 'number')}</td>`;
  return html`<details><summary>Means within and across groups</summary>
<div class="wide" tabindex="0" role="region" aria-label="Means of ${section.title}"><table><caption class="hidden">${section.title}, by group</caption>
<thead><tr><th scope="col">Group</th><th scope="col" class="n">in it</th><th scope="col" class="n">mean within</th><th scope="col" class="n">mean across to others</th></tr></thead>
<tbody>${meansByGroup(section).map(
    ({ group, members, within, across }) =>
      html`<tr><th scope="row">${quoted(group)}</th><td class="n">${members}</td>${cell(within)}${cell(across)}</tr>
`,
  )}</tbody></table></div></details>`;
}
