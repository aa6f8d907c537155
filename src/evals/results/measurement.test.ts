import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRoster } from '../../../test/rigs/chamber.ts';
import { digestOf } from '../../signing/digest.ts';
import {
  keepMeasurement,
  type Measurement,
  measurementFor,
  measurementsFolder,
  panelOf,
} from './measurement.ts';

const { seats } = testRoster(33);
const panel = panelOf(seats);

const MEASURED: Omit<Measurement, 'schemaVersion'> = {
  panel,
  suite: 'baseline-accuracy',
  command: 'conclave eval run evals/baseline-accuracy.yaml',
  seats: 33,
  items: 400,
  effectiveVotes: { value: 2.6, low: 2.4, high: 2.9, n: 400, method: 'bootstrap' },
  meanErrorCorrelation: { value: 0.37, low: 0.33, high: 0.4, n: 528, method: 'bootstrap' },
  sources: [digestOf('data')],
};

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'measured-'));
});
afterEach(() => rmSync(data, { recursive: true }));

describe('the measurement of a panel', () => {
  it('is found by the models that sit, and is what was kept', () => {
    expect(measurementFor(data, { seats })).toBeUndefined();
    const file = keepMeasurement(data, MEASURED);
    expect(measurementFor(data, { seats })).toEqual({ schemaVersion: 1, ...MEASURED });
    expect(file).toBe(join(data, 'measurements', `${panel}.json`));
  });

  it('is of these models in these seats: another model, order or a vacant chair is another panel', () => {
    const [one, two, ...rest] = seats;
    if (one === undefined || two === undefined) throw new Error('a roster of 33');
    const others = [
      [two, one, ...rest],
      [one, { ...two, model: digestOf('another') }, ...rest],
      [{ ...one, vacant: true as const }, two, ...rest],
      [one, ...rest],
    ];
    expect(new Set([seats, ...others].map(panelOf)).size).toBe(5);
    // Who keeps which keys at which machine is no matter of what is answered.
    expect(panelOf(seats.map((seat) => ({ ...seat, node: 'elsewhere', ed25519: 'other' })))).toBe(panel);
  });

  it('a later one replaces it whole, and nothing else is left', () => {
    keepMeasurement(data, MEASURED);
    keepMeasurement(data, { ...MEASURED, items: 500 });
    expect(measurementFor(data, { seats })?.items).toBe(500);
    expect(readdirSync(measurementsFolder(data))).toEqual([`${panel}.json`]);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -20)],
    ['of another panel', (text: string) => text.replace(panel, digestOf('another'))],
    ['of fewer seats', (text: string) => text.replace('"seats":33', '"seats":32')],
    ['without an interval', (text: string) => text.replace('"low":2.4,', '')],
    ['with an interval upside down', (text: string) => text.replace('"low":2.4', '"low":3.4')],
    ['with a word for a number', (text: string) => text.replace('"value":2.6', '"value":"many"')],
    ['with a name that hides something', (text: string) => text.replace('baseline', 'base\u202eline')],
    ['with more than it may say', (text: string) => text.replace('{', '{"signed":true,')],
  ])('one that is %s is refused, with its name', (_, damage) => {
    const file = keepMeasurement(data, MEASURED);
    writeFileSync(file, damage(readFileSync(file, 'utf8')));
    expect(() => measurementFor(data, { seats })).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        file,
        message: expect.stringContaining('measurement of a panel'),
      }),
    );
  });
});
