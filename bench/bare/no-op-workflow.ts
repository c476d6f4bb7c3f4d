import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '10 seconds' });

/** The least that a workflow with one activity costs. */
export async function noOp(): Promise<void> {
  await nothing();
}
