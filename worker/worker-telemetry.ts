import { Runtime } from '@temporalio/worker';
import type { Logger } from '../src/logger.js';
import { metricsAddress, sdkMetricsAddress, serveMetrics, type MetricsServer } from '../src/metrics/metrics-server.js';
import { PrometheusMetrics } from '../src/metrics/prometheus-metrics.js';
import type { AccountIdentity } from '../src/ports/metrics.js';
import { sdkLogger } from './sdk-logger.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Once in a process, before anything else of the SDK: its log in ours, and its metrics where the environment wants them. */
export function installRuntime(logger: Logger, env: Environment): void {
  const address = sdkMetricsAddress(env);
  Runtime.install({
    logger: sdkLogger(logger),
    // Signals are ours: accounts are left before workers stop.
    shutdownSignals: [],
    ...(address === null ? {} : { telemetryOptions: { metrics: { prometheus: { bindAddress: `${address.host}:${address.port}` } } } }),
  });
}

export interface WorkerMetrics {
  readonly metrics: PrometheusMetrics;
  /** Null when METRICS_PORT is not set: counted all the same, for nobody. */
  readonly server: MetricsServer | null;
}

export async function startMetrics(candidates: readonly AccountIdentity[], env: Environment): Promise<WorkerMetrics> {
  const metrics = new PrometheusMetrics(candidates);
  const address = metricsAddress(env);
  return { metrics, server: address === null ? null : await serveMetrics(metrics, address) };
}
