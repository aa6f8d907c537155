// The metrics of one node and nothing else: a registry of its own, so that two nodes in one process do not mix, and
// makers of metrics that all say what they are for.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export class Instruments {
  readonly registry = new Registry();
  readonly #series = new Map<string, readonly string[]>();

  /** The labels of each metric, by the name a server knows it under. */
  get series(): ReadonlyMap<string, readonly string[]> {
    const others = this.registry
      .getMetricsAsArray()
      .map(({ name }): [string, readonly string[]] => [name, []]);
    return new Map([...others, ...this.#series]);
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    this.#series.set(name, labelNames);
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    this.#series.set(name, labelNames);
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    for (const part of ['sum', 'count']) this.#series.set(`${name}_${part}`, []);
    this.#series.set(`${name}_bucket`, ['le']);
    return new Histogram({ name, help, buckets: [...buckets], registers: [this.registry] });
  }

  /** CPU, memory, file descriptors, garbage collection and how late the event loop is. */
  ofTheProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }
}

/** A counter that is kept elsewhere, as it stands there. */
export function standsAt<L extends string>(
  counter: Counter<L>,
  values: Iterable<readonly [Record<L, string>, number]>,
): void {
  counter.reset();
  for (const [labels, value] of values) counter.inc(labels, value);
}

/** A gauge whose series are these and no others. */
export function showsOnly<L extends string>(
  gauge: Gauge<L>,
  values: Iterable<readonly [Record<L, string>, number]>,
): void {
  gauge.reset();
  for (const [labels, value] of values) gauge.set(labels, value);
}
