import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oppositionOf, readingOf } from './negation.ts';
import { quantitiesOf } from './quantities.ts';

const between = (a: string, b: string) => oppositionOf(readingOf(a), readingOf(b));

describe('denials', () => {
  it.each([
    ['The risk file is documented.', 'The risk file is not documented.'],
    ['Evidence of a risk file is present.', 'There is no evidence of a risk file.'],
    ['Evidence of a risk file is present.', 'Evidence of a risk file is absent.'],
    ['The fallback was tested in winter.', "The fallback wasn't tested in winter."],
    ['The fallback was tested in winter.', 'The fallback went untested in winter.'],
    ['Access logs are kept and reviewed.', 'Access logs are kept but never reviewed.'],
    ['The suppliers of the model are known.', 'The suppliers of the model are unknown.'],
    ['Staff were trained for the tool.', 'The tool was introduced without staff being trained.'],
    ['Pupils can refuse to be filmed.', 'Pupils cannot refuse to be filmed.'],
    ['Every image is signed.', 'No image is signed.'],
    ['Faces that are not on the list are erased.', 'Faces that are not on the list are not erased.'],
  ])('%s / %s', (a, b) => {
    expect(between(a, b)?.kind).toBe('negation');
    expect(between(b, a)?.kind).toBe('negation');
  });

  it.each([
    ['Errors occur in 2 % of cases.', 'Errors occur in 19 % of cases.'],
    ['Drivers have ten seconds to take over.', 'Drivers have three seconds to take over.'],
    ['Chats are deleted after 90 days.', 'Chats are deleted after ten years.'],
    ['The certificate covers version 2.', 'The certificate covers version 4.'],
  ])('figures that disagree: %s / %s', (a, b) => {
    expect(between(a, b)?.kind).toBe('figure');
  });

  it.each([
    ['a statement and itself', 'No child is filmed.', 'No child is filmed.'],
    [
      'idioms',
      'Errors are reported no later than a day after.',
      'Errors are reported not only to the authority.',
    ],
    ['two negators', 'No case is decided without a nurse.', 'Every case is decided by a nurse.'],
    ['other matters', 'Nurses are trained.', 'The log of errors is not public.'],
    ['the same figure in other words', 'Files are kept for six months.', 'Files are kept for half a year.'],
    ['a rounded figure', 'Nurses disagree in 8.4 % of visits.', 'Nurses disagree in one of twelve visits.'],
    [
      'what reviewers say of themselves',
      'met, 83 % of what is asked is shown',
      'met, 40 % of what is asked is shown',
    ],
  ])('no denial: %s', (_, a, b) => {
    expect(between(a, b)).toBeUndefined();
  });

  it('the words that differ are named', () => {
    expect(between('The audit was published.', 'The audit was not published.')?.words).toEqual(['published']);
  });

  it('nobody denies themselves, and a denial works both ways', () => {
    const words = fc
      .array(
        fc.constantFrom('not', 'no', 'never', 'risk', 'file', 'tested', 'untested', '5 %', '40 %', ','),
        {
          maxLength: 12,
        },
      )
      .map((list) => list.join(' '));
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ unit: 'binary' })), words, (a, b) => {
        expect(between(a, a)).toBeUndefined();
        expect(between(a, b)?.kind).toBe(between(b, a)?.kind);
      }),
      { numRuns: 60 },
    );
  });

  it('hostile text is read in bounded time', () => {
    const started = performance.now();
    for (const text of [
      'not '.repeat(500_000),
      '9'.repeat(1_000_000),
      `${'a'.repeat(100_000)}n't`,
      '1 of '.repeat(200_000),
    ]) {
      readingOf(text);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('quantities', () => {
  it.each([
    ['8.4 % of visits', [['share', 0.084]]],
    ['one in twelve', [['share', 1 / 12]]],
    ['71 per cent', [['share', 0.71]]],
    ['25,000 euros', []],
    ['half a year', [['time', 182.5 * 86_400]]],
    ['ninety seconds', [['time', 90]]],
    ['iso 27001 and article 14 in 2024', []],
    ['version 3.2', [['version', 3.2]]],
    ['90 % confident', []],
  ])('%s', (text, expected) => {
    expect(quantitiesOf(text).map(({ unit, value }) => [unit, value])).toEqual(expected);
  });
});
