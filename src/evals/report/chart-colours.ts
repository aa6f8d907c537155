// The colours of charts, by day and by night. Six for lines, chosen so that any two stay apart for readers who see no red, no
// green or no blue (simulated after Machado, Oliveira and Fernandes 2009; a test holds the distance); each line has a dash and a
// mark of its own besides. Two arms for a map from -1 to 1: yellow to red above 0 and blue below, each getting steadily further
// from the paper, so that strength is read from lightness alone and sign from hue, which no common colour blindness mixes up.

export interface ChartColours {
  readonly series: readonly string[];
  readonly zero: string;
  /** from 0.1 to 1 */
  readonly above: readonly string[];
  /** from -0.1 to -1 */
  readonly below: readonly string[];
}

export const CHART_BY_DAY: ChartColours = {
  series: ['#383bbd', '#a3801b', '#15887c', '#570134', '#8a7fff', '#404c00'],
  zero: '#f3f1ec',
  above: [
    '#faf0d0',
    '#f6e2b3',
    '#f6cf86',
    '#efad59',
    '#e3852f',
    '#ce601c',
    '#b1411e',
    '#922721',
    '#6f1b25',
    '#4e1221',
  ],
  below: [
    '#dfeffa',
    '#bcdff6',
    '#93cbf0',
    '#70b0e1',
    '#5093ce',
    '#3b77b9',
    '#2f5da0',
    '#254587',
    '#20346d',
    '#182354',
  ],
};

export const CHART_BY_NIGHT: ChartColours = {
  series: ['#5c86ff', '#f0e25a', '#7fe4fe', '#a0647f', '#b6c4a9', '#628106'],
  zero: '#24221f',
  above: [
    '#36231c',
    '#4b261d',
    '#6c2d23',
    '#8d3b28',
    '#af4c29',
    '#cb6529',
    '#de8633',
    '#eda84b',
    '#f4ce79',
    '#fcf1aa',
  ],
  below: [
    '#1b2a3d',
    '#1d304b',
    '#213e69',
    '#285287',
    '#2f69a5',
    '#3c83be',
    '#53a0d2',
    '#70bce4',
    '#98d7ef',
    '#c3f1fd',
  ],
};

/** As custom properties of a style sheet: --s1 and on, --zero, --p1 to --p10 and --m1 to --m10. */
export function chartProperties({ series, zero, above, below }: ChartColours): string {
  const list = (letter: string, colours: readonly string[]): string[] =>
    colours.map((colour, i) => `--${letter}${i + 1}:${colour}`);
  return [...list('s', series), `--zero:${zero}`, ...list('p', above), ...list('m', below)].join(';');
}

/** How a line is told from others: by colour, by dash and by mark. */
export interface LineStyle {
  readonly colour: string;
  /** of an SVG stroke */
  readonly dash: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'star';
}

const SYMBOLS: readonly LineStyle['symbol'][] = ['circle', 'square', 'triangle', 'diamond', 'cross', 'star'];
const DASHES: readonly string[] = ['none', '8 4', '2.5 3', '11 3 2.5 3', '5 2.5', '1.5 5'];

/** After six the colours begin again, with another dash and another mark, so that no two of 36 are alike. */
export function lineStyle(index: number): LineStyle {
  const turn = Math.floor(index / SYMBOLS.length);
  return {
    colour: `var(--s${(index % CHART_BY_DAY.series.length) + 1})`,
    dash: DASHES[(index + turn) % DASHES.length] ?? 'none',
    symbol: SYMBOLS[(index + turn) % SYMBOLS.length] ?? 'circle',
  };
}

/** The colour of a value from -1 to 1, to the nearest tenth. */
export function divergingStep(value: number): number {
  return Math.max(-10, Math.min(10, Math.round(value * 10)));
}

export function divergingColour(step: number): string {
  if (step === 0) return 'var(--zero)';
  return step > 0 ? `var(--p${step})` : `var(--m${-step})`;
}
