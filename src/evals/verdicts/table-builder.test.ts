import { describe, expect, it } from 'vitest';
import { MAX_CELLS, MAX_VOTERS, TableBuilder } from './table-builder.ts';
import { columnsNamed, type Row } from './verdict-columns.ts';

const row = (item: number, model: number): Row => ({
  dataset: 'd',
  item: `item ${item}`,
  label: 'approve',
  model: `model ${model}`,
  vendor: 'v',
  verdict: 'approve',
});

/** One item that as many models as there may be gave a verdict on. */
function crowded(): TableBuilder {
  const builder = new TableBuilder(columnsNamed({}).names);
  for (let model = 0; model < MAX_VOTERS; model++) builder.add(row(0, model), { line: model + 1 });
  return builder;
}

describe('what a table may hold', () => {
  it('one model more than may be is refused with its line', () => {
    expect(() => crowded().add(row(0, MAX_VOTERS), { file: 'some.jsonl', line: 10_001 })).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        file: 'some.jsonl',
        line: 10_001,
        message: expect.stringContaining('at most 10000 models'),
      }),
    );
  });

  it('many models on many items are refused before there is memory for all pairs of them', () => {
    const builder = crowded();
    const most = Math.floor(MAX_CELLS / MAX_VOTERS);
    for (let item = 1; item < most; item++) builder.add(row(item, 0), {});
    expect(() => builder.add(row(most, 0), {})).toThrow(`found ${MAX_VOTERS} models and ${most + 1} items`);
  });
});
