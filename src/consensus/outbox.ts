// What one step of the engine asks of its shell, in the order that keeps it safe: everything durable first,
// then what may leave (protocol 3.8). Within the durable part certificates come before the votes that lean on
// them, so that even half a list written is a state that could have been.
import type { Block, Height } from './block.ts';
import type { Certificate, TimeoutCertificate } from './certificates.ts';
import type { CommittedBlock, Effect, TimerName } from './effects.ts';
import type { Evidence } from './evidence.ts';
import type { Message, PeerId } from './messages.ts';
import type { VotingRules } from './voting-rules.ts';

export interface HighCertificates {
  readonly prepare: Certificate;
  readonly commit: Certificate;
  readonly timeout: TimeoutCertificate | null;
}

export class Outbox {
  #certificates: HighCertificates | undefined;
  #blocks: Block[] = [];
  #signed = new Set<VotingRules>();
  #committed: CommittedBlock[] = [];
  #forgotten: string[] = [];
  #outgoing: Effect[] = [];

  certificates(high: HighCertificates): void {
    this.#certificates = high;
  }

  block(block: Block): void {
    this.#blocks.push(block);
  }

  /** The seat has signed something, so what it remembers must be durable first. */
  signed(rules: VotingRules): void {
    this.#signed.add(rules);
  }

  committed(blocks: readonly CommittedBlock[]): void {
    this.#committed.push(...blocks);
  }

  forget(block: Block['digest']): void {
    this.#forgotten.push(blockKey(block));
  }

  send(to: PeerId | 'all', message: Message): void {
    this.#outgoing.push({ kind: 'send', to, message });
  }

  setTimer(timer: TimerName, delayMs: number): void {
    this.#outgoing.push({ kind: 'set-timer', timer, delayMs });
  }

  cancelTimer(timer: TimerName): void {
    this.#outgoing.push({ kind: 'cancel-timer', timer });
  }

  serveBlocks(to: PeerId, aboveHeight: Height): void {
    this.#outgoing.push({ kind: 'serve-blocks', to, aboveHeight });
  }

  evidence(evidence: Evidence): void {
    this.#outgoing.push({ kind: 'evidence', evidence });
  }

  drain(): Effect[] {
    const effects: Effect[] = [];
    if (this.#certificates !== undefined) {
      effects.push({
        kind: 'persist',
        record: { kind: 'certificates', key: 'certificates', ...this.#certificates },
      });
    }
    for (const block of this.#blocks) {
      effects.push({ kind: 'persist', record: { kind: 'block', key: blockKey(block.digest), block } });
    }
    for (const { seat, votes } of this.#signed) {
      effects.push({ kind: 'persist', record: { kind: 'votes', key: `votes/${seat}`, votes } });
    }
    if (this.#committed.length > 0) effects.push({ kind: 'commit', blocks: this.#committed });
    for (const key of this.#forgotten) effects.push({ kind: 'forget', key });
    effects.push(...this.#outgoing);
    this.#certificates = undefined;
    this.#blocks = [];
    this.#signed = new Set();
    this.#committed = [];
    this.#forgotten = [];
    this.#outgoing = [];
    return effects;
  }
}

function blockKey(digest: Block['digest']): string {
  return `block/${digest}`;
}
