// The chamber as a half circle of seats, every maker's side by side. Every state has a form of its own, so the picture
// can be read without colour; whoever sees none finds the same in the tables.

import { type Content, type Html, html, quoted } from '../../evals/report/html.ts';
import { clip, plural, visible } from '../layout.ts';
import type { ReportedSeat, SeatState } from './reported-case.ts';

const STATES: readonly SeatState[] = ['approve', 'reject', 'abstain', 'withheld', 'absent'];

export const STATE_WORDS: Readonly<Record<SeatState, string>> = {
  approve: 'approves',
  reject: 'rejects',
  abstain: 'abstains',
  withheld: 'never opened its ballot',
  absent: 'never voted',
};

/** Drawn around the middle of a seat, a little above it where a number stands below. */
const SIGNS: Readonly<Record<SeatState, string>> = {
  approve: 'M-6.5 0.5L-2 5L7 -5',
  reject: 'M-5 -5L5 5M5 -5L-5 5',
  abstain: 'M-6 0H6',
  withheld: 'M0 -5V1M0 5V5.5',
  absent: '',
};

const OUTER_RADIUS = 300;
const ROW_GAP = 57;
const SEAT_RADIUS = 23;
const SIDE = 150;
const LABEL_HEIGHT = 18;
const LABEL_COLUMNS = 18;
const TOP = 66;
const WIDTH = 2 * (OUTER_RADIUS + SEAT_RADIUS + SIDE);
const HEIGHT = TOP + OUTER_RADIUS + SEAT_RADIUS + 26;
const CENTRE = { x: WIDTH / 2, y: TOP + OUTER_RADIUS };

export interface Counted {
  readonly seats: readonly ReportedSeat[];
  readonly approvals: number;
  readonly threshold: number;
}

export function chamberPicture({ seats, approvals, threshold }: Counted): Html {
  const groups = groupsOf(seats);
  const places = placesFor(seats.length);
  const scale = Math.min(1, places.spacing / (2 * SEAT_RADIUS + 4));
  const seated = [...groups.values()].flat().map((seat, i) => ({ seat, at: places.at[i] ?? CENTRE_PLACE }));
  const labels = labelsFor(
    [...groups].map(([group, members]) => {
      const angles = seated.filter(({ seat }) => seat.group === group).map(({ at }) => at.angle);
      const angle = (Math.max(...angles) + Math.min(...angles)) / 2;
      return { words: `${clip(visible(group), LABEL_COLUMNS)} ${members.length}`, angle };
    }),
  );
  const told = [...groups].map(([group, members]) => `${group} ${members.length}`).join(', ');
  return html`<svg class="chamber" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="chamber-title chamber-told">
<title id="chamber-title">The chamber: ${approvals} of ${plural(seats.length, 'seat')} approve, ${threshold} must</title>
<desc id="chamber-told">Seats by group: ${told}. The tables below say the same, seat by seat.</desc>
${groups.size > 1 ? labels : undefined}${seated.map(({ seat, at }) => seatAt(seat, at, scale))}
<text class="sum" x="${CENTRE.x}" y="${CENTRE.y - 22}" text-anchor="middle">${approvals}</text>
<text class="needed" x="${CENTRE.x}" y="${CENTRE.y + 6}" text-anchor="middle">of ${seats.length} approve; ${threshold} must</text>
</svg>`;
}

/** The largest first, as everywhere else; within a group by number. */
export function groupsOf(seats: readonly ReportedSeat[]): ReadonlyMap<string, readonly ReportedSeat[]> {
  const groups = new Map<string, ReportedSeat[]>();
  for (const seat of seats) groups.set(seat.group, [...(groups.get(seat.group) ?? []), seat]);
  return new Map([...groups].sort(([, left], [, right]) => right.length - left.length));
}

export function legend(seats: readonly ReportedSeat[]): Html {
  const states = STATES.filter((state) => seats.some((seat) => seat.state === state));
  return html`<ul class="marks">${states.map((state) => {
    const count = seats.filter((seat) => seat.state === state).length;
    return html`<li><svg viewBox="-26 -26 52 52" aria-hidden="true">${mark(state, 1)}</svg>${count} ${wordFor(state, count)}</li>`;
  })}</ul>`;
}

function wordFor(state: SeatState, count: number): string {
  const many = { approve: 'approve', reject: 'reject', abstain: 'abstain' };
  if (state === 'withheld' || state === 'absent' || count === 1) return STATE_WORDS[state];
  return many[state];
}

interface Place {
  readonly x: number;
  readonly y: number;
  /** from 180° at the left to 0° at the right */
  readonly angle: number;
}

const CENTRE_PLACE: Place = { ...CENTRE, angle: 90 };

/** Rows of seats as far apart in each, in the order in which a hand sweeps over them from left to right. */
function placesFor(count: number): { readonly at: readonly Place[]; readonly spacing: number } {
  const rows = count <= 7 ? 1 : count <= 18 ? 2 : count <= 45 ? 3 : count <= 90 ? 4 : 5;
  const gap = rows <= 3 ? ROW_GAP : 170 / (rows - 1);
  const radii = Array.from({ length: rows }, (_, row) => OUTER_RADIUS - row * gap);
  const around = radii.reduce((sum, radius) => sum + radius, 0);
  let left = count;
  let length = around;
  let spacing = gap;
  const at = radii.flatMap((radius) => {
    const many = Math.round((left * radius) / length);
    left -= many;
    length -= radius;
    if (many > 1) spacing = Math.min(spacing, (Math.PI * radius) / (many - 1));
    return Array.from({ length: many }, (_, i): Place => {
      const angle = many === 1 ? 90 : 180 - (180 * i) / (many - 1);
      const radians = (angle * Math.PI) / 180;
      return { x: CENTRE.x + radius * Math.cos(radians), y: CENTRE.y - radius * Math.sin(radians), angle };
    });
  });
  return { at: at.toSorted((a, b) => b.angle - a.angle), spacing };
}

function seatAt({ seat, name, group, state }: ReportedSeat, { x, y }: Place, scale: number): Html {
  const place = `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(3)})`;
  return html`<g transform="${place}"><title>Seat ${seat}, ${name} (${group}): ${STATE_WORDS[state]}</title>${mark(
    state,
    0.85,
    html`<text class="number" y="15" text-anchor="middle">${seat}</text>`,
  )}</g>`;
}

function mark(state: SeatState, size: number, number?: Content): Html {
  const lift = number === undefined ? 0 : -4;
  return html`<g class="mark seat-${state}"><circle r="${SEAT_RADIUS}"/><path d="${SIGNS[state]}" transform="translate(0 ${lift}) scale(${size})"/>${number}</g>`;
}

interface Label {
  readonly words: string;
  readonly angle: number;
}

/** Around the half circle; where small groups crowd together, one below the other. */
function labelsFor(labels: readonly Label[]): readonly Html[] {
  const away = OUTER_RADIUS + SEAT_RADIUS + 16;
  const placed = labels.map(({ words, angle }) => {
    const radians = (angle * Math.PI) / 180;
    const side = Math.abs(Math.cos(radians)) < 0.2 ? 'middle' : Math.cos(radians) > 0 ? 'start' : 'end';
    return {
      words,
      side,
      x: CENTRE.x + away * Math.cos(radians),
      y: CENTRE.y - away * Math.sin(radians) + 5,
    };
  });
  // From the bottom up: whoever would cover the one below moves above it.
  for (const side of ['start', 'end']) {
    let free = HEIGHT - 8;
    for (const label of placed.filter((one) => one.side === side).sort((a, b) => b.y - a.y)) {
      label.y = Math.min(label.y, free);
      free = label.y - LABEL_HEIGHT;
    }
  }
  return placed.map(
    ({ words, side, x, y }) =>
      html`<text class="maker" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${side}">${words}</text>`,
  );
}

export function seatName({ seat, name }: Pick<ReportedSeat, 'seat' | 'name'>): Html {
  return html`<span class="number">${String(seat).padStart(2, '0')}</span> ${quoted(name)}`;
}
