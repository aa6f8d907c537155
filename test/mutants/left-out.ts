// Checks left out: each stands for a line that somebody could lose in a change, and a liar or a scenario misses it.
import type { Hunt, Mutant } from './mutant.ts';

const timed = (seeds: number, behaviour: Hunt['behaviour']): Hunt => ({
  kind: 'timed',
  seats: 4,
  seeds,
  ...(behaviour === undefined ? {} : { behaviour }),
});
const council = (seeds: number, behaviour?: Hunt['behaviour']): Hunt => ({
  kind: 'council',
  seats: 4,
  seeds,
  ...(behaviour === undefined ? {} : { behaviour }),
});
const DIRECTED: Hunt = { kind: 'directed', seats: 4, seeds: 1 };

const ORDERING = 'consensus/ordering.ts';

export const LEFT_OUT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the signatures of certificates unchecked',
    edits: [
      {
        file: 'consensus/certificates.ts',
        find: 'return certificate.signatures.every(({ seat, signature }) => verifier.verify(seat, statement, signature));',
        replace: 'return statement !== undefined;',
      },
    ],
    hunt: timed(20, 'any'),
  },
  {
    name: 'the signatures of timeout certificates unchecked',
    edits: [{ file: 'consensus/certificates.ts', find: 'if (!all) return undefined;', replace: '' }],
    hunt: timed(12, 'forge'),
  },
  {
    name: 'the signature of a proposal unchecked',
    edits: [{ file: ORDERING, find: "return hearing.refuse('forged proposal');", replace: '' }],
    hunt: timed(12, 'forge'),
  },
  {
    name: 'the signature of a vote unchecked',
    edits: [{ file: ORDERING, find: "return hearing.refuse('forged vote');", replace: '' }],
    hunt: timed(12, 'forge'),
  },
  {
    name: 'a body that is not the one its header names',
    edits: [
      {
        file: ORDERING,
        find: "if (tree.block(block.digest) !== block && !isGenuine(block)) return hearing.refuse('malformed block');",
        replace: '',
      },
    ],
    hunt: timed(12, 'false-block'),
  },
  {
    name: 'a block far ahead of the clock',
    edits: [
      { file: ORDERING, find: 'if (acceptableAtMs > now.ms) return wakeAt(acceptableAtMs);', replace: '' },
    ],
    hunt: timed(12, 'any'),
  },
  {
    name: 'the last proposal lost on restart',
    edits: [
      {
        file: 'consensus/recovery.ts',
        find: 'new VotingRules(votes,',
        replace: 'new VotingRules({ ...votes, lastProposal: 0 as typeof votes.lastProposal },',
      },
    ],
    hunt: timed(12, 'any'),
  },
  {
    name: 'a laggard that gets no answer',
    edits: [
      {
        file: 'consensus/epoch-engine.ts',
        find: 'if (behind || status.ask) this.#answer(from);',
        replace: '',
      },
    ],
    hunt: DIRECTED,
  },
  {
    name: 'a commit certificate that justifies nothing',
    edits: [
      {
        file: ORDERING,
        find: 'if (view > this.#high.prepare.view) {',
        replace: "if (view > this.#high.prepare.view && kind === 'prepare') {",
      },
    ],
    hunt: DIRECTED,
  },
  {
    name: 'an empty block whenever there is time for one',
    edits: [
      {
        file: 'consensus/proposer.ts',
        find: 'const mayBeEmpty = isDue ||',
        replace: 'const mayBeEmpty = nowMs >= 0 ||',
      },
    ],
    hunt: DIRECTED,
  },
  {
    name: 'an entry whose signature nobody checked',
    edits: [
      {
        file: 'council/council.ts',
        find: "return this.#authenticity.isGenuine(entry, open, draft.rosters) ? admission : 'never';",
        replace: 'return admission;',
      },
    ],
    hunt: council(4, 'frame-others'),
  },
  {
    name: 'a case that opens with too few receipts',
    edits: [{ file: 'council/opening.ts', find: 'receipts.length < quorum.q || ', replace: '' }],
    hunt: council(6),
  },
  {
    name: 'a case asked again without end',
    edits: [{ file: 'council/opening.ts', find: ' || document.attempt > charter.attempts', replace: '' }],
    hunt: council(6),
  },
  {
    name: 'a commitment that counts after the close',
    edits: [{ file: 'council/voting.ts', find: "if (open.phase !== 'commit') return 'never';", replace: '' }],
    hunt: council(6),
  },
];
