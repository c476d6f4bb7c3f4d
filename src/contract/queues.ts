/** Task queue of all workflows and of activities that touch no exchange account. */
export const EXECUTORS_QUEUE = 'executors';

/** Watches of public prices that last until something happens, apart from what has to be done at once. */
export const WATCH_QUEUE = 'watches';

/** Every process that could own the account polls this one; whoever runs `ownAccount` owns it. */
export function accountQueue(connector: string, account: string): string {
  return `account:${connector}:${account}`;
}

/** Order sessions. Polled only by the process that holds the lease of the account. */
export function sessionQueue(connector: string, account: string): string {
  return `exchange:${connector}:${account}`;
}

/** Short commands and reads, kept apart so that they never wait behind a long session. */
export function commandQueue(connector: string, account: string): string {
  return `exchange-cmd:${connector}:${account}`;
}

/** Workflow that grants the lease of one account. */
export function accountWorkflowId(connector: string, account: string): string {
  return `account/${connector}/${account}`;
}

/** Workflow that holds the positions and totals of one controller. */
export function controllerWorkflowId(controllerId: string): string {
  return `controller/${controllerId}`;
}

/** Child of an executor: `{executorId}/entry/1`, `{executorId}/exit/2`, `{executorId}/slice/0`. The counter is never used twice. */
export function legWorkflowId(executorId: string, leg: 'entry' | 'exit' | 'slice' | 'maker' | 'hedge' | 'buy' | 'sell' | 'unwind', counter: number): string {
  return `${executorId}/${leg}/${counter}`;
}
