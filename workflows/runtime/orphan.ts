import { upsertSearchAttributes } from '@temporalio/workflow';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import { orphanReports } from '../../src/contract/orphan-report.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { recordClose } from './closing.js';

/**
 * The end of a leg whose executor is gone (terminated or deleted): what it knows to be traded goes to the controller, so
 * that no fill is without an owner, and the leg asks for attention.
 */
export async function adoptInventory(plan: OrderPlan, result: SessionResult): Promise<void> {
  upsertSearchAttributes({ NeedsAttention: [true] });
  for (const report of orphanReports(plan, result)) {
    await recordClose({ report, holdControllerId: plan.controllerId, orphanOf: plan.path.rootId });
  }
}
