import { oppositeSide, type Side } from '../domain/enumerations.js';
import { ZERO, decimal, toDecimalString } from '../domain/money.js';
import type { OrderPlan } from './order-plan.js';
import { positionSideOf, type PositionSide } from './position-side.js';
import type { ExecutorReport } from './report.js';
import type { FillTotalsRecord, OrderRecord, SessionResult } from './session-result.js';

/** Fills of a vanished executor that one leg can vouch for, under the id by which a controller counts them once. */
interface Inventory {
  readonly id: string;
  readonly side: Side;
  readonly orders: readonly OrderRecord[];
  readonly market: Pick<OrderPlan, 'connector' | 'account' | 'pair'>;
  readonly positionSide: PositionSide | null;
}

/**
 * What a session without an executor leaves behind, as reports for its controller: its own fills, and for an exit also
 * those it protected and those of the exits before it, because whoever knew them is gone. An entry that outlived the
 * executor reports its fills under the same id, so they count once whoever comes first.
 */
export function orphanReports(plan: OrderPlan, result: SessionResult): readonly ExecutorReport[] {
  const { workflowId } = plan.path;
  const entrySide = oppositeSide(plan.side);
  // What the levels of a grid filled and closed, they tell themselves.
  const ofLevels = plan.arm?.grid !== undefined;
  const only = plan.arm?.protects[0]?.workflowId ?? `${workflowId}/protected`;
  const entries = result.protectedParts ?? [{ workflowId: only, totals: result.protectedTotals }];
  const own = { market: plan, positionSide: sideOfPlan(plan) };
  // What a hedge follows trades elsewhere.
  const hedge = plan.arm?.hedge;
  const followed = hedge === undefined ? own : { market: hedge.of, positionSide: positionSideOf(hedge.rules, entrySide, 'OPEN') };
  const parts: readonly Inventory[] = [
    ...entries.map((entry) => ({ id: entry.workflowId, side: entrySide, orders: summed(entry.workflowId, entrySide, entry.totals), ...followed })),
    { id: `${workflowId}/predecessors`, side: plan.side, orders: summed(workflowId, plan.side, result.predecessorTotals), ...own },
    { id: workflowId, side: plan.side, orders: result.orders.filter((order) => order.totals.fillCount > 0), ...own },
  ];
  return parts.filter((part) => part.orders.length > 0 && (!ofLevels || part.id === workflowId)).map((part) => orphanReport(plan, result, part));
}

/** Fills known as a sum only, in the form of one order. */
function summed(id: string, side: Side, totals: FillTotalsRecord | null): readonly OrderRecord[] {
  if (totals === null || totals.fillCount === 0) return [];
  const { filledBase } = totals;
  return [{ clientOrderId: id, exchangeOrderId: null, purpose: 'work', side, type: 'MARKET', amountBase: filledBase, priceQuote: null, state: 'filled', totals }];
}

function orphanReport(plan: OrderPlan, result: SessionResult, { id, side, orders, market, positionSide }: Inventory): ExecutorReport {
  const sum = (of: (order: OrderRecord) => string): string => toDecimalString(orders.reduce((total, order) => total.plus(decimal(of(order))), ZERO));
  return {
    executor_id: id,
    executor_type: 'order_executor',
    controller_id: plan.controllerId,
    account_name: market.account,
    connector_name: market.connector,
    trading_pair: market.pair,
    side,
    status: 'TERMINATED',
    close_type: 'POSITION_HOLD',
    outcome: 'STOPPED',
    net_pnl_quote: '0',
    net_pnl_pct: '0',
    fees_paid_quote: sum((order) => order.totals.feesQuote),
    volume_quote: sum((order) => order.totals.filledQuote),
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
    orders,
    residue_base: id === plan.path.workflowId ? result.residueBase : '0',
    hold: { connector: market.connector, account: market.account, pair: market.pair, positionSide, orders, fundingQuote: '0' },
    why: [],
  };
}

/** An exit closes what its entry opened. */
function sideOfPlan({ rules, side, role, positionAction }: OrderPlan): PositionSide | null {
  return positionSideOf(rules, side, role === 'exit' || positionAction === 'CLOSE' ? 'CLOSE' : 'OPEN');
}
