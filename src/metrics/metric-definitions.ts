/** From a millisecond up: a stop reacts in a few, and what waits for an exchange takes seconds. */
const REACTION_SECONDS = [0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] as const;
const WAIT_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60] as const;
const ANSWER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

/** Metrics of a worker, by name. */
export const WORKER_METRICS = {
  durable_executors_orders_sent_total: { kind: 'counter', help: 'Requests to place an order, by role of the session and by what became of them.', labels: ['connector', 'kind', 'outcome'] },
  durable_executors_cancels_sent_total: { kind: 'counter', help: 'Requests to cancel an order, by what became of them.', labels: ['connector', 'outcome'] },
  durable_executors_unknown_orders_resolved_total: { kind: 'counter', help: 'Submissions without an answer that were settled: found at the exchange, or proven never to have existed.', labels: ['connector', 'verdict'] },
  durable_executors_reaction_seconds: { kind: 'histogram', help: 'From the receipt of the price frame that fired an exit to the acceptance of its closing order.', labels: ['connector'], buckets: REACTION_SECONDS },
  durable_executors_stream_age_seconds: { kind: 'gauge', help: 'Since the last frame of a stream of prices, or the last sign of life of an account\'s stream; the oldest where several share the labels.', labels: ['connector', 'stream', 'pair'] },
  durable_executors_stream_reconnects_total: { kind: 'counter', help: 'Streams that came back after a loss.', labels: ['connector', 'stream'] },
  durable_executors_stream_stale_total: { kind: 'counter', help: 'Times a stream was not believed any more.', labels: ['connector', 'stream'] },
  durable_executors_streams_stale: { kind: 'gauge', help: 'Streams not believed now.', labels: ['connector', 'stream'] },
  durable_executors_limiter_wait_seconds: { kind: 'histogram', help: 'Wait of a request for its turn.', labels: ['connector', 'priority'], buckets: WAIT_SECONDS },
  durable_executors_limiter_queue: { kind: 'gauge', help: 'Requests waiting for their turn.', labels: ['connector', 'priority'] },
  durable_executors_limiter_refusals_total: { kind: 'counter', help: 'Requests that never left.', labels: ['connector', 'priority', 'reason'] },
  durable_executors_throttled_total: { kind: 'counter', help: 'Answers of an exchange that asked to slow down, by HTTP status.', labels: ['connector', 'status'] },
  durable_executors_sessions: { kind: 'gauge', help: 'Order sessions at work in this process.', labels: ['connector', 'account', 'role', 'condition'] },
  durable_executors_lease_held: { kind: 'gauge', help: 'Whether this process owns the account.', labels: ['connector', 'account'] },
  durable_executors_lease_remaining_seconds: { kind: 'gauge', help: 'How long the lease lasts without another answered heartbeat.', labels: ['connector', 'account'] },
  durable_executors_lease_heartbeats_total: { kind: 'counter', help: 'Heartbeats of the lease, by the server\'s answer.', labels: ['connector', 'account', 'answer'] },
  durable_executors_balance_reservations: { kind: 'gauge', help: 'Sessions with a reservation of balance that no order has used yet.', labels: ['connector', 'account'] },
  durable_executors_attention_total: { kind: 'counter', help: 'Times a session asked for a person to look.', labels: ['connector', 'code'] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** Metrics of the HTTP facade, by name. */
export const HTTP_METRICS = {
  durable_executors_http_request_seconds: { kind: 'histogram', help: 'Time to answer a request, by route and status.', labels: ['method', 'route', 'status'], buckets: ANSWER_SECONDS },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
