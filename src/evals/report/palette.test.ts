import { describe, expect, it } from 'vitest';
import { BY_DAY, BY_NIGHT, type Palette } from './palette.ts';

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const PAIRS: readonly (readonly [keyof Palette, keyof Palette])[] = [
  ['ink', 'paper'],
  ['ink', 'shade'],
  ['ink', 'unsureTint'],
  ['ink', 'rejectTint'],
  ['quiet', 'paper'],
  ['approve', 'paper'],
  ['reject', 'paper'],
  ['unsure', 'paper'],
  ['paper', 'approve'],
  ['reject', 'rejectTint'],
  ['unsure', 'unsureTint'],
];

describe.each([
  ['by day', BY_DAY],
  ['by night', BY_NIGHT],
] as const)('the palette %s', (_, palette) => {
  it.each(PAIRS)('%s on %s can be read: at least 4.5 to 1', (front, back) => {
    expect(contrast(palette[front], palette[back])).toBeGreaterThanOrEqual(4.5);
  });
});

it('the measure itself can fail', () => {
  expect(contrast('#ffffff', '#000000')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeLessThan(4.5);
});
