import type { Side } from '../domain/enumerations.js';
import { decimal, exactly, toDecimalString, ZERO } from '../domain/money.js';
import type { ExecutorConfig } from './executor-config.js';
import type { PositionSide } from './position-side.js';
import type { ExecutorReport } from './report.js';
import type { FillTotalsRecord, OrderRecord } from './session-result.js';
import { wireConfig } from './wire-config.js';

/** Fills of one side that only the executor itself knows: the orders that traded them are over and have told it. */
export interface InventoryPart {
  readonly side: Side;
  readonly totals: FillTotalsRecord;
  readonly positionSide: PositionSide | null;
}

/** Name of the memo under which an executor keeps what would be without an owner if it were terminated. */
export const INVENTORY_MEMO = 'inventory';

/** An executor whose workflow was ended from outside, so that it wrote no report. */
export interface CutExecutor {
  readonly config: ExecutorConfig;
  readonly inventory: readonly InventoryPart[];
  /** Of a perpetual: positive received, negative paid. */
  readonly fundingQuote: string;
  readonly closedAtMs: number;
}

export function inventoryMemo(parts: readonly InventoryPart[]): string {
  return JSON.stringify(parts.filter(({ totals }) => totals.fillCount > 0));
}

/** Hands all it kept to its controller, and stands in the archive for the report that it could not write. */
export function cutReport({ config, inventory, fundingQuote, closedAtMs }: CutExecutor): ExecutorReport {
  const sum = (of: (totals: FillTotalsRecord) => string): string => toDecimalString(inventory.reduce((total, { totals }) => exactly.sum(total, decimal(of(totals))), ZERO));
  const orders = inventory.map((part) => summed(config.id, part));
  const { connector, account, pair } = config;
  return {
    executor_id: config.id,
    executor_type: config.type,
    controller_id: config.controllerId,
    account_name: account,
    connector_name: connector,
    trading_pair: pair,
    side: config.side,
    status: 'TERMINATED',
    close_type: 'POSITION_HOLD',
    outcome: 'FAILED',
    net_pnl_quote: '0',
    net_pnl_pct: '0',
    fees_paid_quote: sum(({ feesQuote }) => feesQuote),
    volume_quote: sum(({ filledQuote }) => filledQuote),
    filled_amount_quote: '0',
    duration_seconds: String((closedAtMs - config.createdAtMs) / 1000),
    created_at_ms: config.createdAtMs,
    closed_at_ms: closedAtMs,
    is_trading: false,
    needs_attention: true,
    error_count: 1,
    last_error: `its workflow was ended from outside; what it had filled was handed to ${config.controllerId}`,
    config: wireConfig(config),
    custom_info: {},
    orders,
    residue_base: '0',
    hold: { connector, account, pair, positionSide: inventory[0]?.positionSide ?? null, orders, fundingQuote },
    why: [],
  };
}

function summed(id: string, { side, totals }: InventoryPart): OrderRecord {
  return { clientOrderId: `${id}/${side}`, exchangeOrderId: null, purpose: 'work', side, type: 'MARKET', amountBase: totals.filledBase, priceQuote: null, state: 'sum of orders that are over', totals };
}
