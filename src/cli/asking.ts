// How the asking of models goes, seat by seat, as the runner tells it: what a person watches while a live council
// judges, and what it came to cost, by the maker of each model.
import type { AskEvent } from '../providers/ask-events.ts';
import type { SeatFile } from '../seats/seat-file.ts';
import type { SeatId } from '../signing/seat-id.ts';
import { clip, counted, padEnd, padStart, plural, visible } from './layout.ts';
import type { Terminal } from './terminal.ts';

export type AskState = 'waiting' | 'asked' | 'retried' | 'answered' | 'failed';

export interface Spend {
  readonly developer: string;
  /** answers and failures alike */
  readonly questions: number;
  readonly attempts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

export class Asking {
  readonly #seats: readonly SeatFile[];
  readonly #states = new Map<SeatId, AskState>();
  /** by developer; a node asks for months, so what was asked is added up and not kept */
  readonly #spend = new Map<string, Spend>();

  constructor(seats: readonly SeatFile[]) {
    this.#seats = seats;
  }

  hear(event: AskEvent): void {
    if (event.kind === 'answered' || event.kind === 'failed') this.#add(event);
    this.#states.set(event.seat, stateAfter(event));
  }

  stateOf(seat: SeatId): AskState | undefined {
    return this.#states.get(seat);
  }

  /** The dearest maker first. */
  spend(): readonly Spend[] {
    return [...this.#spend.values()].sort(
      (a, b) => b.costUsd - a.costUsd || a.developer.localeCompare(b.developer),
    );
  }

  #add(event: Extract<AskEvent, { kind: 'answered' | 'failed' }>): void {
    const developer = this.#developerOf(event.seat);
    const before = this.#spend.get(developer) ?? { ...NOTHING_SPENT, developer };
    const usage = event.kind === 'answered' ? event.usage : undefined;
    this.#spend.set(developer, {
      developer,
      questions: before.questions + 1,
      attempts: before.attempts + event.attempts,
      inputTokens: before.inputTokens + (usage?.inputTokens ?? 0),
      outputTokens: before.outputTokens + (usage?.outputTokens ?? 0),
      costUsd: before.costUsd + event.costUsd,
    });
  }

  #developerOf(seat: SeatId): string {
    return this.#seats[seat - 1]?.developer ?? 'unknown';
  }
}

const NOTHING_SPENT = { questions: 0, attempts: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

function stateAfter(event: AskEvent): AskState {
  switch (event.kind) {
    case 'waiting':
      return 'waiting';
    case 'asked':
      return event.attempt === 1 ? 'asked' : 'retried';
    case 'retrying':
    case 'fell-back':
      return 'retried';
    case 'answered':
    case 'failed':
      return event.kind;
    default:
      return event satisfies never;
  }
}

/** A line for what is worth one where nobody watches the chamber; undefined for the rest. */
export function progressLine(event: AskEvent, seat: SeatFile | undefined): string | undefined {
  const who = `  seat ${padStart(String(event.seat), 2)} ${padEnd(clip(visible(seat?.name ?? ''), 12), 12)} ${visible(event.backing.model)}`;
  switch (event.kind) {
    case 'waiting':
    case 'asked':
      return undefined;
    case 'retrying':
      return `${who}: ${event.why}, asked again in ${seconds(event.waitMs)}`;
    case 'fell-back':
      return `${who}: ${event.why}, ${visible(event.to.model)} is asked instead`;
    case 'answered':
      return `${who}: answered after ${seconds(event.tookMs)}${event.attempts > 1 ? `, ${event.attempts} attempts` : ''}`;
    case 'failed':
      return `${who}: abstains (${event.code}): ${visible(event.message)}`;
    default:
      return event satisfies never;
  }
}

export function spendRows(spend: readonly Spend[], { colors }: Terminal): string[] {
  if (spend.length === 0) return [];
  const total = spend.reduce((sum, { costUsd }) => sum + costUsd, 0);
  return [
    colors.dim(`  spent        ${usd(total)}`),
    ...spend.map(({ developer, questions, attempts, inputTokens, outputTokens, costUsd }) =>
      colors.dim(
        `    ${padEnd(clip(visible(developer), 12), 12)} ${padStart(usd(costUsd), 9)}  ${plural(questions, 'question')}, ${plural(attempts, 'call')}, ${counted(inputTokens)} tokens in, ${counted(outputTokens)} out`,
      ),
    ),
    '',
  ];
}

export function usd(amount: number): string {
  return `$${amount.toFixed(amount !== 0 && amount < 1 ? 4 : 2)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
