import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../council/charter.ts';
import type { Finding } from '../../council/quantise.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { type Embedder, unusable } from './embedder.ts';
import { groundsOf, groundsWithoutEmbeddings } from './grounds.ts';
import { lexicalEmbedder } from './lexical-embedder.ts';
import { MAX_STATEMENT_CHARS, MAX_STATEMENTS, type Statement, statementsOf } from './statements.ts';

const MAKERS = ['openai', 'anthropic', 'google', 'mistral', 'meta'];
const OVERRULE = 'Nurses overrule the suggestion in practice.';

function said(seat: number, finding: Finding, text: string, developer?: string): Statement {
  const maker = developer ?? MAKERS[seat % MAKERS.length] ?? '';
  return { seat: asSeatId(seat), developer: maker, criterion: 'oversight', finding, text };
}

function seats(from: number, to: number, finding: Finding, text: (seat: number) => string, maker?: string) {
  return Array.from({ length: to - from + 1 }, (_, i) => said(from + i, finding, text(from + i), maker));
}

const report = (list: readonly Statement[], panel = 33) =>
  groundsOf(list, { panel }, { embedder: lexicalEmbedder() });
const flagsIn = async (list: readonly Statement[], panel = 33) =>
  (await report(list, panel)).flags.map(({ flag }) => flag);

describe('the report on grounds', () => {
  it('says which ground is shared by how many seats and vendors, in whose words', async () => {
    const list = [
      ...seats(1, 20, 'met', () => OVERRULE),
      ...seats(21, 24, 'met', () => 'Cards are masked before chats reach the log.'),
      said(25, 'met', ''),
      said(26, 'not-met', 'Adjusters confirm everything in seconds.'),
    ];
    const { criteria, embedder, panel, advisory } = await report(list);
    expect({ panel, advisory, embedder }).toEqual({
      panel: 33,
      advisory: true,
      embedder: { name: 'lexical', kind: 'lexical', threshold: lexicalEmbedder().threshold, tuned: true },
    });
    const [oversight] = criteria;
    expect(oversight?.leading).toBe('met');
    const [met, notMet] = oversight?.sides ?? [];
    expect(
      met?.grounds.map(({ id, seats: held, developers }) => [id, held.length, developers.length]),
    ).toEqual([
      ['met-1', 20, 5],
      ['met-2', 4, 4],
    ]);
    expect(met?.grounds[0]?.quote).toEqual({ seat: 1, developer: 'anthropic', text: OVERRULE });
    expect(met?.unreasoned).toEqual([25]);
    expect(met?.seats).toHaveLength(25);
    expect(notMet?.finding).toBe('not-met');
    expect(oversight?.dissents).toEqual([
      {
        seat: 26,
        developer: 'anthropic',
        finding: 'not-met',
        ground: 'not-met-1',
        text: 'Adjusters confirm everything in seconds.',
      },
    ]);
  });

  it('is plain data, the same whatever the order of the statements', async () => {
    const list = [
      ...seats(1, 22, 'met', () => OVERRULE),
      ...seats(23, 30, 'insufficient', (n) => `Reason ${n}.`),
    ];
    const whole = await report(list);
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
    expect(await report([...list].reverse())).toEqual(whole);
  });

  it('with as many seats on either side, the more cautious finding leads', async () => {
    const list = [
      ...seats(1, 5, 'met', () => OVERRULE),
      ...seats(6, 10, 'not-met', () => 'Nobody is asked.'),
    ];
    expect((await report(list)).criteria[0]?.leading).toBe('not-met');
  });

  it.each<[string, readonly Statement[], readonly string[]]>([
    ['a council of one mind is not flagged', seats(1, 33, 'met', () => OVERRULE), []],
    [
      'approvals that rest on incompatible reasons',
      [
        ...seats(1, 20, 'met', () => OVERRULE),
        ...seats(21, 33, 'met', () => 'Nurses never overrule the suggestion.'),
      ],
      ['approvals-rest-on-incompatible-reasons'],
    ],
    [
      'a single seat that denies the rest is listed, not flagged',
      [...seats(1, 32, 'met', () => OVERRULE), said(33, 'met', 'Nurses never overrule the suggestion.')],
      [],
    ],
    [
      'refusals that rest on incompatible reasons',
      [
        ...seats(1, 20, 'not-met', () => 'The risk file is signed but has no owner.'),
        ...seats(21, 33, 'not-met', () => 'The risk file is not signed.'),
      ],
      ['refusals-rest-on-incompatible-reasons'],
    ],
    [
      'a majority that falls without one vendor',
      [
        ...seats(1, 10, 'met', () => OVERRULE, 'openai'),
        ...seats(11, 22, 'met', () => OVERRULE, 'google'),
        ...seats(23, 33, 'not-met', (n) => `${n} ${'abcdefghijk'.charAt(n - 23).repeat(9)}`, 'meta'),
      ],
      ['majority-rests-on-one-vendor'],
    ],
    [
      'a majority that without one vendor is only a tie',
      [
        ...seats(1, 14, 'met', () => OVERRULE, 'openai'),
        ...seats(15, 22, 'met', () => OVERRULE, 'google'),
        said(23, 'not-met', 'Alarms ring late.', 'meta'),
        ...seats(24, 30, 'not-met', (n) => `${n} ${'abcdefghijk'.charAt(n - 23).repeat(9)}`, 'meta'),
      ],
      ['majority-rests-on-one-vendor'],
    ],
    [
      'a majority without a reason in common',
      seats(1, 33, 'met', (n) => String.fromCharCode(0x4e00 + 7 * n).repeat(5)),
      ['majority-shares-no-ground'],
    ],
    [
      'dissent that several vendors share',
      [
        ...seats(1, 28, 'met', () => OVERRULE),
        ...seats(29, 33, 'not-met', () => 'Officers confirm in bulk.'),
      ],
      ['dissent-shared-across-vendors'],
    ],
    [
      'a split that no quorum ends',
      [...seats(1, 21, 'met', () => OVERRULE), ...seats(22, 23, 'insufficient', (n) => `${n}`.repeat(9))],
      ['no-finding-has-a-quorum'],
    ],
    [
      'reasons that were not given',
      seats(1, 33, 'met', (n) => (n < 10 ? OVERRULE : '')),
      ['reasons-missing'],
    ],
  ])('%s', async (_, list, expected) => {
    expect(await flagsIn(list)).toEqual(expected);
  });

  it('where there is one maker, it says so once and flags no vendor', async () => {
    const whole = await report(seats(1, 33, 'met', () => OVERRULE, 'conclave'));
    expect(whole.flags).toEqual([]);
    expect(whole.caveats.some((caveat) => caveat.includes('one maker'))).toBe(true);
  });
});

describe('without embeddings', () => {
  const list = [...seats(1, 20, 'met', () => OVERRULE), said(21, 'met', `${OVERRULE} Often.`)];

  it('only identical reasons are put together, and the report says so', () => {
    const whole = groundsWithoutEmbeddings(list, { panel: 33 }, 'no key');
    expect(whole.embedder).toEqual({ name: 'none', kind: 'none', threshold: null, tuned: false });
    expect(whole.criteria[0]?.sides[0]?.grounds.map(({ seats: held }) => held.length)).toEqual([20, 1]);
    expect(whole.caveats.some((caveat) => caveat.startsWith('No embeddings (no key)'))).toBe(true);
  });

  it('an embedder that fails is replaced by none', async () => {
    const failing: Embedder = {
      ...lexicalEmbedder(),
      embed: () => Promise.reject(unusable('openai x', 'it answered with HTTP 500')),
    };
    const whole = await groundsOf(list, { panel: 33 }, { embedder: failing });
    expect(whole).toEqual(
      groundsWithoutEmbeddings(list, { panel: 33 }, 'embeddings of openai x: it answered with HTTP 500'),
    );
    expect(await groundsOf(list, { panel: 33 }, {})).toEqual(
      groundsWithoutEmbeddings(list, { panel: 33 }, 'none was at hand'),
    );
  });

  it('an assumed threshold is called one', async () => {
    const embedder = { ...lexicalEmbedder(), kind: 'semantic' as const, tuned: false };
    const { caveats } = await groundsOf(list, { panel: 33 }, { embedder });
    expect(caveats.some((caveat) => caveat.includes('assumed'))).toBe(true);
  });
});

describe('statements', () => {
  const policy: Policy = {
    criteria: ['safe', 'fair'].map((id) => ({ id, title: id, text: id, mandatory: true })),
  };
  const seat = { seat: asSeatId(1), developer: 'openai' };
  const told = (reason: string) => new Map([['safe', reason]]);

  it('the finding is the one the ballot counted; a criterion without a reason still has its finding', () => {
    const findings = { safe: 'not-met', fair: 'insufficient' } as const;
    const list = statementsOf([{ ...seat, findings, reasons: told('Tested.') }], policy);
    expect(list).toEqual([
      { ...seat, criterion: 'safe', finding: 'not-met', text: 'Tested.' },
      { ...seat, criterion: 'fair', finding: 'insufficient', text: '' },
    ]);
  });

  it('an abstention states nothing, whatever its answer gave as reasons', () => {
    expect(statementsOf([{ ...seat, findings: {}, reasons: told('Tested.') }], policy)).toEqual([]);
  });

  it.each([
    ['control characters', 'a\u001b[31mb\u0000\nc\u202e', 'a\ufffd[31mb\ufffd c\ufffd'],
    ['what is too long', 'é'.repeat(50_000), `${'é'.repeat(MAX_STATEMENT_CHARS - 1)}…`],
    ['blank', ' \n\t ', ''],
  ])('hostile reasons: %s', (_, reason, text) => {
    const list = statementsOf([{ ...seat, findings: { safe: 'met' }, reasons: told(reason) }], policy);
    expect(list[0]?.text).toBe(text);
  });

  it('any text at all becomes a report', async () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(texts, async (list) => {
        const whole = await report(list.map((text, i) => said(i + 1, 'met', text)));
        expect(whole.criteria[0]?.sides[0]?.seats).toHaveLength(list.length);
      }),
      { numRuns: 30 },
    );
  });

  it('ten thousand are reported on, one more is refused', async () => {
    const many = Array.from({ length: MAX_STATEMENTS }, (_, i) => ({
      ...said((i % 200) + 1, 'met', `Reason ${(i % 997) % 40} given.`),
      criterion: `c${i % 50}`,
    }));
    const whole = await report(many, 200);
    const placed = whole.criteria.flatMap(({ sides }) => sides.flatMap(({ seats: held }) => held));
    expect(placed.length).toBeGreaterThan(0);
    const more = [...many, said(1, 'met', 'x')];
    await expect(report(more, 200)).rejects.toThrow(`at most ${MAX_STATEMENTS}`);
    expect(() => groundsWithoutEmbeddings(more, { panel: 200 }, 'no key')).toThrow(/at most/);
  });
});
