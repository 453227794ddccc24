// GET /metrics: what the threads counted and how the queue, the store and the event loop stand, in Prometheus' text form.
// Totals are plain numbers; prom-client is loaded when somebody first asks.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { COUNTERS, type CounterDelta } from '#tracking/counters.ts';

export interface QueueGauge {
  /** Connector's name; `''` for the default route. */
  readonly connector: string;
  readonly recipients: number;
  readonly oldestSeconds: number;
}

export interface Gauges {
  readonly queues: readonly QueueGauge[];
  readonly queuedMessages: number;
  readonly freeDiskBytes: number;
  readonly commitSeconds: number;
  readonly refusing: boolean;
}

export interface Metrics {
  add(deltas: readonly CounterDelta[]): void;
  render(gauges: Gauges): Promise<string>;
}

const MAX_SERIES = 50_000;

export function createMetrics(): Metrics {
  const totals = new Map<string, Map<string, number>>();
  const loop = monitorEventLoopDelay({ resolution: 50 });
  loop.enable();
  return {
    add(deltas) {
      for (const [name, label, amount] of deltas) {
        let series = totals.get(name);
        if (!series) totals.set(name, (series = new Map()));
        if (series.has(label) || series.size < MAX_SERIES)
          series.set(label, (series.get(label) ?? 0) + amount);
      }
    },
    async render(gauges) {
      const { Counter, Gauge, Registry } = await import('prom-client');
      const registry = new Registry();
      const registers = [registry];
      for (const [name, { label, help }] of Object.entries(COUNTERS)) {
        const counter = new Counter({ name, help, labelNames: label === null ? [] : [label], registers });
        for (const [value, total] of totals.get(name) ?? []) {
          if (label === null) counter.inc(total);
          else counter.inc({ [label]: value }, total);
        }
      }
      const gauge = (name: string, help: string, value: number) =>
        new Gauge({ name, help, registers }).set(value);
      const depth = new Gauge({
        name: 'postern_queue_recipients',
        help: 'Recipients that wait, by connector.',
        labelNames: ['connector'],
        registers,
      });
      const age = new Gauge({
        name: 'postern_queue_oldest_seconds',
        help: 'Age of the oldest message that waits, by connector.',
        labelNames: ['connector'],
        registers,
      });
      for (const { connector, recipients, oldestSeconds } of gauges.queues) {
        depth.set({ connector }, recipients);
        age.set({ connector }, oldestSeconds);
      }
      gauge('postern_queue_messages', 'Messages in the store.', gauges.queuedMessages);
      gauge('postern_free_disk_bytes', 'Free space where the data is.', gauges.freeDiskBytes);
      gauge('postern_store_commit_seconds', 'How long the last commit took.', gauges.commitSeconds);
      gauge('postern_refusing_mail', '1 while new mail is put off (452).', gauges.refusing ? 1 : 0);
      gauge(
        'postern_event_loop_delay_seconds',
        "Mean delay of the main thread's event loop.",
        Number.isNaN(loop.mean) ? 0 : loop.mean / 1e9,
      );
      gauge('process_resident_memory_bytes', 'Resident memory of the process.', process.memoryUsage.rss());
      return registry.metrics();
    },
  };
}
