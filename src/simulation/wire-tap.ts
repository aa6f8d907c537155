// Everything honest nodes have said, also what the network then lost: the adversary hears it all.
import type { Block, Entry, View } from '../consensus/block.ts';
import { GENESIS_VIEW } from '../consensus/block.ts';
import type { Message, Proposal, Timeout, Vote } from '../consensus/messages.ts';
import type { Phase, Signature } from '../consensus/statements.ts';
import type { Digest } from '../signing/digest.ts';
import type { Epoch } from '../signing/purpose.ts';
import type { SeatId } from '../signing/seat-id.ts';

export type SignedMessage = Proposal | Vote | Timeout;

/** The votes of one phase for one block. */
export interface Backing {
  readonly vote: Vote;
  readonly signatures: Map<SeatId, Signature>;
}

export class WireTap {
  readonly blocks = new Map<Digest, Block>();
  readonly entries = new Map<Digest, Entry>();
  readonly proposals: Proposal[] = [];
  readonly timeouts = new Map<View, Map<SeatId, Timeout>>();
  readonly #votes = { 1: new Map<View, Map<Digest, Backing>>(), 2: new Map<View, Map<Digest, Backing>>() };
  readonly #heard = new Set<Signature>();
  #epoch = 0 as Epoch;
  #maxView: View = GENESIS_VIEW;

  /** The highest view anybody has said anything in, in the latest epoch. */
  get maxView(): View {
    return this.#maxView;
  }

  /** Calls back for every signed message that is heard for the first time. */
  hear(message: Message, first: (message: SignedMessage) => void): void {
    switch (message.kind) {
      case 'proposal':
      case 'vote':
      case 'timeout':
        this.#signed(message, first);
        return;
      case 'status':
        for (const part of message.parts) this.#signed(part, first);
        for (const entry of message.entries) this.entries.set(entry.digest, entry);
        return;
      case 'entries':
        for (const entry of message.entries) this.entries.set(entry.digest, entry);
        return;
      case 'blocks':
        for (const block of message.blocks) this.blocks.set(block.digest, block);
        return;
      case 'blocks-wanted':
        return;
      default:
        message satisfies never;
    }
  }

  votes(phase: Phase, view: View): ReadonlyMap<Digest, Backing> {
    return this.#votes[phase].get(view) ?? new Map();
  }

  #signed(message: SignedMessage, first: (message: SignedMessage) => void): void {
    if (this.#heard.has(message.signature)) return;
    this.#heard.add(message.signature);
    const { epoch, view } = message.kind === 'proposal' ? message.block.header : message;
    if (epoch > this.#epoch || (epoch === this.#epoch && view > this.#maxView)) this.#maxView = view;
    if (epoch > this.#epoch) this.#epoch = epoch;
    if (message.kind === 'proposal') {
      this.proposals.push(message);
      this.blocks.set(message.block.digest, message.block);
    } else if (message.kind === 'timeout') {
      const timeouts = this.timeouts.get(view) ?? new Map<SeatId, Timeout>();
      this.timeouts.set(view, timeouts.set(message.seat, message));
    } else this.#vote(message);
    first(message);
  }

  #vote(vote: Vote): void {
    const inView = this.#votes[vote.phase].get(vote.view) ?? new Map<Digest, Backing>();
    this.#votes[vote.phase].set(vote.view, inView);
    const backing = inView.get(vote.block) ?? { vote, signatures: new Map<SeatId, Signature>() };
    inView.set(vote.block, backing);
    backing.signatures.set(vote.seat, vote.signature);
  }
}
