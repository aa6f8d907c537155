// The checker, shown each offence by hand: one that could not see them would pass everything.
import { describe, expect, it } from 'vitest';
import type { Header, Height, View } from '../consensus/block.ts';
import { genesisCertificate } from '../consensus/certificates.ts';
import { quorumOf } from '../consensus/quorum.ts';
import type { Phase } from '../consensus/statements.ts';
import type { Digest } from '../signing/digest.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { Checker } from './checker.ts';
import { SignatureTable } from './signature-table.ts';
import { EPOCH, GENESIS } from './world.ts';

class Bench {
  readonly found: string[] = [];
  readonly signatures = new SignatureTable();
  readonly checker = new Checker(
    { quorum: quorumOf(4), genesis: GENESIS, epoch: EPOCH, byzantine: new Set([asSeatId(4)]) },
    { signatures: this.signatures, report: (kind) => this.found.push(kind) },
  );

  block(view: number, parent: Digest = GENESIS, height = 1, ledgerSize = 0): Digest {
    const header: Header = {
      epoch: EPOCH,
      view: view as View,
      height: height as Height,
      parent,
      proposer: asSeatId(1),
      timeMs: view,
      payloadRoot: GENESIS,
      ledgerSize,
      ledgerRoot: GENESIS,
    };
    return this.signatures.digestOfHeader(header);
  }

  vote(seat: number, phase: Phase, view: number, block: Digest): void {
    const vote = { epoch: EPOCH, view: view as View, height: 1 as Height, block };
    const signer = this.signatures.signerOf(asSeatId(seat));
    const signature = signer.sign({ kind: phase === 1 ? 'vote-1' : 'vote-2', ...vote });
    this.checker.sent({ kind: 'vote', phase, seat: asSeatId(seat), ...vote, signature });
  }

  giveUp(seat: number, view: number, prepareView: number): void {
    const timeout = { epoch: EPOCH, view: view as View, prepareView: prepareView as View };
    const signature = this.signatures.signerOf(asSeatId(seat)).sign({ kind: 'timeout', ...timeout });
    const prepare = genesisCertificate('prepare', EPOCH, GENESIS);
    this.checker.sent({ kind: 'timeout', seat: asSeatId(seat), ...timeout, prepare, signature });
  }

  commit(node: number, digest: Digest, entries: readonly string[] = [], leaves = entries.length): void {
    const header = this.signatures.headerOf(digest);
    if (header === undefined) throw new Error('a block of this bench');
    const block = {
      digest,
      header,
      entries: entries.map((text) => ({ digest: text as Digest, bytes: new Uint8Array() })),
    };
    const added = new Array(leaves).fill(new Uint8Array());
    this.checker.committed(node, [{ block, commit: null, leaves: added, suffix: [] }]);
  }
}

describe('the checker notices', () => {
  it('two votes of a phase in a view, and takes the same vote again for one', () => {
    const bench = new Bench();
    bench.vote(1, 1, 1, bench.block(1));
    bench.vote(1, 1, 1, bench.block(1));
    bench.vote(1, 2, 1, bench.block(1));
    expect(bench.found).toEqual([]);
    bench.vote(1, 1, 1, bench.block(1, GENESIS, 1, 5));
    expect(bench.found).toEqual(['double-vote']);
  });

  it('nothing that a Byzantine seat does to itself', () => {
    const bench = new Bench();
    bench.vote(4, 1, 1, bench.block(1));
    bench.vote(4, 1, 1, bench.block(1, GENESIS, 1, 5));
    bench.giveUp(4, 9, 0);
    bench.giveUp(4, 3, 0);
    expect(bench.found).toEqual([]);
  });

  it.for([1, 2] as const)('a vote %i after a timeout for its view or a later one', (phase) => {
    const bench = new Bench();
    bench.giveUp(1, 2, 0);
    bench.vote(1, phase, 3, bench.block(3));
    expect(bench.found).toEqual([]);
    bench.vote(1, phase, 2, bench.block(2));
    expect(bench.found).toEqual(['vote-after-timeout']);
  });

  it('a timeout below an earlier one, and two different ones for a view', () => {
    const bench = new Bench();
    bench.giveUp(1, 5, 0);
    bench.giveUp(1, 5, 0);
    expect(bench.found).toEqual([]);
    bench.giveUp(1, 4, 0);
    bench.giveUp(1, 5, 1);
    expect(bench.found).toEqual(['timeout-regress', 'two-timeouts']);
  });

  it('an honest seat that frames itself: its timeout reports less than its votes stood on', () => {
    const bench = new Bench();
    bench.vote(1, 2, 3, bench.block(3));
    bench.giveUp(1, 4, 2);
    expect(bench.found).toEqual(['framed']);
    const other = new Bench();
    other.vote(1, 1, 3, other.block(3, other.block(2), 2));
    other.giveUp(1, 3, 1);
    expect(other.found).toEqual(['framed']);
  });

  it('two commit certificates at a height that could be formed although nobody formed them', () => {
    const bench = new Bench();
    const [left, right] = [bench.block(1), bench.block(2)];
    bench.vote(1, 2, 1, left);
    bench.vote(2, 2, 1, left); // with the liar's vote this is decided
    expect(bench.found).toEqual([]);
    bench.vote(3, 2, 2, right);
    bench.vote(2, 2, 2, right);
    expect(bench.found).toEqual(['agreement']);
  });

  it('a decided block that does not extend a decided ancestor', () => {
    const bench = new Bench();
    bench.commit(0, bench.block(1));
    const beside = bench.block(3, bench.block(2), 2);
    bench.vote(1, 2, 3, beside);
    bench.vote(2, 2, 3, beside);
    expect(bench.found).toEqual(['agreement']);
  });

  it('a skipped ancestor, an entry committed twice, and a ledger that does not add up', () => {
    const bench = new Bench();
    const first = bench.block(1, GENESIS, 1, 1);
    bench.commit(0, first, ['a']);
    bench.commit(0, bench.block(2, first, 2, 2), ['a']);
    expect(bench.found).toEqual(['entry-twice']);
    bench.commit(1, bench.block(2, first, 2, 2), ['b'], 2);
    expect(bench.found).toEqual(['entry-twice', 'order']);
    bench.commit(2, first, ['a'], 2);
    expect(bench.found.at(-1)).toBe('ledger-prefix');
  });

  it('evidence against an honest seat, and evidence that proves nothing', () => {
    const bench = new Bench();
    const vote = (seat: number, view: number) => {
      const said = { epoch: EPOCH, view: view as View, height: 1 as Height, block: bench.block(view) };
      const signature = bench.signatures.signerOf(asSeatId(seat)).sign({ kind: 'vote-1', ...said });
      return { phase: 1, seat: asSeatId(seat), ...said, signature } as const;
    };
    const first = vote(1, 1);
    bench.checker.accused({ kind: 'two-votes', first, second: first });
    expect(bench.found).toEqual(['framed']);
    const timeout = { seat: asSeatId(1), epoch: EPOCH, view: 3 as View, prepareView: 0 as View };
    const signature = bench.signatures.signerOf(asSeatId(1)).sign({ kind: 'timeout', ...timeout });
    const said = { epoch: EPOCH, view: 2 as View, height: 1 as Height, block: bench.block(2) };
    const second = bench.signatures.signerOf(asSeatId(1)).sign({ kind: 'vote-2', ...said });
    bench.checker.accused({
      kind: 'timeout-below-vote-2',
      timeout: { ...timeout, signature },
      vote: { phase: 2, seat: asSeatId(1), ...said, signature: second },
    });
    expect(bench.found).toEqual(['framed', 'framed']);
  });
});
