import { upsertSearchAttributes } from '@temporalio/workflow';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import { totalsFromRecord } from '../../src/domain/fills.js';
import { toDecimalString } from '../../src/domain/money.js';
import { recordClose } from './closing.js';

/**
 * The end of a leg whose executor is gone (terminated or deleted): what it traded goes to the controller, so that no
 * fill is without an owner, and the leg asks for attention.
 */
export async function adoptInventory(plan: OrderPlan, result: SessionResult): Promise<void> {
  upsertSearchAttributes({ NeedsAttention: [true] });
  if (result.totals.fillCount === 0) return;
  await recordClose({ report: orphanReport(plan, result), holdControllerId: plan.controllerId, archive: false });
}

function orphanReport(plan: OrderPlan, result: SessionResult): ExecutorReport {
  const totals = totalsFromRecord(result.totals);
  return {
    executor_id: plan.path.workflowId,
    executor_type: 'order_executor',
    controller_id: plan.controllerId,
    account_name: plan.account,
    connector_name: plan.connector,
    trading_pair: plan.pair,
    side: plan.side,
    status: 'TERMINATED',
    close_type: 'POSITION_HOLD',
    outcome: 'STOPPED',
    net_pnl_quote: '0',
    net_pnl_pct: '0',
    fees_paid_quote: toDecimalString(totals.feesQuote),
    volume_quote: toDecimalString(totals.filledQuote),
    filled_amount_quote: '0',
    duration_seconds: String((result.endedAtMs - plan.path.rootCreatedAtMs) / 1000),
    created_at_ms: plan.path.rootCreatedAtMs,
    closed_at_ms: result.endedAtMs,
    is_trading: false,
    needs_attention: true,
    error_count: 1,
    last_error: `executor ${plan.path.rootId} is gone; its fills were handed to ${plan.controllerId}`,
    config: {},
    custom_info: { root_id: plan.path.rootId, path: plan.path.path },
    orders: result.orders,
    residue_base: result.residueBase,
    hold: { connector: plan.connector, account: plan.account, pair: plan.pair, orders: result.orders.filter((order) => order.totals.fillCount > 0) },
    why: [],
  };
}
