import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ConclaveError } from '../../errors.ts';
import { type ReadOptions, type ReadVerdicts, readVerdicts } from './read-verdicts.ts';
import { MAX_LINE_BYTES } from './verdict-file.ts';
import { ABSTAIN, APPROVE, MISSING, NO_CONFIDENCE, REJECT } from './verdict-table.ts';

const SHARED = join(import.meta.dirname, '../../../../shared/verdicts');
const CRUX = join(SHARED, 'zeroeval-crux-verify.jsonl.gz');
const LLMBAR = join(SHARED, 'llmbar.jsonl.gz');

const folder = mkdtempSync(join(tmpdir(), 'verdicts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function kept(content: string | Uint8Array, name = 'some.jsonl'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function row(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    dataset: 'd',
    item: 'i',
    label: 'approve',
    model: 'm',
    vendor: 'v',
    verdict: 'reject',
    ...change,
  };
}

const lines = (...rows: readonly object[]): string => rows.map((one) => `${JSON.stringify(one)}\n`).join('');

const read = (content: string | Uint8Array, name?: string, options?: ReadOptions): Promise<ReadVerdicts> =>
  readVerdicts([kept(content, name)], options);

/** "line: message" of what a file is refused for. */
async function refusal(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    if (!(error instanceof ConclaveError) || error.code !== 'bad-input') throw error;
    expect(error.file).toContain(folder);
    return `${error.line}: ${error.message}`;
  }
  return 'accepted';
}

describe('verdicts as JSON Lines', () => {
  it('rows in any order make one table; what nobody said is missing', async () => {
    const { table, dataset, sources } = await read(
      lines(
        row(),
        row({ item: 'j', model: 'n', vendor: 'w', verdict: 'approve' }),
        row({ model: 'n', vendor: 'w', verdict: 'abstain' }),
      ),
    );
    expect(dataset).toBe('d');
    expect(sources.map(({ name, count }) => [name, count])).toEqual([['some.jsonl', 3]]);
    expect(table).toEqual({
      voters: [
        { name: 'm', domains: { developer: 'v' } },
        { name: 'n', domains: { developer: 'w' } },
      ],
      items: {
        names: ['i', 'j'],
        labels: Uint8Array.of(APPROVE, APPROVE),
        clusters: Uint32Array.of(0, 1),
        clusterCount: 2,
      },
      verdicts: [Uint8Array.of(REJECT, MISSING), Uint8Array.of(ABSTAIN, APPROVE)],
    });
  });

  it('a cluster is shared by name, and an item without one is its own', async () => {
    const { table } = await read(
      lines(row({ cluster: 'q' }), row({ item: 'j' }), row({ item: 'k', cluster: 'q' }), row({ item: 'l' })),
    );
    expect([...table.items.clusters]).toEqual([0, 1, 0, 2]);
  });

  it('what voters share besides the maker, and how sure they say they are, is kept', async () => {
    const shared = { family: 'f', host: 'h', lens: 'l', prompt: 'p' };
    const { table } = await read(
      lines(row({ ...shared, confidence: 0 }), row({ ...shared, item: 'j', confidence: null })),
    );
    expect(table.voters[0]?.domains).toEqual({ developer: 'v', ...shared });
    expect(table.confidences?.map((list) => [...list])).toEqual([[0, NO_CONFIDENCE]]);
  });

  it('columns of other names are read where they are named, and must be there', async () => {
    const columns = { family: 'base_model', item: 'question' };
    const { item, ...rest } = row({ base_model: 'b', question: 'i', family: 'not this one' });
    const { table } = await read(lines(rest), undefined, { columns });
    expect(table.voters[0]?.domains).toEqual({ developer: 'v', family: 'b' });
    expect(await refusal(read(lines(row({ base_model: 'b' })), undefined, { columns }))).toBe(
      '1: expected something in "question", found nothing',
    );
    expect(await refusal(read(lines(row()), undefined, { columns: { family: '__proto__' } }))).toContain(
      '1: ',
    );
  });

  it('files are put together; items of several datasets carry its name', async () => {
    const one = kept(lines(row()), 'one.jsonl');
    const two = kept(lines(row({ dataset: 'e' })), 'two.jsonl');
    const both = await readVerdicts([one, two]);
    expect(both.dataset).toBe('d + e');
    expect(both.table.items.names).toEqual(['d: i', 'e: i']);
    expect(both.sources.map(({ name }) => name)).toEqual(['one.jsonl', 'two.jsonl']);
    expect(await refusal(readVerdicts([one, one]))).toContain(
      '1: expected one verdict of a model on an item',
    );
  });

  it('a byte order mark, Windows line ends and a missing last line end are no harm', async () => {
    const text = `\ufeff${lines(row(), row({ item: 'ï' })).replaceAll('\n', '\r\n')}`.trimEnd();
    expect((await read(text)).table.items.names).toEqual(['i', 'ï']);
  });

  it('names of any script, and those with a meaning in JavaScript, are names', async () => {
    const names = ['__proto__', 'constructor', 'toString', '日本語', '👩‍👩‍👧', '{"item":1}', '0'];
    const { table } = await read(lines(...names.map((name) => row({ item: name, model: name }))));
    expect(table.items.names).toEqual(names);
    expect(table.voters.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ['what is not JSON', '{"dataset":', 'expected a verdict as a JSON object, found what is not JSON'],
    ['an empty line', '', 'expected a verdict as a JSON object, found an empty line'],
    ['a list', '[]', 'expected a verdict as a JSON object, found a list'],
    ['a number', '1', 'expected a verdict as a JSON object, found 1'],
    [
      'a missing field',
      lines({ ...row(), model: undefined }).trim(),
      'expected text in "model", found nothing',
    ],
    ['a number for a name', lines(row({ item: 3 })).trim(), 'expected text in "item", found 3'],
    ['no maker', lines(row({ item: 'j', vendor: null })).trim(), 'expected text in "vendor", found null'],
    [
      'an unknown verdict',
      lines(row({ item: 'j', verdict: 'Approve\u001b' })).trim(),
      'expected approve, reject or abstain in "verdict", found "Approve\ufffd"',
    ],
    [
      'an unknown label',
      lines(row({ item: 'j', label: true })).trim(),
      'expected approve, reject or abstain in "label", found true',
    ],
    [
      'another label',
      lines(row({ model: 'n', label: 'reject' })).trim(),
      'expected one label for an item, found that of "i" to be another one, "reject"',
    ],
    [
      'another cluster',
      lines(row({ model: 'n', cluster: 'q' })).trim(),
      'expected one cluster for an item, found "q" for "i" after nothing',
    ],
    [
      'another maker',
      lines(row({ item: 'j', vendor: 'w' })).trim(),
      'expected one vendor for a model, found "w" for "m" after "v"',
    ],
    [
      'another family',
      lines(row({ item: 'j', family: 'f' })).trim(),
      'expected one family for a model, found "f" for "m" after nothing',
    ],
    [
      'a second verdict',
      lines(row({ verdict: 'approve' })).trim(),
      'expected one verdict of a model on an item, found a second one of "m" on "i"',
    ],
    [
      'a share for a percentage',
      lines(row({ item: 'j', confidence: 0.85 })).trim(),
      'expected whole percent from 0 to 100 in "confidence", found 0.85',
    ],
    [
      'more than certain',
      lines(row({ item: 'j', confidence: 101 })).trim(),
      'expected whole percent from 0 to 100 in "confidence", found 101',
    ],
  ])('%s is refused with its line', async (_, line, message) => {
    expect(
      await refusal(read(`${lines(row({ item: 'h' }), row())}${line}\n${lines(row({ item: 'z' }))}`)),
    ).toBe(`3: ${message}`);
  });

  it.each(['', 'a\nb', 'a\tb', 'a\0b', 'a\u202eb', 'a\u200bb', '\ud800', 'x'.repeat(257)])(
    'the name %j is refused, whatever it names',
    async (name) => {
      const said = await Promise.all(
        ['dataset', 'item', 'model', 'vendor', 'cluster', 'family', 'host', 'lens', 'prompt'].map((column) =>
          refusal(read(lines(row({ [column]: name })), `${column}.jsonl`)),
        ),
      );
      for (const one of said)
        expect(one).toMatch(/^1: expected 1 to 256 characters in one line, none of them/);
    },
  );

  it('bytes that are not UTF-8 and lines that are too long are named, however far behind', async () => {
    const long = Array.from({ length: 4000 }, (_, i) => row({ item: `item ${i}`, cluster: 'x'.repeat(200) }));
    const before = Buffer.from(lines(...long));
    expect(before.length).toBeGreaterThan(2 ** 20);
    expect(await refusal(read(Buffer.concat([before, Buffer.of(0x7b, 0xff, 0x0a)])))).toBe(
      '4001: expected UTF-8 text',
    );
    const tooLong = Buffer.from(lines(row({ note: 'x'.repeat(MAX_LINE_BYTES) })));
    expect(await refusal(read(Buffer.concat([before, tooLong])))).toContain(
      '4001: expected lines of at most',
    );
    expect(await refusal(read(Buffer.concat([before, Buffer.alloc(3 * MAX_LINE_BYTES, 'x')])))).toContain(
      '4001: expected lines of at most',
    );
  });
});

describe('files of verdicts', () => {
  it('zipped or not, the same table, and the digest is that of the bytes as they are on disk', async () => {
    const plain = lines(row(), row({ item: 'j' }));
    const zipped = gzipSync(plain);
    const [one, two] = [await read(plain), await read(zipped, 'some.jsonl.gz')];
    expect(two.table).toEqual(one.table);
    expect(one.sources[0]?.digest).toBe(createHash('sha256').update(plain).digest('hex'));
    expect(two.sources[0]?.digest).toBe(createHash('sha256').update(zipped).digest('hex'));
  });

  it('zipped parts one after the other are one file', async () => {
    const parts = [gzipSync(lines(row())), gzipSync(lines(row({ item: 'j' })))];
    expect((await read(Buffer.concat(parts), 'parts.jsonl.gz')).table.items.names).toEqual(['i', 'j']);
  });

  it('a zipped file that is cut, damaged, followed by something or not zipped is refused', async () => {
    const zipped = gzipSync(lines(...Array.from({ length: 500 }, (_, i) => row({ item: `item ${i * i}` }))));
    const damaged = Buffer.from(zipped);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1;
    const bad = [
      zipped.subarray(0, -1),
      zipped.subarray(0, 300),
      damaged,
      Buffer.concat([zipped, Buffer.alloc(8), zipped]),
      Buffer.concat([zipped, Buffer.from('more')]),
      Buffer.from(lines(row())),
      Buffer.alloc(0),
    ];
    for (const bytes of bad) {
      expect(await refusal(read(bytes, 'bad.jsonl.gz'))).toContain('expected a whole gzip file');
    }
  });

  it('zipped under another name is said to be zipped, and what its name should be', async () => {
    for (const name of ['zipped.jsonl', 'zipped.csv'])
      expect(await refusal(read(gzipSync(lines(row())), name))).toBe(
        'undefined: expected plain text, found gzip: its name should end in .gz',
      );
  });

  it('an empty file, a folder and none at all are refused', async () => {
    expect(await refusal(read(''))).toBe('undefined: expected verdicts, found none');
    expect(await refusal(read('dataset,item,label,model,vendor,verdict\n', 'empty.csv'))).toContain(
      'found none',
    );
    expect(await refusal(read('', 'nothing.csv'))).toContain('found none');
    expect(await refusal(readVerdicts([folder]))).toContain('expected a file, found something else');
    expect(await refusal(readVerdicts([join(folder, 'none')]))).toContain('expected a readable file');
  });
});

describe('the recordings that are there', () => {
  it.skipIf(!existsSync(CRUX))(
    'crux: 51 models of 12 makers on 1,561 items of 800 questions, complete',
    async () => {
      const { table, dataset, sources } = await readVerdicts([CRUX]);
      expect(dataset).toBe('zeroeval_crux_verify');
      expect(sources[0]?.count).toBe(79_611);
      expect(sources[0]?.digest).toBe(createHash('sha256').update(readFileSync(CRUX)).digest('hex'));
      expect(new Set(table.voters.map(({ domains }) => domains.developer)).size).toBe(12);
      expect([table.voters.length, table.items.names.length, table.items.clusterCount]).toEqual([
        51, 1561, 800,
      ]);
      expect(table.verdicts.every((list) => !list.includes(MISSING))).toBe(true);
      // The accuracy of the best, as the recording's README has it.
      const best = table.verdicts[table.voters.findIndex(({ name }) => name === 'o1-preview-2024-09-12')];
      const right = best?.filter((verdict, item) => verdict === table.items.labels[item]).length ?? 0;
      expect((right / 1561).toFixed(3)).toBe('0.968');
    },
  );

  it.skipIf(!existsSync(LLMBAR))('LLMBar: models and prompts by the names it has for them', async () => {
    const { table } = await readVerdicts([LLMBAR], { columns: { family: 'base_model', prompt: 'strategy' } });
    expect([table.voters.length, table.items.names.length]).toEqual([130, 419]);
    expect(new Set(table.voters.map(({ domains }) => domains.family)).size).toBe(6);
    expect(new Set(table.voters.map(({ domains }) => domains.prompt)).size).toBe(15);
  });
});
