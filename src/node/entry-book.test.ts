import { describe, expect, it } from 'vitest';
import type { Entry, Header, Height, View } from '../consensus/block.ts';
import { genesisCertificate } from '../consensus/certificates.ts';
import type { Signature } from '../consensus/statements.ts';
import { FIRST_EPOCH } from '../council/roster.ts';
import { utf8 } from '../signing/bytes.ts';
import { digestOf, digestOfBytes } from '../signing/digest.ts';
import { asSeatId } from '../signing/seat-id.ts';
import { EntryBook, MAX_ENTRIES_KNOWN } from './entry-book.ts';

const entry = (text: string): Entry => ({ bytes: utf8(text), digest: digestOfBytes(utf8(text)) });

const HEADER: Header = {
  epoch: FIRST_EPOCH,
  view: 1 as View,
  height: 1 as Height,
  parent: digestOf('genesis'),
  proposer: asSeatId(1),
  timeMs: 1,
  payloadRoot: digestOf('payload'),
  ledgerSize: 2,
  ledgerRoot: digestOf('root'),
};

describe('a book of entries', () => {
  it('gives every later copy as the one that came first, alone and in blocks', () => {
    const book = new EntryBook();
    const first = entry('one');
    book.through({ kind: 'entries', entries: [first] });
    const proposal = book.through({
      kind: 'proposal',
      seat: asSeatId(1),
      block: { digest: digestOf('b'), header: HEADER, entries: [entry('one'), entry('two')] },
      justify: genesisCertificate('prepare', FIRST_EPOCH, digestOf('genesis')),
      timeoutCertificate: null,
      signature: 'unchecked here' as Signature,
    });
    const entries = proposal.kind === 'proposal' ? proposal.block.entries : [];
    expect(entries[0]).toBe(first);
    expect(entries[1]).toEqual(entry('two'));
    expect(book.first(entry('two'))).toBe(entries[1]);
  });

  it('forgets in time, and takes nothing for another', () => {
    const book = new EntryBook();
    const first = book.first(entry('first'));
    for (let i = 0; i < 2 * MAX_ENTRIES_KNOWN; i++) book.first(entry(`${i}`));
    const again = entry('first');
    expect(book.first(again)).toBe(again);
    expect(again).toEqual(first);
  });
});
