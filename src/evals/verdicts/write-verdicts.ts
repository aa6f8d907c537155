// A table of verdicts as a file that `readVerdicts` reads back: what was drawn, or asked of the council, for whoever wants to
// measure it by other means. JSON Lines, item by item, zipped where the name ends in `.gz`.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Verdict } from '../../council/ballot.ts';
import { ABSTAIN, APPROVE, MISSING, NO_CONFIDENCE, REJECT, type VerdictTable } from './verdict-table.ts';

const NAMES: ReadonlyMap<number, Verdict> = new Map([
  [APPROVE, 'approve'],
  [REJECT, 'reject'],
  [ABSTAIN, 'abstain'],
]);

/** Items and voters without any verdict leave no row; a voter of no known developer counts as its own. */
export async function writeVerdicts(file: string, table: VerdictTable, dataset: string): Promise<void> {
  const out = createWriteStream(file);
  if (file.endsWith('.gz')) await pipeline(rowsOf(table, dataset), createGzip(), out);
  else await pipeline(rowsOf(table, dataset), out);
}

/** An item's rows at a time. */
function* rowsOf({ voters, items, verdicts, confidences }: VerdictTable, dataset: string): Generator<string> {
  const members = new Uint32Array(items.clusterCount);
  for (const cluster of items.clusters) members[cluster] = (members[cluster] ?? 0) + 1;
  for (const [at, item] of items.names.entries()) {
    const cluster = items.clusters[at] ?? 0;
    const ofItem = { dataset, item, label: NAMES.get(items.labels[at] ?? MISSING) };
    const alone = (members[cluster] ?? 0) < 2;
    let rows = '';
    for (const [voter, { name, domains }] of voters.entries()) {
      const verdict = NAMES.get(verdicts[voter]?.[at] ?? MISSING);
      if (verdict === undefined) continue;
      const { developer = name, ...others } = domains;
      const confidence = confidences?.[voter]?.[at] ?? NO_CONFIDENCE;
      const row = {
        ...ofItem,
        model: name,
        vendor: developer,
        verdict,
        ...(alone ? {} : { cluster: String(cluster) }),
        ...others,
        ...(confidence === NO_CONFIDENCE ? {} : { confidence }),
      };
      rows += `${JSON.stringify(row)}\n`;
    }
    if (rows !== '') yield rows;
  }
}
