// The chamber as people see it: who sits, in groups; every ballot sealed, then all opened at
// once; the count against the threshold; the grounds, and who dissents. Only pictures here, no knowledge of how
// a case is decided. Every state has a sign of its own, so that nothing is lost without colour.
import { clip, padEnd, padStart, plural, visible, widthOf, wrap } from './layout.ts';
import type { Colors } from './terminal.ts';

/** `judging` until more is known: a live seat waits for its turn, is asked, is asked again. */
export const SEAT_STATES = [
  'judging',
  'waiting',
  'asked',
  'retried',
  'sealed',
  'approve',
  'reject',
  'abstain',
  'missing',
] as const;
export type SeatState = (typeof SEAT_STATES)[number];

export interface ChamberSeat {
  readonly seat: number;
  readonly name: string;
  /** what it is shown with: its maker, or its lens where all seats have one maker */
  readonly group: string;
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
  waiting: '·',
  asked: '▸',
  retried: '↻',
  sealed: '■',
  approve: '✓',
  reject: '✗',
  abstain: '–',
  missing: '○',
};

const INDENT = '  ';
const GROUP_COLUMNS = 16;
const NUMBERED_COLUMNS = 6;
const BAR_COLUMNS = 66;

function paint(state: SeatState, text: string, colors: Colors): string {
  switch (state) {
    case 'judging':
    case 'waiting':
      return colors.dim(text);
    case 'asked':
      return colors.blue(text);
    case 'retried':
      return colors.magenta(text);
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

/** Small groups have room for names: three a row. */
const NAMED_GROUP = 3;

/** One row a group, the largest first; a group of many seats takes several rows. */
export function seatRows(seats: readonly ChamberSeat[], columns: number, colors: Colors): string[] {
  const groups = new Map<string, ChamberSeat[]>();
  for (const seat of seats) groups.set(seat.group, [...(groups.get(seat.group) ?? []), seat]);
  const named = [...groups.values()].every((members) => members.length <= NAMED_GROUP);
  const room = columns - INDENT.length - GROUP_COLUMNS;
  const cellColumns = named ? Math.floor(room / NAMED_GROUP) : NUMBERED_COLUMNS;
  const perRow = Math.max(1, Math.floor(room / cellColumns));
  const digits = seats.length > 99 ? 3 : 2;
  const cell = ({ seat, name, state }: ChamberSeat): string => {
    const number = colors.dim(String(seat).padStart(digits, '0'));
    const label = named ? ` ${clip(visible(name), cellColumns - digits - 5)}` : '';
    return padEnd(`${paint(state, SIGN[state], colors)} ${number}${label}`, cellColumns);
  };
  return [...groups]
    .sort(([, left], [, right]) => right.length - left.length)
    .flatMap(([group, members]) => {
      const cells = members.toSorted((a, b) => a.seat - b.seat).map(cell);
      const rows: string[] = [];
      for (let at = 0; at < cells.length; at += perRow) {
        const label = at === 0 ? clip(visible(group), GROUP_COLUMNS - 1) : '';
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
  return SEAT_STATES.filter((state) => present.has(state))
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

const DISSENTS_SHOWN = 8;
const DISSENT_LINES = 3;

/** The seats that saw it otherwise: with their reasons where they have some, else by name. */
export function dissentRows(dissents: readonly Dissent[], columns: number, colors: Colors): string[] {
  if (dissents.length === 0) return [];
  const nameOf = ({ seat, name, lens }: Dissent): string =>
    `${String(seat).padStart(2, '0')} ${visible(name)}${lens === '' ? '' : ` (${visible(lens)})`}`;
  const room = columns - 2 * INDENT.length;
  const head = colors.dim(
    `${INDENT}dissents: ${plural(dissents.length, 'seat')} ${dissents[0]?.verdict ?? ''}`,
  );
  if (dissents.every(({ why }) => why === '')) {
    return [head, ...wrap(dissents.map(nameOf).join(', '), room).map((line) => `${INDENT}${line}`), ''];
  }
  const shown = dissents.slice(0, DISSENTS_SHOWN).flatMap((dissent) => {
    const reasons = wrap(visible(dissent.why), room - 3);
    const kept = reasons.slice(0, DISSENT_LINES);
    if (reasons.length > DISSENT_LINES) kept.push('…');
    return [`${INDENT}${nameOf(dissent)}`, ...kept.map((line) => colors.dim(`${INDENT}   ${line}`))];
  });
  const left = dissents.length - DISSENTS_SHOWN;
  const more = left > 0 ? [colors.dim(`${INDENT}and ${plural(left, 'seat')} more`)] : [];
  return [head, ...shown, ...more, ''];
}

/** The whole chamber in one line, by seat. */
export function seatStrip(seats: readonly ChamberSeat[], colors: Colors): string {
  return seats
    .map(({ seat, state }) => `${paint(state, SIGN[state], colors)}${seat % 11 === 0 ? ' ' : ''}`)
    .join('');
}

const PHASES = ['filed', 'sealing', 'opening', 'counting', 'certified'] as const;
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
