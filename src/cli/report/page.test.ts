import { describe, expect, it } from 'vitest';
import { all, byId, type Element, readHtml, textIn, within } from '../../../test/rigs/html-reader.ts';
import { aReportedCase, MAKERS, type Told } from '../../../test/rigs/reported.ts';
import type { Measurement } from '../../evals/results/measurement.ts';
import { digestOf } from '../../signing/digest.ts';
import { turns } from './independence-section.ts';
import { reportPage } from './page.ts';
import type { ReportedCase } from './reported-case.ts';

const MIXED: Told = {
  votes: {
    2: 'reject',
    7: 'abstain',
    12: { safety: 'insufficient', oversight: 'not-met', clarity: 'met' },
    33: 'absent',
  },
};
const MEASURED: Measurement = {
  schemaVersion: 1,
  panel: digestOf('the panel'),
  suite: '<b>baseline',
  command: 'conclave eval run baseline.yaml',
  seats: 33,
  items: 1561,
  effectiveVotes: { value: 2.643, low: 2.41, high: 2.92, n: 1561, method: 'bootstrap' },
  meanErrorCorrelation: { value: 0.366, low: 0.331, high: 0.4, n: 528, method: 'bootstrap' },
  sources: [],
};
const pageOf = (reported: ReportedCase): Element => readHtml(reportPage(reported));
const rowsOf = (table: Element | undefined): string[][] =>
  table === undefined
    ? []
    : all(table, 'tr').map((row) =>
        row.children.flatMap((cell) => (typeof cell === 'string' ? [] : [textIn(cell)])),
      );
const captioned = (page: Element, words: string): string[][] =>
  rowsOf(
    all(page, 'table').find((table) => all(table, 'caption').some((one) => textIn(one).startsWith(words))),
  );

describe('the page', () => {
  const reported = aReportedCase(MIXED);
  const text = reportPage(reported);
  const page = readHtml(text);

  it('is whole: language, character set, one heading of the first rank, none left out below', () => {
    const [document] = all(page, 'html');
    expect(document?.attributes.get('lang')).toBe('en');
    expect(text.indexOf('<meta charset="utf-8">')).toBeLessThan(200);
    expect(all(page, 'h1')).toHaveLength(1);
    const ranks = [...within(page)].flatMap(({ tag }) => (/^h[1-6]$/.test(tag) ? [Number(tag[1])] : []));
    expect(ranks.filter((rank, i) => rank > (ranks[i - 1] ?? 0) + 1)).toEqual([]);
    expect(textIn(all(page, 'title')[0] ?? page)).toBe('Approved: Triage assistant');
  });

  it('needs nothing from anywhere: a policy that forbids it, and no address but in the page itself', () => {
    const policy = all(page, 'meta').find(({ attributes }) => attributes.has('http-equiv'));
    expect(policy?.attributes.get('content')).toContain("default-src 'none'");
    const tags = new Set([...within(page)].map(({ tag }) => tag));
    for (const tag of ['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form', 'use'])
      expect(tags).not.toContain(tag);
    for (const { attributes } of within(page)) {
      for (const [name, value] of attributes) {
        expect(name).not.toMatch(/^on/);
        if (['href', 'src', 'xlink:href', 'action'].includes(name)) expect(value).toMatch(/^(?:data:|#)/);
      }
    }
    expect(text).not.toMatch(/@import|url\(/);
  });

  it('leads every link within it somewhere, and names nothing twice', () => {
    const ids = [...within(page)].flatMap(({ attributes }) => attributes.get('id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of all(page, 'a')) {
      const address = attributes.get('href') ?? '';
      if (address.startsWith('#')) expect(ids).toContain(address.slice(1));
    }
    for (const { attributes } of within(page)) {
      for (const id of (attributes.get('aria-labelledby') ?? '').split(' ').filter(Boolean))
        expect(ids).toContain(id);
    }
  });

  it('says what was decided, by what count, and what it takes', () => {
    expect(textIn(all(page, 'header')[0] ?? page)).toContain('Approved 29 of 33 seats approve; 22 must.');
    expect(textIn(byId(page, 'decision'))).toContain('29 approve, 2 reject, 1 abstain, 1 missing');
    expect(textIn(byId(page, 'decision'))).toContain('21 November 2026, 09:30:00 UTC');
  });

  it('shows every seat in the picture, with its maker and what it did', () => {
    const [picture] = all(page, 'svg', 'chamber');
    const seats = all(picture ?? page, 'title')
      .map(textIn)
      .filter((title) => title.startsWith('Seat '));
    expect(seats).toHaveLength(33);
    expect(seats).toContain('Seat 1, Seat 1 (openai): approves');
    expect(seats).toContain('Seat 2, Seat 2 (openai): rejects');
    expect(seats).toContain('Seat 7, Seat 7 (openai): abstains');
    expect(seats).toContain('Seat 33, Seat 33 (xai): never voted');
  });

  it('counts by vendor what the decision counts in all', () => {
    const [, ...rows] = captioned(page, 'Tally by vendor');
    expect(rows.map(([name]) => name)).toEqual([...new Set(MAKERS)]);
    const sums = [1, 2, 3, 4, 5].map((at) => rows.reduce((sum, row) => sum + Number(row[at]), 0));
    const { approve, reject, abstain, missing } = reported.decision.tally;
    expect(sums).toEqual([33, approve, reject, abstain, missing]);
  });

  it('counts by criterion what the decision counts', () => {
    const [, ...rows] = captioned(page, 'By criterion');
    expect(rows.map((row) => row.slice(0, 5))).toEqual(
      reported.criteria.map(({ id, title, mandatory }, i) => {
        const { met, notMet, insufficient } = reported.decision.byCriterion[id] ?? {};
        const none = 33 - (met ?? 0) - (notMet ?? 0) - (insufficient ?? 0);
        return [
          `${i + 1} ${title}${mandatory ? '' : ' (not mandatory)'}`,
          ...[met, notMet, insufficient, none].map(String),
        ];
      }),
    );
  });

  it('has a finding of every seat for every criterion, in words too', () => {
    const [matrix] = all(page, 'table', 'matrix');
    const rows = rowsOf(matrix).filter((row) => row.length === 5 && /^\d\d /.test(row[0] ?? ''));
    expect(rows).toHaveLength(33);
    expect(rows[0]).toEqual(['01 Seat 1', '✓ met', '✓ met', '✗ not met', 'approves']);
    expect(rows[11]).toEqual(['12 Seat 12', '? insufficient evidence', '✗ not met', '✓ met', 'rejects']);
    expect(rows[6]).toEqual([
      '07 Seat 7',
      '– no finding',
      '– no finding',
      '– no finding',
      'abstains : timeout',
    ]);
    expect(rows[32]?.at(-1)).toBe('never voted');
  });

  it('gives every table headers with a scope', () => {
    for (const table of all(page, 'table')) {
      const headers = all(table, 'th');
      expect(headers.length).toBeGreaterThan(0);
      for (const { attributes } of headers) expect(attributes.get('scope')).toMatch(/^(?:col|row|rowgroup)$/);
    }
  });

  it('is the same, byte for byte, for the same case', () => {
    expect(reportPage(aReportedCase(MIXED))).toBe(text);
  });
});

describe('dissents and reasons', () => {
  it('those against the outcome speak in the section, those who carried it in the annex, and nobody twice', () => {
    const page = pageOf(aReportedCase({ ...MIXED, rationale: (seat) => `reason of ${seat}.` }));
    const grounds = textIn(byId(page, 'grounds'));
    const annex = textIn(byId(page, 'reasons'));
    for (const seat of [2, 12, 7]) expect(grounds).toContain(`reason of ${seat}.`);
    for (const seat of [1, 3, 32]) expect(annex).toContain(`reason of ${seat}.`);
    expect(grounds).not.toContain('reason of 1.');
    expect(annex).not.toContain('reason of 2.');
  });

  it('where the case is rejected the approvals are the dissents', () => {
    const votes = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i + 1, 'reject' as const]));
    const page = pageOf(aReportedCase({ votes }));
    expect(textIn(byId(page, 'grounds'))).toContain('13 seats approve.');
    expect(textIn(byId(page, 'grounds'))).toContain('Oversight : 13 met, 20 not met, 0 insufficient');
  });

  it('words that are not those the ballot names are said to be altered', () => {
    const { seats, ...rest } = aReportedCase(MIXED);
    const altered = seats.map((seat) =>
      seat.testimony === undefined ? seat : { ...seat, testimony: { ...seat.testimony, genuine: false } },
    );
    expect(textIn(pageOf({ ...rest, seats: altered }))).toContain('the dossier was altered');
    expect(textIn(pageOf({ ...rest, seats }))).not.toContain('the dossier was altered');
  });

  it('an erased dossier leaves the report without title and reasons, and it says so', () => {
    const { seats, ...rest } = aReportedCase({
      ...MIXED,
      title: 'A secret title',
      rationale: 'A secret reason',
    });
    const bare = seats.map((seat) => ({ ...seat, testimony: undefined }));
    const erased = reportPage({ ...rest, seats: bare, texts: { kind: 'erased' } });
    const page = readHtml(erased);
    expect(erased).not.toContain('secret');
    expect(textIn(byId(page, 'grounds'))).toContain('the dossier was erased');
    expect(textIn(byId(page, 'case'))).toContain('it was erased');
    expect(textIn(all(page, 'h1')[0] ?? page)).toBe('urn:test:triage');
    expect(all(all(page, 'table', 'matrix')[0] ?? page, 'td', 'met').length).toBeGreaterThan(50);
  });
});

describe('independence', () => {
  it('says that effective votes were not measured, the caps, and what losing the largest would do', () => {
    const page = pageOf(aReportedCase());
    const said = textIn(byId(page, 'independence'));
    expect(said).toContain('has not been measured');
    expect(captioned(page, 'What seats share')[1]?.slice(2)).toEqual(['8', '10', 'within the cap']);
    const [, one, two] = captioned(page, 'If the largest');
    expect(one?.slice(0, 4)).toEqual(['openai', '8', '25', 'the rest can still approve']);
    expect(two?.slice(1, 3)).toEqual(['15', '18']);
    expect(two?.[3]).toContain('nothing is approved without them');
  });

  it('quotes effective votes where a suite has measured them, with where they come from', () => {
    const page = pageOf(aReportedCase({}, { measured: MEASURED }));
    const said = textIn(byId(page, 'independence'));
    expect(said).not.toContain('has not been measured');
    expect(said).toContain(
      'Effective votes: 2.6 of 33 (95 % interval 2.4 to 2.9), measured by suite <b>baseline on 1,561 items.',
    );
    expect(said).toContain('correlate by 0.37 in the mean (0.33 to 0.40)');
    expect(said).toContain('no part of the certificate; it was measured by conclave eval run baseline.yaml');
    expect(all(byId(page, 'independence'), 'b')).toEqual([]);
  });

  it('of a panel of stand-ins it says that they are no models', () => {
    const { founding, ...rest } = aReportedCase({}, { measured: MEASURED });
    const { roster } = founding;
    const seats = roster.seats.map((seat) => ({ ...seat, provenance: 'offline' as const }));
    const page = pageOf({ ...rest, founding: { ...founding, roster: { ...roster, seats } } });
    expect(textIn(byId(page, 'independence'))).toContain('of 33 stand-ins, so it says nothing about models');
  });

  it('names the fewest developers that could have turned the outcome', () => {
    const said = textIn(byId(pageOf(aReportedCase()), 'independence'));
    // 33 approve; 12 must turn: openai's 8 are too few, with anthropic's 7 they are enough.
    expect(said).toContain('It takes 2 developers ( openai , anthropic ) voting the other way');
    const close = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [33 - i, 'reject' as const]));
    expect(textIn(byId(pageOf(aReportedCase({ votes: close })), 'independence'))).toContain(
      'Had the seats of openai alone all voted the other way',
    );
  });

  it('counts every developer and every pair, not only the largest', () => {
    const said = textIn(byId(pageOf(aReportedCase()), 'independence'));
    expect(said).toContain('Of 9 developers, none could block every approval');
    // 8+7, 8+6 and 7+6 leave fewer than 22; 8+3, twice, are more than 10 as well.
    expect(said).toContain(
      'Of 36 pairs, 3 could block every approval, 5 could break agreement, none could approve',
    );
  });

  it('a council of live models on one machine is a trial too, and it says why', () => {
    const { decision, founding, ...rest } = aReportedCase();
    const page = pageOf({
      ...rest,
      founding: { ...founding, roster: { ...founding.roster, trial: true } },
      decision: { ...decision, flags: ['embedded', 'trial'] },
    });
    const said = textIn(all(page, 'header')[0] ?? page);
    expect(said).toContain('THIS IS A TRIAL All 33 counted ballots come from live models. One machine hosts');
  });

  it('an outcome turns exactly at the threshold', () => {
    const { seats, decision } = aReportedCase();
    expect(turns(seats.slice(0, 11), decision)).toBe(false);
    expect(turns(seats.slice(0, 12), decision)).toBe(true);
  });

  it('a trial is called one before anything else', () => {
    const { decision, ...rest } = aReportedCase();
    const provenance = { live: 0, recorded: 0, replay: 3, offline: 30 };
    const page = pageOf({ ...rest, decision: { ...decision, flags: ['trial'], provenance } });
    const [header] = all(page, 'header');
    const said = textIn(header ?? page);
    expect(said).toContain('THIS IS A TRIAL No live model judged this case');
    expect(said.indexOf('TRIAL')).toBeLessThan(said.indexOf('Approved'));
    expect(textIn(all(pageOf(aReportedCase()), 'header')[0] ?? page)).not.toContain('TRIAL');
  });

  it("no seat that is not live is shown with the name of a maker's model", () => {
    const { seats, ...rest } = aReportedCase();
    expect(textIn(byId(pageOf({ ...rest, seats }), 'seats'))).toContain('-2026');
    const replayed = seats.map((seat) =>
      seat.ballot === undefined
        ? seat
        : { ...seat, ballot: { ...seat.ballot, provenance: 'replay' as const } },
    );
    expect(reportPage({ ...rest, seats: replayed })).not.toContain('-2026');
  });
});

describe('spend and certificate', () => {
  it('adds up what was recorded, by vendor, and guesses nothing', () => {
    const page = pageOf(aReportedCase({ spend: { inputTokens: 1_000, outputTokens: 10, costUsd: 0.01 } }));
    const rows = captioned(page, 'Spend by vendor');
    expect(rows[1]).toEqual(['openai', '8', '8,000', '80', '$0.0800']);
    expect(rows.at(-1)).toEqual(['all', '33', '33,000', '330', '$0.3300']);
    expect(textIn(byId(pageOf(aReportedCase()), 'spend'))).toContain('not recorded');
  });

  it('hands out certificate, proof and genesis as they are, with their digests and the command', () => {
    const reported = aReportedCase();
    if (reported.certificate.kind !== 'kept') throw new Error('the rig keeps a certificate');
    const { certificate } = reported.certificate;
    const section = byId(pageOf(reported), 'certificate');
    const links = all(section, 'a');
    expect(links.map(({ attributes }) => attributes.get('download'))).toEqual([
      certificate.name,
      reported.certificate.proof?.name,
      'genesis.json',
    ]);
    const [, encoded = ''] = (links[0]?.attributes.get('href') ?? '').split('base64,');
    expect(Buffer.from(encoded, 'base64')).toEqual(Buffer.from(certificate.bytes));
    expect(textIn(section)).toContain(certificate.digest);
    expect(textIn(section)).toContain(`--genesis ${reported.founding.councilId}`);
  });

  it('a certificate that does not hold, or is not there, is said first of all', () => {
    const reported = aReportedCase();
    if (reported.certificate.kind !== 'kept') throw new Error('the rig keeps a certificate');
    const broken = pageOf({
      ...reported,
      certificate: { ...reported.certificate, trouble: 'the check failed' },
    });
    expect(textIn(all(broken, 'header')[0] ?? broken)).toContain('THE CERTIFICATE DOES NOT HOLD');
    const missing = pageOf({ ...reported, certificate: { kind: 'missing' } });
    expect(textIn(all(missing, 'header')[0] ?? missing)).toContain('NO CERTIFICATE');
  });
});

describe('hostile words', () => {
  const tagsOf = (page: Element): string[] => [...new Set([...within(page)].map(({ tag }) => tag))].sort();
  const benign = tagsOf(pageOf(aReportedCase({ ...MIXED, rationale: 'one\ntwo' })));

  it.each([
    ['a script', '</p></article><script>alert(1)</script>'],
    ['an image that fails', '"><img src=x onerror="alert(1)">'],
    ['a style that fetches', '</style><style>@import "http://evil.example/x.css";</style>'],
    ['a comment, a section, a doctype', '<!-- --><![CDATA[x]]><!doctype html><base href="//evil.example">'],
    ['quotes and back-ticks', `' onmouseover='x' " onfocus="y" \` `],
    ['bidi and controls', '\u202eevil\u2066\u0000\u001b[31m\u2028\ufeff\ud800'],
    ['a template', '{{7*7}} <%= x %> #{x}'],
    ['a megabyte', `<b>${'x<'.repeat(512 * 1024)}`],
  ])('%s in every quoted place stays text', (_, words) => {
    const short = words.slice(0, 300);
    const told = { ...MIXED, title: short, rationale: `one\n${words}` };
    const { founding, seats, ...rest } = aReportedCase(told);
    const hostile: ReportedCase = {
      ...rest,
      founding: { ...founding, charter: { ...founding.charter, name: short } },
      document: { ...rest.document, subject: short, submitter: short },
      criteria: rest.criteria.map((criterion) => ({ ...criterion, title: short })),
      texts: {
        kind: 'kept',
        title: short,
        fields: { [short]: short },
        evidence: [{ id: short, title: short }],
      },
      seats: seats.map((seat) => ({
        ...seat,
        name: `${seat.seat}${short}`,
        developer: short,
        family: short,
        host: short,
        node: short,
        lens: short,
        group: short,
        ...(seat.testimony && { testimony: { ...seat.testimony, servedBy: short, flags: [short] } }),
      })),
    };
    const text = reportPage(hostile);
    expect(tagsOf(readHtml(text))).toEqual(benign);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text.length).toBeLessThan(2_000_000);
    for (const { attributes } of within(readHtml(text)))
      for (const name of attributes.keys()) expect(name).not.toMatch(/^on/);
  });
});
