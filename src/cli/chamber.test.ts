import pico from 'picocolors';
import { describe, expect, it } from 'vitest';
import {
  type ChamberSeat,
  dissentRows,
  groundsRows,
  legend,
  phaseLine,
  type SeatState,
  seatRows,
  seatStrip,
  tallyBar,
} from './chamber.ts';
import { widthOf } from './layout.ts';

const plain = pico.createColors(false);
const coloured = pico.createColors(true);

const council = (state: (seat: number) => SeatState): ChamberSeat[] =>
  Array.from({ length: 33 }, (_, i) => ({
    seat: i + 1,
    name: `Seat ${i + 1}`,
    group: ['North', 'East', 'South', 'West', 'A maker with a very long name indeed'][i % 5] ?? '',
    state: state(i + 1),
  }));

describe('the chamber', () => {
  it('every seat stands in it once, in its group', () => {
    const rows = seatRows(
      council(() => 'sealed'),
      80,
      plain,
    );
    const numbers = rows.join('\n').match(/(?<=■ )\d\d\b/g) ?? [];
    expect(numbers.map(Number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 33 }, (_, i) => i + 1),
    );
    expect(rows.find((row) => row.includes('North'))).toContain('■ 01');
  });

  it('groups of three have room for names', () => {
    const seats = council(() => 'approve').map((seat) => ({
      ...seat,
      group: `lens ${Math.ceil(seat.seat / 3)}`,
    }));
    const rows = seatRows(seats, 80, plain);
    expect(rows).toHaveLength(11);
    expect(rows[0]).toBe('  lens 1          ✓ 01 Seat 1         ✓ 02 Seat 2         ✓ 03 Seat 3');
  });

  it('fits 80 columns, with and without colour', () => {
    const seats = council((seat) => (seat % 3 === 0 ? 'approve' : 'missing'));
    for (const colors of [plain, coloured]) {
      for (const row of seatRows(seats, 80, colors)) expect(widthOf(row)).toBeLessThanOrEqual(80);
    }
    const tally = { approve: 22, reject: 9, abstain: 1, missing: 1 };
    for (const row of tallyBar(tally, 33, 22, plain)) expect(widthOf(row)).toBeLessThanOrEqual(80);
  });

  it('every state has a sign of its own without colour', () => {
    const states: SeatState[] = ['judging', 'sealed', 'approve', 'reject', 'abstain', 'missing'];
    const signs = legend(
      council((seat) => states[seat % 6] ?? 'judging'),
      plain,
    ).split('   ');
    expect(new Set(signs.map((sign) => sign[0])).size).toBe(6);
  });

  it('a seat named to break the terminal is spelled out', () => {
    const hostile = [{ seat: 1, name: 'x', group: '\u001b[2J\u202eevil', state: 'sealed' as const }];
    expect(seatRows(hostile, 80, plain).join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('the count', () => {
  it('21 approvals end before the mark, 22 reach it', () => {
    const barOf = (approve: number): { approvals: number; mark: number } => {
      const rows = tallyBar({ approve, reject: 33 - approve, abstain: 0, missing: 0 }, 33, 22, plain);
      return { approvals: (rows[1] ?? '').lastIndexOf('█') + 1, mark: (rows[0] ?? '').indexOf('┐') + 1 };
    };
    const short = barOf(21);
    const enough = barOf(22);
    expect(short.approvals).toBeLessThan(short.mark);
    expect(enough.approvals).toBe(enough.mark);
  });

  it('the bar is as long for any council', () => {
    for (const seats of [4, 7, 10, 33, 100]) {
      const tally = { approve: seats - 2, reject: 1, abstain: 1, missing: 0 };
      expect(widthOf(tallyBar(tally, seats, seats - 1, plain)[1] ?? '')).toBe(68);
    }
  });
});

describe('grounds and dissents', () => {
  it('criteria that must be met are marked, and long titles are cut to 80 columns', () => {
    const rows = groundsRows(
      [{ title: 'Human oversight '.repeat(8), mandatory: true, met: 30, notMet: 3, insufficient: 0 }],
      80,
      plain,
    );
    for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(80);
    expect(rows[1]).toMatch(/^ {2}\* Human .*… +30 +3 +·$/);
  });

  const dissents = (why: string) =>
    Array.from({ length: 11 }, (_, i) => ({
      seat: i + 1,
      name: `Seat ${i + 1}`,
      lens: 'security',
      verdict: 'reject',
      why,
    }));

  it('a crowd of dissents is counted, not listed', () => {
    const rows = dissentRows(dissents('The evidence says nothing about it. '.repeat(12)), 80, plain);
    expect(rows[0]).toBe('  dissents: 11 seats reject');
    expect(rows.at(-2)).toContain('and 3 seats more');
    for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(80);
    expect(dissentRows([], 80, plain)).toEqual([]);
  });

  it('those who give no reasons are all named', () => {
    const rows = dissentRows(dissents(''), 80, plain).join(' ').replace(/ +/g, ' ');
    for (let seat = 1; seat <= 11; seat++) expect(rows).toContain(`Seat ${seat} (security)`);
  });

  it('a strip shows every seat once', () => {
    const strip = seatStrip(
      council(() => 'approve'),
      plain,
    );
    expect(strip.replaceAll(' ', '')).toBe('✓'.repeat(33));
  });

  it('the way of the case shows how far it came', () => {
    expect(phaseLine('opening', '12 of 33', plain)).toBe(
      '  filed ─ sealing ─ opening ─ counting ─ certified   12 of 33',
    );
  });
});
