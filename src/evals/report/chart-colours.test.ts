import { describe, expect, it } from 'vitest';
import { CHART_BY_DAY, CHART_BY_NIGHT, divergingStep, lineStyle } from './chart-colours.ts';
import { BY_DAY, BY_NIGHT } from './palette.ts';

type Triple = readonly [number, number, number];

/** Machado, Oliveira and Fernandes (2009), table 1, severity 1. */
const BLINDNESS: Readonly<Record<string, readonly Triple[]>> = {
  none: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(colour: string): Triple {
  const part = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

const times = ([a, b, c]: Triple, [x, y, z]: Triple): number => a * x + b * y + c * z;
const luminance = (colour: string): number => times([0.2126, 0.7152, 0.0722], linear(colour));

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function seen(colour: string, rows: readonly Triple[]): Triple {
  const light = linear(colour);
  const [x = 0, y = 0, z = 0] = rows.map((row) => Math.min(1, Math.max(0, times(row, light))));
  return lab([x, y, z]);
}

/** CIE L*a*b*, D65. */
function lab(rgb: Triple): Triple {
  const rows: readonly Triple[] = [
    [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
    [0.2126729, 0.7151522, 0.072175],
    [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883],
  ];
  const [x = 0, y = 0, z = 0] = rows
    .map((row) => times(row, rgb))
    .map((t) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const degrees = Math.PI / 180;
const cos = (angle: number): number => Math.cos(angle * degrees);

/** CIEDE2000, after Sharma, Wu and Dalal (2005). */
function distance([l1, a1, b1]: Triple, [l2, a2, b2]: Triple): number {
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7)));
  const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const hue = (a: number, b: number): number => (Math.atan2(b, a) / degrees + 360) % 360;
  const [h1, h2] = [hue(p1, b1), hue(p2, b2)];
  const apart = Math.abs(h1 - h2);
  const grey = c1 * c2 === 0;
  const turn = grey ? 0 : apart <= 180 ? h2 - h1 : h2 > h1 ? h2 - h1 - 360 : h2 - h1 + 360;
  const sum = h1 + h2;
  const h = grey ? sum : apart <= 180 ? sum / 2 : sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
  const c = (c1 + c2) / 2;
  const l = ((l1 + l2) / 2 - 50) ** 2;
  const t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63);
  const lightness = (l2 - l1) / (1 + (0.015 * l) / Math.sqrt(20 + l));
  const chroma = (c2 - c1) / (1 + 0.045 * c);
  const hues = (2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * degrees)) / (1 + 0.015 * c * t);
  const bend = 60 * Math.exp(-(((h - 275) / 25) ** 2));
  const rotation = -Math.sin(bend * degrees) * 2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  return Math.sqrt(lightness ** 2 + chroma ** 2 + hues ** 2 + rotation * chroma * hues);
}

it('the measure of distance is the published one (Sharma, Wu and Dalal 2005, table 1)', () => {
  expect(distance([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
  expect(distance([50, 2.49, -0.001], [50, -2.49, 0.0011])).toBeCloseTo(7.2195, 4);
  expect(distance([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387])).toBeCloseTo(1.2644, 4);
  expect(distance([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514])).toBeCloseTo(0.9082, 4);
});

describe.each([
  ['by day', CHART_BY_DAY, BY_DAY],
  ['by night', CHART_BY_NIGHT, BY_NIGHT],
] as const)('charts %s', (_, colours, { paper }) => {
  it('every line stands out from the paper: at least 3 to 1 (WCAG 2.2, 1.4.11)', () => {
    for (const colour of colours.series) expect(contrast(colour, paper)).toBeGreaterThanOrEqual(3);
  });

  it.each(Object.entries(BLINDNESS))('any two lines stay apart: %s', (_kind, rows) => {
    const all = colours.series.map((colour) => seen(colour, rows));
    const gaps = all.flatMap((one, i) => all.slice(0, i).map((other) => distance(one, other)));
    expect(gaps).toHaveLength(15);
    // Okabe and Ito's own come no closer than 12.
    expect(Math.min(...gaps)).toBeGreaterThan(15);
  });

  it.each(Object.entries(BLINDNESS))(
    'both arms of the map get steadily further from the paper: %s',
    (_kind, rows) => {
      for (const arm of [colours.above, colours.below]) {
        const lightness = [colours.zero, ...arm].map((colour) => seen(colour, rows)[0]);
        const away = lightness.map((one) => Math.abs(one - seen(paper, rows)[0]));
        expect(arm).toHaveLength(10);
        for (const [i, one] of away.entries()) if (i > 0) expect(one).toBeGreaterThan(away[i - 1] ?? 0);
      }
    },
  );

  it.each(['none', 'protanopia', 'deuteranopia'])(
    'above and below 0 are never mixed up from 0.2 on: %s',
    (kind) => {
      const rows = BLINDNESS[kind] ?? [];
      const gaps = colours.above
        .slice(1)
        .flatMap((one) =>
          colours.below.slice(1).map((other) => distance(seen(one, rows), seen(other, rows))),
        );
      expect(Math.min(...gaps)).toBeGreaterThan(10);
    },
  );
});

it('no two of 36 lines are drawn alike', () => {
  const styles = Array.from({ length: 36 }, (_, i) => JSON.stringify(lineStyle(i)));
  expect(new Set(styles).size).toBe(36);
});

it('a value is shown by the nearest tenth, and never beyond the ends', () => {
  expect([-3, -0.26, -0.04, 0.04, 0.05, 0.366, 1, 7].map(divergingStep)).toEqual([
    -10, -3, -0, 0, 1, 4, 10, 10,
  ]);
});
