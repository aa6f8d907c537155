import { describe, expect, it } from 'vitest';
import { byId, readHtml, textIn } from '../../../test/rigs/html-reader.ts';
import { aReportedCase, type Told } from '../../../test/rigs/reported.ts';
import { lexicalEmbedder } from '../../seats/grounds/lexical-embedder.ts';
import { reportPage } from './page.ts';
import type { ReportedCase } from './reported-case.ts';
import { semanticGrounds } from './semantic-grounds.ts';
import { ranges } from './shared-grounds.ts';

const inProcess = async () => lexicalEmbedder();
const STOP = 'The officer cannot stop the system.';

async function withGrounds(told: Told): Promise<ReportedCase> {
  const reported = aReportedCase(told);
  return { ...reported, grounds: await semanticGrounds(reported, inProcess) };
}

const groundsOf = (reported: ReportedCase): string => textIn(byId(readHtml(reportPage(reported)), 'grounds'));

describe('grounds in a report', () => {
  const dissent: Told = {
    votes: { 2: 'reject', 12: 'reject', 17: 'reject' },
    rationale: (seat) => ([2, 12, 17].includes(seat) ? STOP : 'An officer stops the system at once.'),
  };

  it('are those of each finding apart, with who holds them, and are called advisory', async () => {
    const said = groundsOf(await withGrounds(dissent));
    expect(said).toContain('Advisory');
    expect(said).toContain('not met , 3 seats, against the leading finding');
    expect(said).toContain('3 seats of 3 developers: 2, 12, 17');
    expect(said).toContain(STOP);
  });

  it('that call for a person are told first', async () => {
    const said = groundsOf(await withGrounds(dissent));
    expect(said).toContain('Seats of several vendors dissent for the same reason');
    expect(said.indexOf('For a person to look at')).toBeLessThan(said.indexOf('against the leading finding'));
  });

  it('of hostile words stay text', async () => {
    const hostile = '</q><script>alert(1)</script>\u202e';
    const text = reportPage(await withGrounds({ rationale: hostile }));
    expect(text).not.toContain('<script>');
    expect(textIn(byId(readHtml(text), 'grounds'))).toContain('<script>alert(1)</script>');
  });

  it('are left out where no reason is kept, or the record was altered', async () => {
    const { seats, ...rest } = aReportedCase(dissent);
    const erased = seats.map((seat) => ({ ...seat, testimony: undefined }));
    expect(await semanticGrounds({ ...rest, seats: erased }, inProcess)).toBeUndefined();
    const altered = seats.map((seat) =>
      seat.testimony === undefined ? seat : { ...seat, testimony: { ...seat.testimony, genuine: false } },
    );
    expect(await semanticGrounds({ ...rest, seats: altered }, inProcess)).toBeUndefined();
    expect(groundsOf({ ...rest, seats: erased })).not.toContain('Grounds, by meaning');
  });

  it('of more wordings than a person would wait for are compared by their words', async () => {
    const { seats, criteria } = aReportedCase();
    const wordy = (id: string, seat: number) =>
      Array.from({ length: 40 }, (_, i) => [`${id}${i}`, `${id} ${i} ${seat}`]);
    const many = criteria.flatMap((one) =>
      Array.from({ length: 40 }, (_, i) => ({ ...one, id: `${one.id}${i}` })),
    );
    const crowded = seats.map((seat) => {
      const reasons = new Map(
        criteria.flatMap(({ id }) => wordy(id, seat.seat)).map(([id = '', text = '']) => [id, text]),
      );
      const findings = Object.fromEntries(many.map(({ id }) => [id, 'met' as const]));
      return {
        ...seat,
        ballot: seat.ballot && { ...seat.ballot, findings },
        testimony: seat.testimony && { ...seat.testimony, reasons },
      };
    });
    const never = () => Promise.reject(new Error('the slow one was asked'));
    const grounds = await semanticGrounds({ seats: crowded, criteria: many }, never);
    expect(grounds?.embedder.kind).toBe('lexical');
    await expect(semanticGrounds({ seats: crowded.slice(0, 2), criteria: many }, never)).rejects.toThrow(
      'slow',
    );
  });
});

describe('seat numbers', () => {
  it.each([
    [[1, 2, 3, 5], '1–3, 5'],
    [[7], '7'],
    [[33, 2, 1], '1–2, 33'],
    [[], ''],
  ])('%j is %s', (seats, words) => {
    expect(ranges(seats)).toBe(words);
  });
});
