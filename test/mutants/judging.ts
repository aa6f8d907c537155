// Bugs in the judging of cases.
import type { Hunt, Mutant } from './mutant.ts';

const council = (seeds: number, behaviour?: Hunt['behaviour']): Hunt => ({
  kind: 'council',
  seats: 4,
  seeds,
  ...(behaviour === undefined ? {} : { behaviour }),
});

export const JUDGING_MUTANTS: readonly Mutant[] = [
  {
    name: 'a reveal accepted before the close',
    edits: [{ file: 'council/voting.ts', find: "if (open.phase === 'commit') return 'later';", replace: '' }],
    hunt: council(4, 'early-reveal'),
  },
  {
    name: 'a commitment not bound to its seat',
    edits: [
      {
        file: 'signing/commitment.ts',
        find: "digestOf({ ballot, caseId, councilId, epoch, purpose: 'ballot.committed', salt, seat })",
        replace:
          "digestOf({ ballot, caseId, councilId, epoch, purpose: 'ballot.committed', salt, seat: seat > 0 })",
      },
    ],
    hunt: council(4, 'copy-commitment'),
  },
  {
    name: 'a deadline that closes at once',
    edits: [
      {
        file: 'council/phases.ts',
        find: 'lateLeaders.length >= quorum.f + 1',
        replace: 'lateLeaders.length >= Math.min(1, quorum.n)',
      },
    ],
    hunt: council(6),
  },
  {
    name: 'a phase that closes as soon as most have committed',
    edits: [
      {
        file: 'council/phases.ts',
        find: 'seats.every(({ kind }) => kind !== awaited)',
        replace: 'seats.filter(({ kind }) => kind !== awaited).length >= quorum.q',
      },
    ],
    hunt: council(6),
  },
  {
    name: 'a quorum of approvals one too small',
    edits: [
      {
        file: 'council/tally.ts',
        find: 'if (tally.approve >= q)',
        replace: 'if (tally.approve >= q - 1)',
      },
    ],
    hunt: council(6),
  },
];
