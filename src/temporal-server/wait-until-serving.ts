import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

export interface WaitOptions {
  readonly address: string;
  readonly namespace: string;
  readonly timeoutMs: number;
  /** Settles, with how it ended, when the server's process is gone: then waiting is pointless. */
  readonly endedEarly?: Promise<string>;
}

const PROBE_INTERVAL_MS = 40;

/**
 * Waits until the server at the address answers for the namespace. Listening comes first and is probed by bare TCP,
 * because a gRPC channel that was refused once waits a second before it tries again.
 */
export async function waitUntilServing(options: WaitOptions): Promise<void> {
  const ended = new AbortController();
  let howItEnded: string | undefined;
  void options.endedEarly?.then((how) => {
    howItEnded = how;
    ended.abort();
  });
  const deadline = Date.now() + options.timeoutMs;
  let lastFailure = 'it does not listen';
  while (Date.now() < deadline) {
    if (howItEnded !== undefined) throw new Error(`ended while starting: ${howItEnded}`);
    if (await listens(options.address)) {
      const failure = await describeNamespace(options, deadline);
      if (failure === undefined && howItEnded === undefined) return;
      lastFailure = failure ?? lastFailure;
    }
    await sleep(PROBE_INTERVAL_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  throw new Error(`no answer from ${options.address} within ${options.timeoutMs} ms: ${lastFailure}`);
}

async function listens(address: string): Promise<boolean> {
  const separator = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, separator), Number(address.slice(separator + 1))];
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
  });
}

/** Undefined when the namespace is served, otherwise why it is not. */
async function describeNamespace(options: WaitOptions, deadline: number): Promise<string | undefined> {
  const connection = Connection.lazy({ address: options.address });
  try {
    const until = Math.min(deadline, Date.now() + 5_000);
    await connection.withDeadline(until, async () => {
      await connection.workflowService.describeNamespace({ namespace: options.namespace });
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await connection.close();
  }
}
