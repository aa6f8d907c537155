import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FINDINGS, type Finding } from '../../council/quantise.ts';
import { asSeatId } from '../../signing/seat-id.ts';
import { type Cluster, developersOf, gather, MAX_COMPARED, seatsOf } from './clusters.ts';
import { cosine } from './embedder.ts';
import { lexicalEmbedder } from './lexical-embedder.ts';
import { oppositionOf, readingOf } from './negation.ts';
import type { Statement } from './statements.ts';

const PHRASES = [
  'Nurses can overrule the suggestion.',
  'Nurses cannot overrule the suggestion.',
  'The suggestion may be overruled by a nurse at any time.',
  'The risk file is complete and every hazard has an owner.',
  'The risk file is incomplete.',
  'Errors were measured in 4 % of cases.',
  'Errors were measured in 31 % of cases.',
  '',
  'x',
];

const statement = fc.record({
  seat: fc.integer({ min: 1, max: 40 }).map(asSeatId),
  developer: fc.constantFrom('openai', 'google', 'mistral'),
  criterion: fc.constantFrom('safe', 'fair'),
  finding: fc.constantFrom(...FINDINGS),
  text: fc.oneof(fc.constantFrom(...PHRASES), fc.string({ maxLength: 60, unit: 'binary' })),
});
const statements = fc.uniqueArray(statement, {
  maxLength: 25,
  selector: ({ seat, criterion }) => `${seat} ${criterion}`,
});
/** Including one that is far too low and one that nothing reaches. */
const threshold = fc.constantFrom(-1, 0, 0.07, 0.45, 0.9, 2);

async function lexical(list: readonly Statement[]): Promise<ReadonlyMap<string, Float32Array>> {
  const texts = [...new Set(list.map(({ text }) => text))];
  const vectors = await lexicalEmbedder().embed(texts);
  return new Map(texts.map((text, i) => [text, vectors[i] ?? new Float32Array()]));
}

/** An embedder that takes everything for the same: the worst that similarity can do. */
function allAlike(list: readonly Statement[]): ReadonlyMap<string, Float32Array> {
  return new Map(list.map(({ text }) => [text, Float32Array.of(1, 0)]));
}

function said(seat: number, finding: Finding, text: string, criterion = 'safe'): Statement {
  return { seat: asSeatId(seat), developer: `maker-${seat % 3}`, criterion, finding, text };
}

const texts = ({ statements }: Cluster) => statements.map(({ text }) => text);

describe('gathering reasons', () => {
  it('findings that oppose never share a cluster, whatever the embedder says', async () => {
    await fc.assert(
      fc.asyncProperty(statements, threshold, async (list, limit) => {
        for (const vectors of [await lexical(list), allAlike(list)]) {
          for (const { criterion, finding, statements: held } of gather(list, vectors, limit).clusters) {
            for (const one of held) {
              expect(one.finding).toBe(finding);
              expect(one.criterion).toBe(criterion);
            }
          }
        }
      }),
      { numRuns: 80 },
    );
  });

  it('reasons that deny each other in words never share a cluster either', () => {
    fc.assert(
      fc.property(statements, (list) => {
        for (const { statements: held } of gather(list, allAlike(list), -1).clusters) {
          for (const [i, a] of held.entries()) {
            for (const b of held.slice(i + 1)) {
              expect(oppositionOf(readingOf(a.text), readingOf(b.text))).toBeUndefined();
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('every statement is in exactly one cluster', async () => {
    await fc.assert(
      fc.asyncProperty(statements, threshold, async (list, limit) => {
        const { clusters } = gather(list, await lexical(list), limit);
        const placed = clusters.flatMap((cluster) => cluster.statements);
        expect(placed).toHaveLength(list.length);
        expect(new Set(placed)).toEqual(new Set(list));
        for (const cluster of clusters) expect(cluster.statements).toContain(cluster.medoid);
      }),
      { numRuns: 60 },
    );
  });

  it('the order in which statements come changes nothing', async () => {
    const shuffled = statements.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, threshold, async ([list, other], limit) => {
        const vectors = await lexical(list);
        expect(gather(other, vectors, limit)).toEqual(gather(list, vectors, limit));
      }),
      { numRuns: 60 },
    );
  });

  it('a lower threshold never makes more clusters', async () => {
    await fc.assert(
      fc.asyncProperty(statements, async (list) => {
        const vectors = await lexical(list);
        const counts = [0.9, 0.5, 0.2].map((limit) => gather(list, vectors, limit).clusters.length);
        expect(counts).toEqual([...counts].sort((a, b) => b - a));
      }),
      { numRuns: 60 },
    );
  });

  it('the same ground in like words is one cluster, its label the statement nearest to all', async () => {
    const list = [
      said(1, 'met', 'Nurses overrule the suggestion in one visit of twelve.'),
      said(2, 'met', 'Nurses overrule the suggestion of the assistant.'),
      said(3, 'met', 'Nurses overrule the suggestion often.'),
      said(4, 'met', 'Cards are masked before chats reach the log.'),
    ];
    const { clusters } = gather(list, await lexical(list), 0.3);
    expect(clusters.map((cluster) => seatsOf(cluster))).toEqual([[1, 2, 3], [4]]);
    expect(clusters[0] && developersOf(clusters[0])).toEqual(['maker-0', 'maker-1', 'maker-2']);
    const vectors = await lexical(list);
    const own = (text: string) => vectors.get(text) ?? new Float32Array();
    const total = ({ text }: Statement) =>
      list.slice(0, 3).reduce((sum, other) => sum + cosine(own(text), own(other.text)), 0);
    const best = list.slice(0, 3).reduce((a, b) => (total(b) > total(a) ? b : a));
    expect(clusters[0]?.medoid).toEqual(best);
  });

  it('one who denies the ground keeps out, and is named as a contradiction once', () => {
    const list = [
      said(1, 'met', 'Nurses can overrule the suggestion.'),
      said(2, 'met', 'Nurses can overrule the suggestion at once.'),
      said(3, 'met', 'Nurses cannot overrule the suggestion.'),
    ];
    const { clusters, contradictions } = gather(list, allAlike(list), 0.5);
    expect(clusters.map(texts)).toEqual([[list[0]?.text, list[1]?.text], [list[2]?.text]]);
    expect(contradictions).toHaveLength(1);
    expect(contradictions[0]?.opposition.kind).toBe('negation');
  });

  it('one misread denial between two large grounds is no contradiction of the grounds', () => {
    const pro = ['The audit log is complete.', 'Auditors saw every file.', 'Entries match the invoices.'];
    const other = [
      'The audit log is not complete.',
      'Minutes are kept daily.',
      'Alarms ring within a second.',
    ];
    const list = [...pro, ...other].map((text, i) => said(i + 1, 'met', text));
    const large = gather(list, allAlike(list), 0.5);
    expect(large.clusters.map(({ statements: held }) => held.length)).toEqual([5, 1]);
    expect(large.contradictions).toEqual([]);
    const alone = [list[0], list[3]].filter((one) => one !== undefined);
    expect(gather(alone, allAlike(alone), 0.5).contradictions).toHaveLength(1);
    const vectors = new Map(
      alone.map(({ text }, i) => [text, Float32Array.of(0.6 + 0.4 * i, 0.8 - 0.8 * i)]),
    );
    // a denial about something else: the embedder says they are far apart
    expect(gather(alone, vectors, 0.9).contradictions).toEqual([]);
  });

  it('a text without a vector is near nothing but itself', () => {
    const list = [said(1, 'met', 'a b c'), said(2, 'met', 'a b c'), said(3, 'met', 'a b d')];
    expect(gather(list, new Map(), -0.5).clusters.map(seatsOf)).toEqual([[1, 2], [3]]);
  });

  it('more wordings than are compared stay alone, and are counted', () => {
    const many = Array.from({ length: MAX_COMPARED + 20 }, (_, i) =>
      said((i % 200) + 1, 'met', `w${String(i).padStart(4, '0')}`),
    );
    const { clusters, uncompared } = gather(many, allAlike(many), 0.5);
    expect(uncompared).toBe(20);
    expect(clusters.map(({ statements: held }) => held.length)).toEqual([MAX_COMPARED, ...Array(20).fill(1)]);
  });
});
