/**
 * Server settings that the dev server's defaults get wrong for this project's load: thousands of sessions that each
 * heartbeat and many short polls on one machine. The keys and values are those of the server's dynamic configuration.
 */
export const DEV_SERVER_DYNAMIC_CONFIG: Readonly<Record<string, string | number | boolean>> = {
  // Default 2,400 requests a second. After a restart every session reports, polls and is started again at once; a
  // throttled heartbeat looks like a dead session.
  'frontend.rps': 20_000,
  'frontend.namespaceRPS': 20_000,
  // Listings read visibility; the default is made for people who look at a page now and then.
  'frontend.namespaceRPS.visibility': 500,
  // Default 1,200 open polls and long waits. Every account has three queues, and every waiting caller holds one.
  'frontend.namespaceCount': 10_000,
  // Default 2 s: how long a namespace that was just created stays unknown to clients. Tests create many.
  'system.namespaceCacheRefreshInterval': '500ms',
  // Default 20 reads of each task queue of the history service a second and shard, and the dev server has one shard:
  // whatever follows quickly on something else waits for the next twentieth of a second. Measured, five activities
  // one after another: 552 ms with the default, 70 ms with these.
  'history.transferProcessorMaxPollRPS': 1_000,
  'history.timerProcessorMaxPollRPS': 1_000,
  'history.visibilityProcessorMaxPollRPS': 1_000,
  'history.outboundProcessorMaxPollRPS': 1_000,
};

/** As arguments of `temporal server start-dev`. Values are JSON. */
export function dynamicConfigArguments(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(values).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]);
}
