import { join } from 'node:path';
import { launchProgram } from '../../src/stack/launch-program.js';
import type { GuardedChild } from '../../src/processes/guarded-child.js';
import { CONNECTOR, ACCOUNT, type RunningStack } from '../executors/running-stack.js';

/** One more worker process on a running stack, over `temporalPort` when it is given. */
export async function startWorker(run: RunningStack, name: string, temporalPort?: number): Promise<GuardedChild> {
  const env = { ...run.stack.workerEnvironment, ...(temporalPort === undefined ? {} : { TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}` }) };
  return (await launchProgram({ name, file: 'worker/main.ts', env, logFile: join(run.stack.logDirectory, `${name}.log`) })).child;
}

/** Process that owns the account, by what the server says; null while nobody does. */
export async function ownerPid(run: RunningStack): Promise<number | null> {
  return holderOf(run, `account/${CONNECTOR}/${ACCOUNT}`);
}

/** Process whose attempt carries the long activity of a workflow; null while there is none. */
export async function holderOf(run: RunningStack, workflowId: string): Promise<number | null> {
  const { raw } = await run.client.workflow.getHandle(workflowId).describe();
  const [activity] = raw.pendingActivities ?? [];
  // 2: started. A scheduled one belongs to nobody.
  return activity?.state === 2 ? Number.parseInt(activity.lastWorkerIdentity ?? '', 10) : null;
}

/** Exits whose session runs in that process. */
export async function heldBy(run: RunningStack, pid: number | undefined, exits: readonly string[]): Promise<number> {
  const holders = await Promise.all(exits.map((workflowId) => holderOf(run, workflowId)));
  return holders.filter((holder) => holder === pid).length;
}
