// Bugs in the ordering of entries.
import type { Hunt, Mutant } from './mutant.ts';

const timed = (seeds: number, seats = 4): Hunt => ({ kind: 'timed', seats, seeds });
const untimed = (seeds: number): Hunt => ({ kind: 'untimed', seats: 4, seeds });
/** every directed scenario, once */
const DIRECTED: Hunt = { kind: 'directed', seats: 4, seeds: 1 };

const SMALL_QUORUM = [
  {
    file: 'consensus/quorum.ts',
    find: 'const q = Math.floor((n + f + 2) / 2);',
    replace: 'const q = 2 * f + 1;',
  },
];

export const ORDERING_MUTANTS: readonly Mutant[] = [
  { name: 'a quorum of 21 at n = 33', edits: SMALL_QUORUM, hunt: { ...timed(8, 33), behaviour: 'collude' } },
  { name: 'a quorum of 3 at n = 6', edits: SMALL_QUORUM, hunt: { ...timed(12, 6), behaviour: 'collude' } },
  {
    name: 'vote 2 after a timeout',
    edits: [
      {
        file: 'consensus/voting-rules.ts',
        find: 'return view > (this.#votes.vote2?.view ?? GENESIS_VIEW) && view > this.#votes.lastTimeout;',
        replace: 'return view > (this.#votes.vote2?.view ?? GENESIS_VIEW);',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'the last timeout lost on restart',
    edits: [
      {
        file: 'consensus/recovery.ts',
        find: 'new VotingRules(votes,',
        replace: 'new VotingRules({ ...votes, lastTimeout: 0 as typeof votes.lastTimeout, timeout: null },',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'sending before the write is synced',
    edits: [
      {
        file: 'consensus/outbox.ts',
        find: 'const effects: Effect[] = [];\n    if',
        replace: 'const effects: Effect[] = [...this.#outgoing];\n    if',
      },
      { file: 'consensus/outbox.ts', find: '    effects.push(...this.#outgoing);\n', replace: '' },
    ],
    hunt: timed(30),
  },
  {
    name: "the timeout certificate's maximum unchecked",
    edits: [
      {
        file: 'consensus/voting-rules.ts',
        find: 'return justify.view >= highestReported(timeout);',
        replace: 'return highestReported(timeout) >= 0;',
      },
    ],
    hunt: untimed(200),
  },
  {
    name: 'the lock lost on restart',
    edits: [
      {
        file: 'consensus/recovery.ts',
        find: 'let prepare = durable.certificates?.prepare ?? genesis.prepare;',
        replace: 'let prepare = genesis.prepare;',
      },
      {
        file: 'consensus/recovery.ts',
        find: 'if (votes.lock > prepare.view) {',
        replace: 'if (votes.lock < 0) {',
      },
      {
        file: 'consensus/recovery.ts',
        find: 'new VotingRules(votes,',
        replace: 'new VotingRules({ ...votes, lock: prepare.view },',
      },
    ],
    hunt: untimed(200),
  },
  {
    name: 'the last vote 1 lost on restart',
    edits: [
      {
        file: 'consensus/recovery.ts',
        find: 'new VotingRules(votes,',
        replace: 'new VotingRules({ ...votes, vote1: null },',
      },
    ],
    hunt: untimed(200),
  },
  {
    name: 'the own lock checked on the timeout path too',
    edits: [
      {
        file: 'consensus/voting-rules.ts',
        find: 'return justify.view >= highestReported(timeout);',
        replace: 'return justify.view >= highestReported(timeout) && justify.view >= this.#votes.lock;',
      },
    ],
    hunt: DIRECTED,
  },
  {
    name: 'duplicate votes counted twice',
    edits: [
      { file: 'consensus/certificates.ts', find: 'if (seat <= last || seat > n)', replace: 'if (seat > n)' },
    ],
    hunt: timed(30),
  },
  {
    name: 'commit skipping an ancestor',
    edits: [
      {
        file: 'consensus/outbox.ts',
        find: 'this.#committed.push(...blocks);',
        replace: 'this.#committed.push(...blocks.slice(-1));',
      },
    ],
    hunt: timed(20),
  },
  {
    name: 'a block not durable before its vote',
    edits: [
      {
        file: 'consensus/ordering.ts',
        find: 'this.#committer.keepDurable(block); // protocol 3.8\n',
        replace: '',
      },
    ],
    hunt: timed(5),
  },
  {
    name: 'no heartbeats when idle',
    edits: [
      {
        file: 'consensus/epoch-engine.ts',
        find: 'return this.#pacemaker.heartbeat();',
        replace: "return this.#pending() === 'nothing' ? undefined : this.#pacemaker.heartbeat();",
      },
    ],
    hunt: DIRECTED,
  },
  {
    name: 'leaders excluded without a cap',
    edits: [{ file: 'consensus/leaders.ts', find: '.slice(0, this.#quorum.f)', replace: '' }],
    hunt: DIRECTED,
  },
  {
    name: 'a timeout counted whose certificate is not the one it claims',
    edits: [
      {
        file: 'consensus/ordering.ts',
        find: "if (prepare.view !== prepareView) return hearing.refuse('timeout that lies about its certificate');",
        replace: '',
      },
    ],
    hunt: DIRECTED,
  },
  {
    name: 'a store that never syncs',
    edits: [{ file: 'simulation/simulated-node.ts', find: '      this.disk.sync();\n', replace: '' }],
    hunt: timed(30),
  },
];
