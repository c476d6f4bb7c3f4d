/** What visibility can filter by; markets are filtered after decoding, because a KeywordList matches whole entries only. */
export interface OpenFilter {
  readonly executorTypes?: readonly string[] | undefined;
  readonly controllerIds?: readonly string[] | undefined;
}

/** Executors that have not reached their end by themselves: running, or cut off from outside. */
const STATUSES = `ExecutionStatus IN ('Running', 'Terminated', 'Failed', 'TimedOut', 'Canceled')`;

export function openExecutorsQuery(filter: OpenFilter): string {
  const conditions = [`ExecutorRole = 'executor'`, STATUSES];
  if (filter.executorTypes !== undefined) conditions.push(anyOf('ExecutorType', filter.executorTypes));
  if (filter.controllerIds !== undefined) conditions.push(anyOf('ControllerId', filter.controllerIds));
  return conditions.join(' AND ');
}

export function executorByIdQuery(id: string): string {
  return `WorkflowId = ${quoted(id)}`;
}

function anyOf(attribute: string, values: readonly string[]): string {
  return `${attribute} IN (${values.map(quoted).join(', ')})`;
}

/** The query language has no escape that all stores share, so a value with a quote or backslash can match nothing. */
function quoted(value: string): string {
  return `'${/['"\\\p{Cc}]/u.test(value) ? 'unmatchable' : value}'`;
}
