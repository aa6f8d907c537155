// CSV, and what holds of any table and any damage whatever the form.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DECEPTIVE } from '../../council/field-rules.ts';
import { ConclaveError } from '../../errors.ts';
import { readVerdicts } from './read-verdicts.ts';
import { DOMAINS, MISSING, NO_CONFIDENCE, tableOf, type VerdictTable, withItems } from './verdict-table.ts';
import { writeVerdicts } from './write-verdicts.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdicts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = 'dataset,item,label,model,vendor,verdict';

function kept(content: string | Uint8Array, name = 'some.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** "line: message" of what a file is refused for. */
async function refusal(file: string): Promise<string> {
  try {
    await readVerdicts([file]);
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
    expect(error.file).toBe(file);
    return `${error.line}: ${error.message}`;
  }
  return 'accepted';
}

describe('verdicts as CSV', () => {
  it('columns come in any order, among others; an empty cell says nothing', async () => {
    const text = [
      'note,verdict,model,label,item,vendor,dataset,cluster,confidence,family',
      '"two\r\nlines, ""quoted""",approve,m,reject,"a, b",v,d,,07,',
      ',abstain,m,reject,c,v,d,q,,',
    ].join('\r\n');
    const { table } = await readVerdicts([kept(`\ufeff${text}`)]);
    expect(table.items.names).toEqual(['a, b', 'c']);
    expect(table.items.clusterCount).toBe(2);
    expect(table.voters).toEqual([{ name: 'm', domains: { developer: 'v' } }]);
    expect(table.confidences?.map((list) => [...list])).toEqual([[7, NO_CONFIDENCE]]);
  });

  it.each([
    ['item,label', '1: expected a header with the columns dataset, model, vendor, verdict as well'],
    [
      HEADER.replaceAll(',', ';'),
      '1: expected a header with the columns dataset, item, label, model, vendor, verdict as well, separated by commas',
    ],
    [`${HEADER},item`, '1: expected each column once, found "item" twice'],
    [`${HEADER}\nd,i,approve,m,v`, '2: expected CSV: this row has more or fewer cells than the header'],
    [
      `${HEADER}\nd,i,approve,m,v,reject,x`,
      '2: expected CSV: this row has more or fewer cells than the header',
    ],
    [
      `${HEADER}\nd,i,approve,m,v,reject\n\n`,
      '3: expected CSV: this row has more or fewer cells than the header',
    ],
    [`${HEADER}\nd,"i,approve,m,v,reject\nd,j`, '2: expected CSV: a quotation mark is never closed'],
    [`${HEADER}\nd,"i"x,approve,m,v,reject`, '2: expected CSV: something follows a closing quotation mark'],
    [`${HEADER}\nd,i"x",approve,m,v,reject`, '2: expected CSV: a quotation mark stands inside a cell'],
    [`${HEADER}\nd,"${'x'.repeat(2 ** 20)}`, '2: expected '],
    [`${HEADER}\nd,,approve,m,v,reject`, '2: expected text in "item", found nothing'],
    [`${HEADER}\nd,i,approve,m,v,yes`, '2: expected approve, reject or abstain in "verdict", found "yes"'],
    [
      `${HEADER},confidence\nd,i,approve,m,v,reject,0.9`,
      '2: expected whole percent from 0 to 100 in "confidence", found "0.9"',
    ],
    [
      `${HEADER},note\nd,i,approve,m,v,reject,"1\n2\n3"\nd,i,approve,m,v,reject,`,
      '5: expected one verdict of a model on an item, found a second one of "m" on "i"',
    ],
  ])('%j is refused with its line', async (text, message) => {
    expect(await refusal(kept(text))).toContain(message);
  });
});

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((text) => !DECEPTIVE.test(text) && !/[\n\t]/.test(text));

/** Tables in which each item and each voter has a verdict, clusters numbered as they come. */
const anyTable = fc
  .record({
    voters: fc.uniqueArray(
      fc.record({ name, developer: name, family: fc.option(name), prompt: fc.option(name) }),
      { minLength: 1, maxLength: 5, selector: (voter) => voter.name },
    ),
    items: fc.uniqueArray(fc.record({ name, label: fc.integer({ min: 1, max: 3 }), cluster: fc.nat(4) }), {
      minLength: 1,
      maxLength: 8,
      selector: (item) => item.name,
    }),
    confident: fc.boolean(),
  })
  .chain(({ voters, items, confident }) => {
    const rows = (cell: fc.Arbitrary<number>): fc.Arbitrary<Uint8Array[]> =>
      fc.array(
        fc
          .array(cell, { minLength: items.length, maxLength: items.length })
          .map((row) => Uint8Array.from(row)),
        { minLength: voters.length, maxLength: voters.length },
      );
    return fc.record({
      voters: fc.constant(voters),
      items: fc.constant(items),
      verdicts: rows(fc.integer({ min: 0, max: 3 })),
      confidences: confident ? rows(fc.integer({ min: 0, max: 100 })) : fc.constant(undefined),
    });
  })
  .map(({ voters, items, verdicts, confidences }): VerdictTable => {
    // The first voter says something of every item, and every voter of the first item.
    for (const [voter, row] of verdicts.entries()) {
      for (const item of row.keys()) {
        if (row[item] === MISSING && (voter === 0 || item === 0)) row[item] = 1;
        const said = confidences?.[voter];
        if (row[item] === MISSING && said !== undefined) said[item] = NO_CONFIDENCE;
      }
    }
    const table = tableOf({
      voters: voters.map(({ name, developer, family, prompt }) => ({
        name,
        domains: {
          developer,
          ...(family === null ? {} : { family }),
          ...(prompt === null ? {} : { prompt }),
        },
      })),
      items: {
        names: items.map(({ name }) => name),
        labels: Uint8Array.from(items, ({ label }) => label),
        clusters: Uint32Array.from(items, ({ cluster }) => cluster),
        clusterCount: 5,
      },
      verdicts,
      ...(confidences === undefined ? {} : { confidences }),
    });
    return withItems(table, [...items.keys()]);
  });

const WORDS = ['', 'approve', 'reject', 'abstain'];

function csvOf({ voters, items, verdicts, confidences }: VerdictTable): string {
  const cell = (value: string | number | undefined): string =>
    `"${String(value ?? '').replaceAll('"', '""')}"`;
  const rows = items.names.flatMap((item, at) =>
    voters.flatMap(({ name, domains }, voter) => {
      const verdict = WORDS[verdicts[voter]?.[at] ?? 0];
      if (verdict === '') return [];
      const confidence = confidences?.[voter]?.[at] ?? NO_CONFIDENCE;
      const cells = ['d', item, WORDS[items.labels[at] ?? 0], name, verdict, items.clusters[at]];
      const sure = confidence === NO_CONFIDENCE ? '' : confidence;
      return [[...cells, sure, ...DOMAINS.map((domain) => domains[domain])].map(cell).join(',')];
    }),
  );
  return ['dataset,item,label,model,verdict,cluster,confidence,vendor,family,host,lens,prompt', ...rows].join(
    '\n',
  );
}

describe('whatever is recorded', () => {
  it('any table comes back from JSON Lines and from CSV as it was', async () => {
    await fc.assert(
      fc.asyncProperty(anyTable, fc.constantFrom('any.jsonl', 'any.jsonl.gz'), async (table, written) => {
        await writeVerdicts(join(folder, written), table, 'd');
        expect((await readVerdicts([join(folder, written)])).table).toEqual(table);
        expect((await readVerdicts([kept(csvOf(table), 'any.csv')])).table).toEqual(table);
      }),
      { numRuns: 40 },
    );
  });

  const damages: Readonly<Record<string, (line: string) => string | Uint8Array>> = {
    'cut in half': (line) => line.slice(0, line.length / 2),
    emptied: () => '',
    'put in a list': (line) => `[${line}]`,
    'without its item': (line) => line.replace('"item":', '"other":'),
    'with a number for a model': (line) => line.replace(/"model":"[^"]*"/, '"model":7'),
    'with an unknown verdict': (line) => line.replace(/"verdict":"[a-z]*"/, '"verdict":"maybe"'),
    'with bytes that are not UTF-8': (line) => Buffer.concat([Buffer.from(line), Buffer.of(0xc3)]),
    'with a direction override': (line) => line.replace('"dataset":"', '"dataset":"\u202e'),
    'joined to another': (line) => line + line,
    'followed by itself': (line) => `${line}\n${line}`,
    'followed by another label': (line) =>
      `${line}\n${line.replace(/"label":"[a-z]*"/, (label) => (label.includes('reject') ? '"label":"approve"' : '"label":"reject"'))}`,
    'followed by another maker': (line) => `${line}\n${line.replace('"vendor":"v', '"vendor":"w')}`,
  };

  it.each(Object.entries(damages))('a line %s is named, wherever it stands', async (what, damage) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }).chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1))),
        async ([count, at]) => {
          const all = Array.from({ length: count }, (_, i) =>
            JSON.stringify({
              dataset: 'd',
              item: `i${i % 7}`,
              label: i % 7 < 3 ? 'approve' : 'reject',
              model: `m${Math.floor(i / 7)}`,
              vendor: 'v',
              verdict: 'approve',
            }),
          );
          const bytes = Buffer.concat(
            all.flatMap((line, i) => [Buffer.from(i === at ? damage(line) : line), Buffer.of(0x0a)]),
          );
          const named = what.startsWith('followed') ? at + 2 : at + 1;
          expect(await refusal(kept(bytes, 'damaged.jsonl'))).toMatch(new RegExp(`^${named}: `));
        },
      ),
      { numRuns: 12 },
    );
  });
});
