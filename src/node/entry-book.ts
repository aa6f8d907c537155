// An entry comes several times: by itself, in a proposal, in what peers repeat. What was worked out about it (its fields,
// its signatures, its leaf) is remembered by the object that holds it, so every copy becomes the one that came first. The
// digest is of the very bytes, so nothing can take another's place.
import type { Block, Entry } from '../consensus/block.ts';
import type { Message } from '../consensus/messages.ts';
import type { Digest } from '../signing/digest.ts';

/** In each of two generations: a few full blocks. */
export const MAX_ENTRIES_KNOWN = 4_096;

export class EntryBook {
  #recent = new Map<Digest, Entry>();
  #older = new Map<Digest, Entry>();

  /** The first copy of the entry that came. */
  first(entry: Entry): Entry {
    const known = this.#recent.get(entry.digest) ?? this.#older.get(entry.digest);
    if (known !== undefined) return known;
    this.#recent.set(entry.digest, entry);
    if (this.#recent.size >= MAX_ENTRIES_KNOWN) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    return entry;
  }

  /** The same message, holding the first copies of its entries. */
  through(message: Message): Message {
    switch (message.kind) {
      case 'entries':
        return { ...message, entries: this.#firsts(message.entries) };
      case 'proposal':
        return { ...message, block: this.#block(message.block) };
      case 'status': {
        const parts = message.parts.map((part) =>
          part.kind === 'proposal' ? { ...part, block: this.#block(part.block) } : part,
        );
        return { ...message, parts, entries: this.#firsts(message.entries) };
      }
      case 'blocks':
      case 'blocks-wanted':
      case 'vote':
      case 'timeout':
        return message;
      default:
        return message satisfies never;
    }
  }

  #block(block: Block): Block {
    return { ...block, entries: this.#firsts(block.entries) };
  }

  #firsts(entries: readonly Entry[]): readonly Entry[] {
    return entries.map((entry) => this.first(entry));
  }
}
