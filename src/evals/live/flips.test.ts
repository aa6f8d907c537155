import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { quorumOf } from '../../consensus/quorum.ts';
import { isVerdict, type Verdict } from '../../council/ballot.ts';
import {
  ABSTAIN,
  APPROVE,
  CODE_OF,
  MISSING,
  REJECT,
  tableOf,
  type VerdictTable,
} from '../verdicts/verdict-table.ts';
import { flipsBetween, outcomeFlips, pairedTables, votersDifferingIn } from './flips.ts';
import { recordedInvarianceSections } from './invariance-sections.ts';
import { RepeatedAnswers } from './repeated.ts';

const CODES: Readonly<Record<string, number>> = { A: APPROVE, R: REJECT, '-': ABSTAIN, ' ': MISSING };

/** A letter an item, a row a voter; every item is its own cluster. */
function table(rows: Readonly<Record<string, string>>, labels: string): VerdictTable {
  const coded = (text: string): Uint8Array => Uint8Array.from(text, (letter) => CODES[letter] ?? MISSING);
  return tableOf({
    voters: Object.keys(rows).map((name) => ({ name, domains: {} })),
    items: {
      names: [...labels].map((_, i) => `item ${i}`),
      labels: coded(labels),
      clusters: Uint32Array.from(labels, (_, i) => i),
      clusterCount: labels.length,
    },
    verdicts: Object.values(rows).map(coded),
  });
}

describe('flips', () => {
  it('are counted by direction and by what they do to the truth', () => {
    const before = table({ a: 'ARARA-' }, 'ARRAAA');
    const after = table({ a: 'RRAA-A' }, 'ARRAAA');
    const { flipped, toApprove, toReject, spoilt, mended, silenced } = flipsBetween(before, after).overall;
    // compared on the merits: items 0 to 3, A→R, R→R, A→A, R→A
    expect([flipped.value, flipped.n]).toEqual([0.5, 4]);
    expect([toApprove.value, toApprove.n]).toEqual([0.5, 2]);
    expect([toReject.value, toReject.n]).toEqual([0.5, 2]);
    // right before: items 0 and 1; wrong: items 2 and 3
    expect([spoilt.value, spoilt.n]).toEqual([0.5, 2]);
    expect([mended.value, mended.n]).toEqual([0.5, 2]);
    expect([silenced.value, silenced.n]).toEqual([2 / 6, 6]);
  });

  it('what is missing on one side is compared with nothing', () => {
    const { overall } = flipsBetween(table({ a: 'A R' }, 'ARR'), table({ a: 'AR ' }, 'ARR'));
    expect(overall.flipped.n).toBe(1);
    expect(overall.silenced.n).toBe(1);
  });

  it('an item without a label can flip, and is neither spoilt nor mended', () => {
    const { overall } = flipsBetween(table({ a: 'A' }, ' '), table({ a: 'R' }, ' '));
    expect([overall.flipped.value, overall.spoilt.n, overall.mended.n]).toEqual([1, 0, 0]);
  });

  it('no flip in 33 seats on one case is one observation, not 33', () => {
    const rows = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`seat ${i}`, 'AR']));
    const { flipped } = flipsBetween(table(rows, 'AR'), table(rows, 'AR')).overall;
    expect(flipped).toMatchObject({ value: 0, low: 0, n: 66 });
    expect(flipped.high).toBeGreaterThan(0.6);
  });

  it('tables that are not of the same items are no pair', () => {
    expect(() => flipsBetween(table({ a: 'A' }, 'A'), table({ a: 'AA' }, 'AA'))).toThrow(/same items/);
  });

  it('an outcome changes when the quorum is lost, not with every seat', () => {
    const before = table({ a: 'AA', b: 'AA', c: 'AA', d: 'RR' }, 'AA');
    const after = table({ a: 'AR', b: 'AA', c: 'AA', d: 'AR' }, 'AA');
    // of 4 seats 3 must approve: item 0 has 3 then 4, item 1 has 3 then 2
    expect(outcomeFlips(before, after, quorumOf(4))).toMatchObject({ value: 0.5, n: 2 });
  });
});

describe('recorded voters', () => {
  it('are paired when they differ in one part of their name only', () => {
    const names = { 'm|x|s=F': 'A', 'm|x|s=T': 'A', 'm|y|s=F': 'A', 'n|x|s=T': 'R', plain: 'A' };
    const all = table(names, 'A');
    expect(votersDifferingIn(all, 2)).toEqual([
      { shared: 'm|x|*', from: 's=F', to: 's=T', before: 0, after: 1 },
    ]);
    expect(votersDifferingIn(all, 1).map(({ shared }) => shared)).toEqual(['m|*|s=F']);
    expect(votersDifferingIn(all, 0).map(({ shared }) => shared)).toEqual(['*|x|s=T']);
  });

  const llmbar = join(import.meta.dirname, '../../../../shared/verdicts/llmbar.jsonl.gz');
  it.skipIf(!existsSync(llmbar))(
    'LLMBar: what the order of two answers turns, reckoned from the file itself',
    () => {
      const lines = gunzipSync(readFileSync(llmbar)).toString('utf8').trim().split('\n');
      const byModel = new Map<string, Map<string, Verdict>>();
      const labels = new Map<string, Verdict>();
      let [differ, compared] = [0, 0];
      for (const line of lines) {
        const { item, label, model, verdict } = JSON.parse(line);
        if (!isVerdict(verdict) || !isVerdict(label)) throw new Error(line);
        labels.set(item, label);
        const own = byModel.get(model) ?? new Map<string, Verdict>();
        byModel.set(model, own.set(item, verdict));
        // The second of a pair counts it, whichever stands first in the file.
        const swapped = model.endsWith('True')
          ? model.replace('True', 'False')
          : model.replace('False', 'True');
        const other = byModel.get(swapped)?.get(item);
        if (other === undefined || other === 'abstain' || verdict === 'abstain') continue;
        compared++;
        if (other !== verdict) differ++;
      }
      const items = [...labels.keys()];
      const recorded = tableOf({
        voters: [...byModel.keys()].map((name) => ({ name, domains: {} })),
        items: {
          names: items,
          labels: Uint8Array.from(labels.values(), (label) => CODE_OF[label]),
          clusters: Uint32Array.from(items, (_, i) => i),
          clusterCount: items.length,
        },
        verdicts: [...byModel.values()].map((own) =>
          Uint8Array.from(items, (item) => {
            const verdict = own.get(item);
            return verdict === undefined ? MISSING : CODE_OF[verdict];
          }),
        ),
      });
      const pairs = votersDifferingIn(recorded, 2);
      expect(pairs).toHaveLength(65);
      const { overall } = flipsBetween(...pairedTables(recorded, pairs));
      expect([overall.flipped.value, overall.flipped.n]).toEqual([differ / compared, compared]);
      expect(overall.flipped.low).toBeLessThan(overall.flipped.value);
      const [section] = recordedInvarianceSections(recorded, 2, 'order in which the answers are shown');
      expect(section).toMatchObject({ kind: 'figures', rows: [{ figure: overall.flipped }, {}, {}] });
    },
  );
});

describe('the same question asked again', () => {
  it('agreement and kappa of the worked example of Fleiss’s kappa: 0.378, 0.213, 0.210', () => {
    // Ten subjects, fourteen ratings each, five categories (the example of the Wikipedia article on Fleiss's kappa).
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ];
    const repeated = new RepeatedAnswers(5);
    counts.forEach((row, cluster) => {
      repeated.add(cluster, row);
    });
    const { observed, expected, kappa, changes } = repeated.consistency();
    expect(observed).toBeCloseTo(0.378, 3);
    expect(expected).toBeCloseTo(0.213, 3);
    expect(kappa).toBeCloseTo(0.21, 3);
    expect(changes.value).toBeCloseTo(1 - (observed ?? 0), 12);
  });

  it('who always says the same agrees with itself, and there is no kappa of that', () => {
    const repeated = new RepeatedAnswers(2);
    for (let cluster = 0; cluster < 5; cluster++) repeated.add(cluster, [0, 2]);
    expect(repeated.consistency()).toMatchObject({ observed: 1, expected: 1, kappa: null });
  });

  it('what was answered once says nothing', () => {
    const repeated = new RepeatedAnswers(2);
    repeated.add(0, [1, 0]);
    expect(repeated.consistency()).toMatchObject({ observed: null, kappa: null, changes: { n: 0 } });
  });
});
