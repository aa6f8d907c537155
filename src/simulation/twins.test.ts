// Twins scenarios: the published files where they are at hand, and a few typed in.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConclaveError } from '../errors.ts';
import { runTwins } from './simulate.ts';
import { parseTwins } from './twins-file.ts';

const shared = join(import.meta.dirname, '..', '..', '..', 'shared', 'twins');
const FILES = [
  ['test_scenarios.json', 100],
  ['fhs_twins.json', 1],
  ['streamlet_twins.json', 1],
  ['fhsBugScenario.json', 1],
] as const;

const scenarios = (change: Record<string, unknown> = {}): string =>
  JSON.stringify({
    num_of_nodes: 4,
    num_of_twins: 1,
    scenarios: [
      {
        round_leaders: { '1': [0, 4], '2': [0, 4], '3': [1] },
        round_partitions: {
          '1': [
            [0, 1, 2],
            [3, 4],
          ],
          '2': [
            [0, 1],
            [2, 3, 4],
          ],
          '3': [[0, 1, 2, 3, 4]],
        },
        firewall: { '3': { '1': [0] } },
        ...change,
      },
    ],
  });

describe('Twins', () => {
  it.for(FILES)('%s: all %i scenarios agree and progress after healing', ([name, count], { skip }) => {
    const path = join(shared, name);
    if (!existsSync(path)) skip('the shared scenario files are not here');
    const report = runTwins(readFileSync(path, 'utf8'), name);
    expect(report.violations).toEqual([]);
    expect(report).toMatchObject({ scenarios: count, runs: 2 * count, tolerated: true });
  });

  it('a twin pair that leads on both sides of a partition equivocates and harms nobody', () => {
    expect(runTwins(scenarios(), 'typed in').violations).toEqual([]);
  });

  it('two twins of four are one too many, and some scenario shows it', () => {
    const leaders = Object.fromEntries([1, 2, 3, 4].map((round) => [round, [0, 4]]));
    const halves = Object.fromEntries(
      [1, 2, 3, 4].map((round) => [
        round,
        [
          [0, 1, 2],
          [3, 4, 5],
        ],
      ]),
    );
    const file = JSON.stringify({
      num_of_nodes: 4,
      num_of_twins: 2,
      scenarios: [{ round_leaders: leaders, round_partitions: halves }],
    });
    const report = runTwins(file, 'typed in');
    expect(report.tolerated).toBe(false);
    expect(report.violations.map(({ kind }) => kind)).toContain('agreement');
  });
});

describe('a Twins file that is', () => {
  it.for([
    ['not JSON', '{'],
    ['of another shape', '{"nodes":4}'],
    ['naming a node that is not there', scenarios({ round_leaders: { '1': [5] } })],
    ['leading a round by nobody', scenarios({ round_leaders: { '1': [] } })],
    ['numbering rounds from 0', scenarios({ round_leaders: { '0': [1] } })],
    ['holding an unknown field', scenarios({ comment: 'x' })],
    ['counting more twins than nodes', scenarios().replace('"num_of_twins":1', '"num_of_twins":5')],
    ['huge', scenarios().replace('"num_of_nodes":4', '"num_of_nodes":1000000')],
  ])('%s is refused with the name of the file', ([, text]) => {
    expect(() => parseTwins(text ?? '', 'some.json')).toThrowError(ConclaveError);
    try {
      parseTwins(text ?? '', 'some.json');
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad-input', file: 'some.json' });
    }
  });
});
