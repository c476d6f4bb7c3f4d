import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { TemporalClient } from '../src/client/temporal-connection.js';

/** More would take longer than the run they are of. */
const MOST_HISTORIES = 1_500;
const AT_ONCE = 5;

let quiet = false;

/** Each replay starts a worker, and each would tell its whole life. Call it before anything else uses the runtime of this process. */
export function quietReplays(): void {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  quiet = true;
}

/**
 * Replays histories of executors and their legs as a worker that starts anew would, and answers in words those with which
 * the code would not go on. Looks at so many, in the order of the server's list, which is the newest first.
 */
export async function replayHistories(temporal: TemporalClient, bundleFile: string): Promise<readonly string[]> {
  quietReplays();
  const query = `WorkflowType IN ('order', 'position', 'twap', 'dca', 'grid', 'xemm', 'arbitrage')`;
  const listed = temporal.client.workflow.list({ query }).intoHistories({ concurrency: AT_ONCE });
  const faults: string[] = [];
  for await (const { workflowId, runId, error } of Worker.runReplayHistories({ workflowBundle: { codePath: bundleFile } }, firstOf(listed, MOST_HISTORIES))) {
    if (error !== undefined) faults.push(`workflow ${workflowId} (run ${runId}) does not replay: ${error.message.slice(0, 600)}`);
  }
  return faults;
}

async function* firstOf<Item>(items: AsyncIterable<Item>, most: number): AsyncIterable<Item> {
  let count = 0;
  for await (const item of items) {
    yield item;
    count += 1;
    if (count >= most) return;
  }
}
