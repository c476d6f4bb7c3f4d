import { afterEach, expect, it } from 'vitest';
import { WORKER_METRICS } from '../../src/metrics/metric-definitions.js';
import { serveMetrics, metricsAddress, sdkMetricsAddress, type MetricsServer } from '../../src/metrics/metrics-server.js';
import { PrometheusMetrics } from '../../src/metrics/prometheus-metrics.js';
import type { AccountReading } from '../../src/ports/metrics.js';

const ACCOUNT = { connector: 'exchange', account: 'main' };
const PRICES = { connector: 'exchange', stream: 'prices', pair: 'BTC-USDT' } as const;

function reading(armed: number): AccountReading {
  const none = { armed: 0, working: 0, detached: 0, paused: 0 };
  return { sessions: { entry: none, hedge: { armed: 0, working: 0, detached: 0, paused: 0 }, exit: { ...none, armed }, order: none }, leaseRemainingMs: 4_200, leaseLost: false, reservations: 2 };
}

/** Series by name and labels, labels in order of their names. */
async function series(metrics: PrometheusMetrics): Promise<ReadonlyMap<string, number>> {
  const { body } = await metrics.render();
  const rows = body.split('\n').flatMap((line): [string, number][] => {
    const match = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (match === null) return [];
    const labels = (match[2] ?? '').split(/,(?=[a-z]+=)/).sort().join(',');
    return [[`${match[1] ?? ''}{${labels}}`, Number(match[3])]];
  });
  return new Map(rows);
}

function tellEverything(metrics: PrometheusMetrics): void {
  metrics.orderSent('exchange', 'exit', 'accepted');
  metrics.cancelSent('exchange', 'notOpen');
  metrics.unknownResolved('exchange', 'neverExisted');
  metrics.reacted('exchange', 4);
  metrics.reconnected(PRICES);
  metrics.staleData(PRICES, true);
  metrics.attentionRaised('exchange', 'THROTTLED');
  metrics.leaseHeartbeat(ACCOUNT, 'accepted');
  metrics.limiterWaited('exchange', 'cancel', 30);
  metrics.limiterRefused('exchange', 'read', 'deadline');
  metrics.throttled('exchange', 429);
  metrics.watchStream(PRICES, () => 1_500);
  metrics.watchAccount(ACCOUNT, () => reading(3));
  metrics.watchQueue('exchange', () => ({ cancel: 0, reduce: 1, create: 2, read: 3 }));
}

it('has a series for every metric it lists, with the labels it lists', async () => {
  const metrics = new PrometheusMetrics([ACCOUNT]);
  tellEverything(metrics);
  const names = [...(await series(metrics)).keys()];
  for (const [name, { kind, labels }] of Object.entries(WORKER_METRICS)) {
    const shown = names.find((one) => one.startsWith(`${name}${kind === 'histogram' ? '_sum' : ''}{`));
    expect(shown, name).toBeDefined();
    const listed = [...(shown ?? '').matchAll(/([a-z]+)="/g)].map((match) => match[1]);
    expect(listed, name).toEqual([...labels].sort());
  }
});

it('tells what it was told', async () => {
  const metrics = new PrometheusMetrics([ACCOUNT]);
  tellEverything(metrics);
  metrics.orderSent('exchange', 'exit', 'accepted');
  const told = await series(metrics);
  expect(told.get('durable_executors_orders_sent_total{connector="exchange",kind="exit",outcome="accepted"}')).toBe(2);
  expect(told.get('durable_executors_reaction_seconds_bucket{connector="exchange",le="0.003"}')).toBe(0);
  expect(told.get('durable_executors_reaction_seconds_bucket{connector="exchange",le="0.005"}')).toBe(1);
  expect(told.get('durable_executors_stream_age_seconds{connector="exchange",pair="BTC-USDT",stream="prices"}')).toBe(1.5);
  expect(told.get('durable_executors_sessions{account="main",condition="armed",connector="exchange",role="exit"}')).toBe(3);
  expect(told.get('durable_executors_lease_remaining_seconds{account="main",connector="exchange"}')).toBe(4.2);
  expect(told.get('durable_executors_limiter_queue{connector="exchange",priority="read"}')).toBe(3);
});

it('shows what is now, not what was', async () => {
  const metrics = new PrometheusMetrics([ACCOUNT]);
  let armed = 3;
  const stop = metrics.watchAccount(ACCOUNT, () => reading(armed));
  const leave = metrics.watchStream(PRICES, () => 10);
  const armedNow = async (): Promise<number | undefined> => (await series(metrics)).get('durable_executors_sessions{account="main",condition="armed",connector="exchange",role="exit"}');
  expect(await armedNow()).toBe(3);
  armed = 1;
  expect(await armedNow()).toBe(1);
  stop();
  leave();
  expect(await armedNow()).toBeUndefined();
  const after = await series(metrics);
  expect(after.get('durable_executors_lease_held{account="main",connector="exchange"}')).toBe(0);
  expect([...after.keys()].filter((name) => name.includes('stream_age'))).toEqual([]);
});

it('counts stale streams up and down, each account apart from none', async () => {
  const metrics = new PrometheusMetrics();
  metrics.staleData(PRICES, true);
  metrics.staleData({ ...PRICES, pair: 'ETH-USDT' }, true);
  metrics.staleData(PRICES, false);
  const told = await series(metrics);
  expect(told.get('durable_executors_streams_stale{connector="exchange",stream="prices"}')).toBe(1);
  expect(told.get('durable_executors_stream_stale_total{connector="exchange",stream="prices"}')).toBe(2);
});

it('keeps the number of series bounded, whatever is traded', async () => {
  const metrics = new PrometheusMetrics();
  for (let index = 0; index < 1_000; index += 1) metrics.watchStream({ ...PRICES, pair: `COIN${index}-USDT` }, () => index);
  const ages = [...(await series(metrics))].filter(([name]) => name.startsWith('durable_executors_stream_age_seconds'));
  expect(ages).toHaveLength(201);
  expect(ages.find(([name]) => name.includes('(other)'))?.[1]).toBe(0.999);
});

let server: MetricsServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

it('is served at /metrics, and nothing else is', async () => {
  const metrics = new PrometheusMetrics();
  metrics.throttled('exchange', 418);
  server = await serveMetrics(metrics, { host: '127.0.0.1', port: 0 });
  const page = await fetch(server.url);
  expect(page.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await page.text()).toContain('durable_executors_throttled_total{connector="exchange",status="418"} 1');
  expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404);
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(404);
});

it('reads its ports from the environment and refuses what is none', () => {
  expect(metricsAddress({})).toBeNull();
  expect(metricsAddress({ METRICS_PORT: '9464' })).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(sdkMetricsAddress({ SDK_METRICS_PORT: '9465', METRICS_HOST: '0.0.0.0' })).toEqual({ host: '0.0.0.0', port: 9465 });
  expect(() => metricsAddress({ METRICS_PORT: 'nine' })).toThrow('METRICS_PORT');
  expect(() => sdkMetricsAddress({ SDK_METRICS_PORT: '70000' })).toThrow('SDK_METRICS_PORT');
});
