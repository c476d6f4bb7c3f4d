import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricDefinition } from './metric-definitions.js';

type Labels = Readonly<Record<string, string>>;

/** A registry of defined metrics, and the usual ones of a Node process beside them. Amounts of histograms in seconds. */
export class DefinedRegistry<Name extends string> {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  /** `collect` sets the gauges, whenever somebody reads the metrics. */
  constructor(
    definitions: Readonly<Record<Name, MetricDefinition>>,
    private readonly collect: () => void = () => undefined,
  ) {
    for (const [name, definition] of Object.entries<MetricDefinition>(definitions)) this.#define(name, definition);
    collectDefaultMetrics({ register: this.#registry });
  }

  count(name: Name, labels: Labels): void {
    this.#counters.get(name)?.inc(labels);
  }

  observe(name: Name, labels: Labels, durationMs: number): void {
    this.#histograms.get(name)?.observe(labels, Math.max(0, durationMs) / 1_000);
  }

  set(name: Name, labels: Labels, value: number): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  /** Forgets all series of a gauge, so that what is gone does not keep its last value. */
  clear(name: Name): void {
    this.#gauges.get(name)?.reset();
  }

  /** Everything in Prometheus' text format. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    this.collect();
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #define(name: string, { kind, help, labels, buckets = [] }: MetricDefinition): void {
    const shared = { name, help, labelNames: [...labels], registers: [this.#registry] };
    switch (kind) {
      case 'counter':
        this.#counters.set(name, new Counter(shared));
        return;
      case 'gauge':
        this.#gauges.set(name, new Gauge(shared));
        return;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...shared, buckets: [...buckets] }));
        return;
      default:
        throw new Error(`unhandled ${JSON.stringify(kind satisfies never)}`);
    }
  }
}
