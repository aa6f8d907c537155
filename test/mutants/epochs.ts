// Bugs where one epoch ends and the next begins (protocol 6.1).
import type { Hunt, Mutant } from './mutant.ts';

const timed = (seeds: number): Hunt => ({ kind: 'timed', seats: 4, seeds, epochs: true });

const OTHER_EPOCHS = {
  file: 'consensus/epoch-engine.ts',
  find: 'if (epoch !== undefined && epoch !== this.#tree.epoch) return this.#onOtherEpoch(from, epoch, message);',
  replace: '',
};

export const EPOCH_MUTANTS: readonly Mutant[] = [
  {
    name: 'what was built on the block that ends the epoch is committed, and the next begins there',
    edits: [
      { file: 'consensus/committer.ts', find: '      if (tree.hasEnded) break;\n', replace: '' },
      {
        file: 'consensus/block-tree.ts',
        find: "    invariant(!this.hasEnded, 'nothing is committed after the block that ends an epoch');\n",
        replace: '',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'a block after the end of the epoch may hold entries',
    edits: [
      {
        file: 'consensus/block-tree.ts',
        find: '(block.entries.length === 0 || !this.endsEpoch(parent))',
        replace: 'block.entries.length >= 0',
      },
      {
        file: 'consensus/proposer.ts',
        find: 'const chosen = isSuffix ? [] : candidates(waiting, inChain);',
        replace: 'const chosen = candidates(waiting, inChain);',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'certificates of the epoch before hold in the next',
    edits: [
      OTHER_EPOCHS,
      {
        file: 'consensus/certificates.ts',
        find: 'if (certificate.epoch !== rules.epoch) return false;',
        replace: '',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'what a seat remembers of an older epoch is taken for this one',
    edits: [
      {
        file: 'consensus/recovery.ts',
        find: 'votes: votes.filter((held) => held.epoch === epoch),',
        replace: 'votes,',
      },
      {
        file: 'consensus/recovery.ts',
        find: 'certificates: certificates?.commit.epoch === epoch ? certificates : undefined,',
        replace: 'certificates,',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'the next epoch is spoken in before the end of this one is on disk',
    edits: [
      {
        file: 'consensus/engine.ts',
        find: 'return [...effects.filter(isStillSaid), ...first];',
        replace: 'return [...first, ...effects];',
      },
    ],
    hunt: timed(90),
  },
  {
    name: 'votes for a vacant chair count',
    edits: [
      { file: 'consensus/certificates.ts', find: 'if (vacant.has(seat)) return false;', replace: '' },
      {
        file: 'consensus/bench.ts',
        find: ' && !vacant.has(seat)',
        replace: '',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'who is an epoch behind is not helped on',
    edits: [
      {
        file: 'consensus/epoch-engine.ts',
        find: 'this.#outbox.serveBlocks(from, message.commit.height);',
        replace: 'return;',
      },
    ],
    hunt: timed(30),
  },
  {
    name: 'entries that wait are lost when the epoch ends',
    edits: [
      {
        file: 'consensus/engine.ts',
        find: 'const lasting = this.#lasting;',
        replace:
          'const lasting = { ...this.#lasting, mempool: new Mempool(this.#dependencies.application) };',
      },
    ],
    hunt: timed(30),
  },
];
