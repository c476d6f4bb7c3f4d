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

const GRANT_MS = 20_000;

/** Grants of all accounts, kept up while this process runs. */
export interface Grants {
  /** Looks at once: an owner that lost its lease may have lost the workflow that gave it. */
  again(): void;
  stop(): void;
}

/** Grants every account now and from time to time: an account whose workflow was terminated must not stay without an owner. */
export async function keepGranting(
  client: Client,
  accounts: readonly { readonly connector: string; readonly name: string }[],
  logger: { warn(fields: object, message: string): void },
): Promise<Grants> {
  for (const { connector, name } of accounts) await grantAccount(client, connector, name);
  const again = async (): Promise<void> => {
    for (const { connector, name } of accounts) {
      try {
        await client.connection.withDeadline(Date.now() + GRANT_MS / 2, () => grantAccount(client, connector, name));
      } catch (error) {
        logger.warn({ connector, account: name, error: String(error) }, 'the lease of the account could not be granted, trying again');
      }
    }
  };
  const timer = setInterval(() => void again(), GRANT_MS).unref();
  return { again: () => void again(), stop: () => clearInterval(timer) };
}
