import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { EXECUTORS_QUEUE, accountWorkflowId } from '../src/contract/queues.js';

/** Makes sure that the workflow which grants an account's lease runs; starting it again changes nothing. */
export async function grantAccount(client: Client, connector: string, account: string): Promise<void> {
  await client.workflow.start('account', {
    workflowId: accountWorkflowId(connector, account),
    taskQueue: EXECUTORS_QUEUE,
    args: [connector, account],
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: `lease of ${account} at ${connector}`,
  });
}
