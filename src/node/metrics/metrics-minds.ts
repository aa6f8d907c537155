// What is counted of models that are asked: how it ends, how long it takes, what it costs. Fed by the runner's events.
import type { AskEvent } from '../../providers/ask-events.ts';
import type { Instruments } from './instruments.ts';
import { ABSTENTION_REASONS, named, seatLabel } from './metric-labels.ts';

const ASK_BUCKETS = [0.1, 0.5, 1, 2, 5, 10, 20, 40, 60, 120, 300, 600];

export class MindMetrics {
  readonly #count: ReturnType<typeof countersOf>;

  constructor(instruments: Instruments) {
    this.#count = countersOf(instruments);
    for (const end of ['answered', 'from-cache', 'failed']) this.#count.asked.inc({ end }, 0);
  }

  hear(event: AskEvent): void {
    switch (event.kind) {
      case 'retrying':
        return this.#count.retried.inc({ why: named(ABSTENTION_REASONS, event.why) });
      case 'fell-back':
        return this.#count.fellBack.inc({ why: named(ABSTENTION_REASONS, event.why) });
      case 'answered':
        this.#count.asked.inc({ end: event.fromCache ? 'from-cache' : 'answered' });
        return this.#ended(event);
      case 'failed':
        this.#count.asked.inc({ end: 'failed' });
        this.#count.failed.inc({ why: named(ABSTENTION_REASONS, event.code) });
        return this.#ended(event);
      case 'waiting':
      case 'asked':
        return;
      default:
        return event satisfies never;
    }
  }

  #ended({ seat, costUsd, tookMs }: Extract<AskEvent, { kind: 'answered' | 'failed' }>): void {
    if (costUsd > 0) this.#count.spend.inc({ seat: seatLabel(seat) }, costUsd);
    this.#count.seconds.observe(tookMs / 1_000);
  }
}

function countersOf(instruments: Instruments) {
  return {
    asked: instruments.counter('conclave_asks_total', 'Questions put to models, by how they ended.', ['end']),
    failed: instruments.counter('conclave_ask_failures_total', 'Questions without an answer, by why.', [
      'why',
    ]),
    retried: instruments.counter('conclave_ask_retries_total', 'Questions that are asked again, by why.', [
      'why',
    ]),
    fellBack: instruments.counter(
      'conclave_ask_fallbacks_total',
      'Questions put to the fallback model of a seat, by why.',
      ['why'],
    ),
    spend: instruments.counter(
      'conclave_spend_usd_total',
      'What asking came to in US dollars, as far as makers said what they bill, by seat.',
      ['seat'],
    ),
    seconds: instruments.histogram('conclave_ask_seconds', 'From a question to its end.', ASK_BUCKETS),
  };
}
