import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Chamber } from '../../test/rigs/chamber.ts';
import type { BlockContext } from '../consensus/application.ts';
import type { Entry, Height, View } from '../consensus/block.ts';
import { recordBytes } from '../council/records.ts';
import { textOf, toHex } from '../signing/bytes.ts';
import type { Epoch } from '../signing/purpose.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { LedgerApplication, type LedgerState } from './executor.ts';
import { Frontier, leafHash } from './merkle.ts';

const contextAt = (height: number): BlockContext => ({
  epoch: 1 as Epoch,
  view: height as View,
  height: height as Height,
  proposer: asSeatId((height % 4) + 1),
  timeMs: 2_000_000 + height,
});

/** The blocks of one whole case of four seats. */
function caseBlocks(chamber: Chamber): readonly (readonly Entry[])[] {
  const document = chamber.document();
  const opened = chamber.opened(document);
  const caseId = chamber.open(document);
  const seats = chamber.firstSeats(4);
  return [
    [opened],
    seats.map((seat) => chamber.commit(caseId, seat, 'approve')),
    seats.map((seat) => chamber.reveal(caseId, seat, 'approve')),
  ];
}

describe('executing a block', () => {
  test('adds its entries and then what they derived to the log, and names the tree head after it', () => {
    const chamber = new Chamber(4);
    const application = new LedgerApplication(chamber.council);
    let state = application.genesis();
    const all: Uint8Array[] = [];
    for (const [i, entries] of caseBlocks(chamber).entries()) {
      const executed = application.execute(state, contextAt(i + 1), entries);
      if (executed === undefined) throw new Error(`block ${i + 1} does not execute`);
      const { leaves, records, ledgerSize, ledgerRoot } = executed;
      expect(leaves).toEqual([...entries.map(({ bytes }) => bytes), ...records.map(recordBytes)]);
      expect(executed.leafHashes).toEqual(leaves.map(leafHash));
      all.push(...leaves);
      expect(ledgerSize).toBe(all.length);
      expect(ledgerRoot).toBe(toHex(Frontier.empty.append(all.map(leafHash)).root()));
      state = executed.state;
    }
    expect(textOf(all.at(-1) ?? new Uint8Array())).toContain('case.decided');
  });

  test('never changes the state it was given, so that two blocks may follow one', () => {
    const chamber = new Chamber(4);
    const application = new LedgerApplication(chamber.council);
    const blocks = caseBlocks(chamber);
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 8 }), (tries) => {
        let state: LedgerState = application.genesis();
        let height = 1;
        for (const at of tries) {
          const before = [state.log.size, toHex(state.log.root()), state.council.open.size];
          const once = application.execute(state, contextAt(height), blocks[at] ?? []);
          const again = application.execute(state, contextAt(height), blocks[at] ?? []);
          expect([state.log.size, toHex(state.log.root()), state.council.open.size]).toEqual(before);
          expect(again?.ledgerRoot).toBe(once?.ledgerRoot);
          if (once === undefined) continue;
          state = once.state;
          height += 1;
        }
      }),
    );
  });

  test('with an entry that is invalid, repeated or too early is refused whole', () => {
    const chamber = new Chamber(4);
    const application = new LedgerApplication(chamber.council);
    const [opening = [], commits = [], reveals = []] = caseBlocks(chamber);
    const genesis = application.genesis();
    expect(application.execute(genesis, contextAt(1), commits)).toBeUndefined();
    expect(application.execute(genesis, contextAt(1), [...opening, ...opening])).toBeUndefined();
    expect(application.execute(genesis, contextAt(1), [...opening, ...reveals])).toBeUndefined();
    const [first] = opening;
    if (first === undefined) throw new Error('a case opens');
    const altered = { ...first, bytes: first.bytes.map((byte, i) => (i === 40 ? byte ^ 1 : byte)) };
    expect(application.execute(genesis, contextAt(1), [altered])).toBeUndefined();
    expect([application.admits(genesis, first), application.admits(genesis, altered)]).toEqual([
      'now',
      'never',
    ]);
  });

  test('asks for a block at the deadline of an open case, and for none without one', () => {
    const chamber = new Chamber(4);
    const application = new LedgerApplication(chamber.council);
    const [opening = []] = caseBlocks(chamber);
    const genesis = application.genesis();
    expect(application.dueAtMs(genesis)).toBeUndefined();
    const opened = application.execute(genesis, contextAt(1), opening);
    expect(opened && application.dueAtMs(opened.state)).toBeGreaterThan(contextAt(1).timeMs);
  });
});
