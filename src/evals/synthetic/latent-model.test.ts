import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { madeUpModel } from '../../../test/evals/made-up-model.ts';
import { ConclaveError } from '../../errors.ts';
import { domainsFrom, groupsOf, readLatentModel, writtenModel } from './latent-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'latent-model-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = madeUpModel({
  voters: [{ developer: 'A', family: 'a' }, { prompt: 'p' }],
  shared: { family: 0.7 },
  points: [-1, 0, 1, 2],
  loadings: [1.25, -0.5],
});

function written(text: string): string {
  const file = join(folder, 'fit.yaml');
  writeFileSync(file, text);
  return file;
}

function refusal(text: string): ConclaveError {
  try {
    readLatentModel(written(text));
  } catch (error) {
    if (error instanceof ConclaveError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a latent model as a file', () => {
  it('comes back as it was written, a voter a line', () => {
    const text = writtenModel(model);
    expect(readLatentModel(written(text))).toEqual(model);
    expect(text).toContain(
      '\n  - { name: voter 1, domains: { developer: A, family: a }, abstains: 0, approve:',
    );
    expect(text.split('\n').length).toBeLessThan(15);
  });

  it('names the line of what is wrong', () => {
    const text = writtenModel(model);
    const line = text.split('\n').findIndex((each) => each.includes('voter 2')) + 1;
    const broken = refusal(
      text.replace(
        'name: voter 2, domains: { prompt: p }, abstains: 0',
        'name: voter 2, domains: { prompt: p }, abstains: 2',
      ),
    );
    expect(broken).toMatchObject({ code: 'bad-input', line });
    expect(broken.message).toContain('voters.1.abstains');
  });

  it.each([
    [
      'weights that do not add up',
      (text: string) => text.replace('weights: [ 0.25,', 'weights: [ 0.5,'),
      'add up to 1',
    ],
    [
      'a weight missing',
      (text: string) => text.replace('weights: [ 0.25,', 'weights: ['),
      'a weight for each point',
    ],
    ['a voter twice', (text: string) => text.replace('voter 2', 'voter 1'), 'each voter once'],
    ['a level nobody knows', (text: string) => text.replace('family: 0.7', 'zodiac: 0.7'), 'zodiac'],
    ['a digest that is none', (text: string) => text.replace('0'.repeat(64), 'abc'), '64 lower-case hex'],
  ])('%s is refused', (_, change, reason) => {
    const text = writtenModel(model);
    expect(change(text)).not.toBe(text);
    expect(refusal(change(text)).message).toContain(reason);
  });
});

describe('domains', () => {
  it('of voters whose names a model knows are completed, others are left', () => {
    const voters = [
      { name: 'voter 1', domains: { developer: 'A', host: 'h' } },
      { name: 'stranger', domains: {} },
    ];
    expect(domainsFrom(model, voters)).toEqual([
      { name: 'voter 1', domains: { developer: 'A', family: 'a', host: 'h' } },
      { name: 'stranger', domains: {} },
    ]);
  });

  it('put voters into groups; whose domain is not known is alone', () => {
    const voters = ['x', undefined, 'y', 'x', undefined].map((host) => ({
      domains: host === undefined ? {} : { host },
    }));
    const { of, sizes } = groupsOf(voters, 'host');
    expect([...of]).toEqual([0, 1, 2, 0, 3]);
    expect([...sizes]).toEqual([2, 1, 1, 1]);
  });
});
