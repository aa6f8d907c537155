// The chamber as people see it: who sits, grouped by what seats share; every ballot sealed, then all opened at
// once; the count against the threshold; the grounds, and who dissents. Only pictures here, no knowledge of how
// a case is decided. Every state has a sign of its own, so that nothing is lost without colour.
import { clip, padEnd, padStart, plural, visible, widthOf, wrap } from './layout.ts';
import type { Colors } from './terminal.ts';

export type SeatState = 'judging' | 'sealed' | 'approve' | 'reject' | 'abstain' | 'missing';

export interface ChamberSeat {
  readonly seat: number;
  readonly name: string;
  readonly developer: string;
  readonly state: SeatState;
}

export interface CriterionCount {
  readonly title: string;
  readonly mandatory: boolean;
  readonly met: number;
  readonly notMet: number;
  readonly insufficient: number;
}

export interface Dissent {
  readonly seat: number;
  readonly name: string;
  readonly lens: string;
  readonly verdict: string;
  /** why, in the seat's own words, where this process has them */
  readonly why: string;
}

export type Tally = Readonly<Record<'approve' | 'reject' | 'abstain' | 'missing', number>>;

const SIGN: Record<SeatState, string> = {
  judging: '·',
  sealed: '■',
  approve: '✓',
  reject: '✗',
  abstain: '–',
  missing: '○',
};

const INDENT = '  ';
const GROUP_COLUMNS = 20;
const SEAT_COLUMNS = 6;
const BAR_COLUMNS = 66;

function paint(state: SeatState, text: string, colors: Colors): string {
  switch (state) {
    case 'judging':
      return colors.dim(text);
    case 'sealed':
      return colors.cyan(text);
    case 'approve':
      return colors.green(text);
    case 'reject':
      return colors.red(text);
    case 'abstain':
      return colors.yellow(text);
    case 'missing':
      return colors.gray(text);
  }
}

/** One row a maker, most seats first; a maker of many seats takes several rows. */
export function seatRows(seats: readonly ChamberSeat[], columns: number, colors: Colors): string[] {
  const makers = new Map<string, ChamberSeat[]>();
  for (const seat of seats) makers.set(seat.developer, [...(makers.get(seat.developer) ?? []), seat]);
  const perRow = Math.max(1, Math.floor((columns - INDENT.length - GROUP_COLUMNS) / SEAT_COLUMNS));
  const digits = seats.length > 99 ? 3 : 2;
  return [...makers]
    .sort(([a, left], [b, right]) => right.length - left.length || a.localeCompare(b))
    .flatMap(([maker, members]) => {
      const cells = members
        .toSorted((a, b) => a.seat - b.seat)
        .map(({ seat, state }) => {
          const number = colors.dim(String(seat).padStart(digits, '0'));
          return `${number} ${paint(state, SIGN[state], colors)}  `;
        });
      const rows: string[] = [];
      for (let at = 0; at < cells.length; at += perRow) {
        const label = at === 0 ? clip(visible(maker), GROUP_COLUMNS - 1) : '';
        rows.push(
          `${INDENT}${padEnd(label, GROUP_COLUMNS)}${cells.slice(at, at + perRow).join('')}`.trimEnd(),
        );
      }
      return rows;
    });
}

/** What each sign means, only of those that are there. */
export function legend(seats: readonly ChamberSeat[], colors: Colors): string {
  const present = new Set(seats.map(({ state }) => state));
  const order: readonly SeatState[] = ['judging', 'sealed', 'approve', 'reject', 'abstain', 'missing'];
  return order
    .filter((state) => present.has(state))
    .map((state) => `${paint(state, SIGN[state], colors)} ${colors.dim(state)}`)
    .join('   ');
}

/** The seats as one bar, approvals first, with the mark they must reach. */
export function tallyBar(tally: Tally, seats: number, threshold: number, colors: Colors): string[] {
  const column = (count: number): number => Math.round((count * BAR_COLUMNS) / Math.max(1, seats));
  const states = ['approve', 'abstain', 'missing', 'reject'] as const;
  const blocks = { approve: '█', abstain: '░', missing: '·', reject: '▒' };
  let counted = 0;
  const bar = states.map((state) => {
    const from = column(counted);
    counted += tally[state];
    return paint(state, blocks[state].repeat(column(counted) - from), colors);
  });
  const mark = column(threshold);
  const label = `${threshold} of ${seats} must approve`;
  return [
    `${INDENT}${' '.repeat(Math.max(0, mark - widthOf(label) - 2))}${colors.dim(`${label} ┐`)}`,
    `${INDENT}${bar.join('')}`,
    `${INDENT}${(['approve', 'reject', 'abstain', 'missing'] as const)
      .map((state) => paint(state, `${SIGN[state]} ${tally[state]} ${state}`, colors))
      .join('   ')}`,
  ];
}

/** Criterion by criterion: a case can fail on grounds that no single criterion shows (protocol 4.8). */
export function groundsRows(criteria: readonly CriterionCount[], columns: number, colors: Colors): string[] {
  const numbers = 24;
  const titleColumns = columns - INDENT.length * 2 - numbers - 2;
  const head = `${INDENT}${padEnd('grounds', titleColumns + 2)}${['met', 'not met', 'unclear'].map((word) => padStart(word, 8)).join('')}`;
  return [
    colors.dim(head),
    ...criteria.map(({ title, mandatory, met, notMet, insufficient }) => {
      const cell = (count: number, tint: (text: string) => string): string =>
        count === 0 ? colors.dim(padStart('·', 8)) : tint(padStart(String(count), 8));
      const mark = mandatory ? '*' : ' ';
      const name = padEnd(clip(visible(title), titleColumns), titleColumns);
      return `${INDENT}${mark} ${name}${cell(met, colors.green)}${cell(notMet, colors.red)}${cell(insufficient, colors.yellow)}`;
    }),
    ...(criteria.some(({ mandatory }) => mandatory) ? [colors.dim(`${INDENT}* must be met`)] : []),
  ];
}

const DISSENTS_SHOWN = 6;
const DISSENT_LINES = 3;

/** The seats that saw it otherwise, and why. */
export function dissentRows(dissents: readonly Dissent[], columns: number, colors: Colors): string[] {
  if (dissents.length === 0) return [];
  const shown = dissents.slice(0, DISSENTS_SHOWN).flatMap(({ seat, name, lens, verdict, why }) => {
    const who = `${String(seat).padStart(2, '0')} ${visible(name)}${lens === '' ? '' : ` (${visible(lens)})`}`;
    const reasons = wrap(visible(why), columns - 7);
    const kept = reasons.slice(0, DISSENT_LINES);
    if (reasons.length > DISSENT_LINES) kept.push('…');
    return [
      `${INDENT}${who}: ${visible(verdict)}`,
      ...kept.map((line) => colors.dim(`${INDENT}     ${line}`)),
    ];
  });
  const left = dissents.length - DISSENTS_SHOWN;
  const more = left > 0 ? [colors.dim(`${INDENT}and ${plural(left, 'seat')} more`)] : [];
  return [colors.dim(`${INDENT}dissents`), ...shown, ...more];
}

const PHASES = ['opened', 'judged', 'sealed', 'counted', 'certified'] as const;
export type ChamberPhase = (typeof PHASES)[number];

/** The way of the case, with a mark where it is. */
export function phaseLine(reached: ChamberPhase, note: string, colors: Colors): string {
  const at = PHASES.indexOf(reached);
  const words = PHASES.map((phase, i) => {
    if (i < at) return colors.green(phase);
    return i === at ? colors.bold(phase) : colors.dim(phase);
  });
  return `${INDENT}${words.join(colors.dim(' ─ '))}${note === '' ? '' : `   ${colors.dim(note)}`}`;
}
