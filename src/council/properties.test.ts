// What must hold whatever the seats do: order within a phase is nothing, no vote counts twice, 21 never approve,
// states are values, and a replay comes to the same end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ballotOfVote,
  Chamber,
  COMMIT_MS,
  REVEAL_MS,
  standInVerify,
  type Vote,
} from '../../test/rigs/chamber.ts';
import type { Entry } from '../consensus/block.ts';
import { canonicalText } from '../signing/canonical.ts';
import { digestOf } from '../signing/digest.ts';
import { Council } from './council.ts';
import { type CouncilRecord, type Decision, recordBytes } from './records.ts';
import type { CouncilState } from './state.ts';

/** How a seat behaves: what it commits to, and whether and how it opens that. */
interface Conduct {
  readonly vote: Vote | undefined;
  readonly opens: 'truly' | 'falsely' | 'never';
  readonly alsoCommits: Vote | undefined;
}

const finding = fc.constantFrom('met', 'not-met', 'insufficient');
const vote: fc.Arbitrary<Vote> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Vote>('approve', 'reject', 'abstain') },
  { weight: 1, arbitrary: fc.record({ safety: finding, oversight: finding, clarity: finding }) },
);
const conduct: fc.Arbitrary<Conduct> = fc.record({
  vote: fc.option(vote, { nil: undefined, freq: 6 }),
  opens: fc.constantFrom('truly', 'truly', 'truly', 'falsely', 'never'),
  alsoCommits: fc.option(vote, { nil: undefined, freq: 1 }),
});
const orders = fc.array(fc.nat(), { minLength: 64, maxLength: 64 });
const council = fc
  .constantFrom(4, 7, 10)
  .chain((n) => fc.record({ conducts: fc.array(conduct, { minLength: n, maxLength: n }), order: orders }));

/** A permutation drawn from numbers: sorts by them. */
function shuffled<T>(items: readonly T[], order: readonly number[]): T[] {
  return items
    .map((item, i) => ({ item, rank: order[i % order.length] ?? 0, i }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .map(({ item }) => item);
}

/** Runs a case, the entries of each phase in the given order, some in blocks of their own. */
function run(
  conducts: readonly Conduct[],
  order: readonly number[],
): { chamber: Chamber; decision: Decision } {
  const chamber = new Chamber(conducts.length);
  const caseId = chamber.open();
  const commits = conducts.flatMap(({ vote }, i) =>
    vote === undefined ? [] : [chamber.commit(caseId, i + 1, vote)],
  );
  inBlocks(chamber, shuffled(commits, order), order);
  if (chamber.state.open.get(caseId)?.phase === 'commit') chamber.passDeadline(COMMIT_MS);
  const contradicting = conducts.flatMap(({ vote, alsoCommits }, i) =>
    vote === undefined || alsoCommits === undefined || canonicalText(vote) === canonicalText(alsoCommits)
      ? []
      : [chamber.commit(caseId, i + 1, alsoCommits)],
  );
  const reveals = conducts.flatMap(({ vote, opens }, i) => {
    if (vote === undefined || opens === 'never') return [];
    return [
      chamber.reveal(caseId, i + 1, opens === 'truly' ? vote : { ...ballotOfVote(vote), confidence: 1 }),
    ];
  });
  inBlocks(chamber, shuffled([...reveals, ...contradicting], order), order);
  if (chamber.state.open.has(caseId)) chamber.passDeadline(REVEAL_MS);
  return { chamber, decision: chamber.decision(caseId) };
}

function inBlocks(chamber: Chamber, entries: readonly Entry[], order: readonly number[]): void {
  const size = ((order[0] ?? 0) % 5) + 1;
  for (let at = 0; at < entries.length; at += size) {
    const block = entries.slice(at, at + size).filter((entry) => chamber.admits(entry) === 'now');
    if (chamber.block(block) !== undefined) continue;
    for (const entry of block) chamber.block([entry]);
  }
}

/** A decision without what it says about when it was made. */
function substance({ height: _, timeMs: __, validUntilMs: ___, ...rest }: Decision): unknown {
  return rest;
}

describe('the order of entries within a phase', () => {
  it('does not change the decision', () => {
    fc.assert(
      fc.property(council, orders, ({ conducts, order }, other) => {
        expect(substance(run(conducts, other).decision)).toEqual(substance(run(conducts, order).decision));
      }),
      { numRuns: 80 },
    );
  });
});

describe('a decision', () => {
  it('counts each seat once, and only what it opened truly', () => {
    fc.assert(
      fc.property(council, ({ conducts, order }) => {
        const { decision } = run(conducts, order);
        const { approve, reject, abstain, missing } = decision.tally;
        expect(approve + reject + abstain + missing).toBe(conducts.length);
        const seats = decision.ballots.map(({ seat }) => seat);
        expect(new Set(seats).size).toBe(seats.length);
        const honest = conducts.flatMap(({ vote, opens }, i) =>
          vote !== undefined && opens === 'truly' ? [i + 1] : [],
        );
        expect(seats).toEqual(honest);
        const withheld = conducts.flatMap(({ vote, opens }, i) =>
          vote !== undefined && opens !== 'truly' ? [i + 1] : [],
        );
        expect(decision.withheld).toEqual(withheld);
      }),
      { numRuns: 80 },
    );
  });

  it('approves exactly when q true ballots meet every mandatory criterion', () => {
    fc.assert(
      fc.property(council, ({ conducts, order }) => {
        const { decision } = run(conducts, order);
        const approvals = conducts.filter(({ vote, opens }) => {
          if (vote === undefined || opens !== 'truly') return false;
          return (
            vote === 'approve' ||
            (typeof vote === 'object' && vote.safety === 'met' && vote.oversight === 'met')
          );
        }).length;
        const q = { 4: 3, 7: 5, 10: 7 }[conducts.length] ?? Number.NaN;
        expect(decision.outcome).toBe(approvals >= q ? 'approved' : 'rejected');
        expect(decision.tally.approve).toBe(approvals);
      }),
      { numRuns: 80 },
    );
  });

  it('of 33 seats never approves with 21 approvals, whatever the other 12 do', () => {
    const other = fc.record({
      vote: fc.option(fc.constantFrom<Vote>('reject', 'abstain'), { nil: undefined }),
      opens: fc.constantFrom('truly', 'falsely', 'never'),
      alsoCommits: fc.constantFrom<Vote>('approve'),
    }) satisfies fc.Arbitrary<Conduct>;
    const approval: Conduct = { vote: 'approve', opens: 'truly', alsoCommits: 'approve' };
    fc.assert(
      fc.property(fc.array(other, { minLength: 12, maxLength: 12 }), orders, (others, order) => {
        const conducts = shuffled([...new Array<Conduct>(21).fill(approval), ...others], order);
        const { decision } = run(conducts, order);
        expect(decision.tally.approve).toBe(21);
        expect(decision.outcome).toBe('rejected');
      }),
      { numRuns: 25 },
    );
  });
});

describe('states', () => {
  it('are values: executing blocks leaves every earlier state as it was', () => {
    fc.assert(
      fc.property(council, ({ conducts, order }) => {
        const chamber = new Chamber(conducts.length);
        const texts = [spelled(chamber.state)];
        const states = [chamber.state];
        const look = (entries: readonly Entry[]) => {
          if (chamber.block(entries) === undefined) return;
          states.push(chamber.state);
          texts.push(spelled(chamber.state));
        };
        const document = chamber.document();
        const caseId = digestOf(document);
        look([chamber.opened(document)]);
        for (const i of shuffled([...conducts.keys()], order)) {
          look([chamber.commit(caseId, i + 1, conducts[i]?.vote ?? 'approve')]);
          look([chamber.commit(caseId, i + 1, 'abstain')]);
        }
        for (const i of conducts.keys()) {
          look([
            chamber.reveal(
              caseId,
              i + 1,
              conducts[i]?.opens === 'truly' ? (conducts[i]?.vote ?? 'approve') : 'reject',
            ),
          ]);
        }
        expect(states.map(spelled)).toEqual(texts);
      }),
      { numRuns: 40 },
    );
  });

  it('come out the same when a stranger replays the blocks, records and all', () => {
    fc.assert(
      fc.property(council, ({ conducts, order }) => {
        const { chamber } = run(conducts, order);
        const stranger = new Council(chamber.founding, { verifySignature: standInVerify });
        let state = stranger.genesis();
        const records: CouncilRecord[] = [];
        for (const { context, entries } of chamber.blocks) {
          // bytes as they would be read back, not the objects this process has already looked at
          const read = entries.map(({ digest, bytes }) => ({ digest, bytes: bytes.slice() }));
          const executed = stranger.execute(state, context, read);
          if (executed === undefined) throw new Error('a block does not replay');
          state = executed.state;
          records.push(...executed.records);
        }
        expect(spelled(state)).toBe(spelled(chamber.state));
        expect(records.map(bytesOf)).toEqual(chamber.records.map(bytesOf));
      }),
      { numRuns: 40 },
    );
  });
});

function bytesOf(record: Parameters<typeof recordBytes>[0]): string {
  return Buffer.from(recordBytes(record)).toString();
}

function spelled(state: CouncilState): string {
  return canonicalText({
    timeMs: state.timeMs,
    open: [...state.open.values()],
    decided: [...state.decided.entries()],
    attempts: [...state.attempts.entries()],
    marks: [...state.marks],
  });
}
