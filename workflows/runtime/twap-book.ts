import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { LiquidatedPart } from '../../src/contract/perpetual.js';
import type { HoldRecord } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord, SessionResult } from '../../src/contract/session-result.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import type { Side } from '../../src/domain/enumerations.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { LIMITS } from '../../src/domain/limits.js';
import { decimal, exactly, toDecimalString } from '../../src/domain/money.js';
import type { OpenSlice } from '../../src/domain/twap/twap-state.js';
import type { FundedPosition } from './funding-book.js';
import { pathOf } from './order-planning.js';
import type { TwapCarry } from './twap-carry.js';

/** What one ended leg moved. */
export interface TwapLegRecord {
  /** `slice/0`, `exit/1`. */
  readonly path: string;
  readonly workflowId: string;
  readonly side: Side;
  readonly totals: FillTotalsRecord;
}

/** Orders of the slices and exits that ended, and what they cost beyond their fills. Bounded: what is older is summed. */
export class TwapBook {
  private orders: readonly OrderRecord[];
  private legs: readonly TwapLegRecord[];
  private readonly unvalued: Record<string, string>;
  retries: number;
  exits: FillTotals = NO_FILLS;

  constructor(private readonly config: TwapExecutorConfig, carried: TwapCarry | null) {
    this.orders = carried?.orders ?? [];
    this.legs = carried?.legs ?? [];
    this.unvalued = { ...carried?.unvaluedFees };
    this.retries = carried?.retries ?? 0;
  }

  /** Counts an ended leg. Once for each. */
  add(leg: { readonly kind: 'slice' | 'exit'; readonly number: number; readonly side: Side }, result: SessionResult): void {
    this.retries += result.retries;
    for (const [asset, amount] of Object.entries(result.unvaluedFees)) {
      this.unvalued[asset] = toDecimalString(exactly.sum(decimal(this.unvalued[asset] ?? '0'), decimal(amount)));
    }
    if (leg.kind === 'exit') this.exits = addTotals(this.exits, totalsFromRecord(result.totals));
    this.orders = folded([...this.orders, ...result.orders]);
    if (result.totals.fillCount === 0) return;
    const path = `${leg.kind}/${leg.number}`;
    this.legs = [...this.legs, { path, workflowId: legWorkflowId(this.config.id, leg.kind, leg.number), side: leg.side, totals: result.totals }];
  }

  allOrders(): readonly OrderRecord[] {
    return this.orders;
  }

  filledOrders(): readonly OrderRecord[] {
    return this.orders.filter((order) => order.totals.fillCount > 0);
  }

  hold(fundingQuote: string): HoldRecord {
    const { connector, account, pair } = this.config;
    return { connector, account, pair, orders: this.filledOrders(), fundingQuote };
  }

  /** Whose fills moved the position, for the funding of a perpetual. */
  funded(open: readonly OpenSlice[]): FundedPosition {
    const { config } = this;
    const liquidated: readonly LiquidatedPart[] = [];
    const working = open.map(({ number, totals }) => ({ path: pathOf(config, legWorkflowId(config.id, 'slice', number), `slice/${number}`), side: config.side, totals: totalsRecord(totals) }));
    return { legs: [...this.legs.map(({ path, workflowId, side, totals }) => ({ path: pathOf(config, workflowId, path), side, totals })), ...working], liquidated };
  }

  unvaluedFees(): Readonly<Record<string, string>> {
    return this.unvalued;
  }

  carry(): Pick<TwapCarry, 'orders' | 'legs' | 'retries' | 'unvaluedFees'> {
    return { orders: this.orders, legs: this.legs, retries: this.retries, unvaluedFees: this.unvalued };
  }
}

/** At most so many as a report carries: orders without a fill go first, then the oldest fills become one sum. */
function folded(orders: readonly OrderRecord[]): readonly OrderRecord[] {
  const excess = orders.length - LIMITS.maxOrdersInReport;
  if (excess <= 0) return orders;
  const idle = new Set(orders.filter((order) => order.totals.fillCount === 0).slice(0, excess));
  const kept = orders.filter((order) => !idle.has(order));
  const toFold = kept.length - LIMITS.maxOrdersInReport;
  if (toFold <= 0) return kept;
  const oldest = kept.slice(0, toFold + 1);
  return [sumOf(oldest), ...kept.slice(toFold + 1)];
}

function sumOf(orders: readonly OrderRecord[]): OrderRecord {
  const totals = totalsRecord(orders.reduce((sum, order) => addTotals(sum, totalsFromRecord(order.totals)), NO_FILLS));
  const last = orders.at(-1);
  if (last === undefined) throw new RangeError('orders: nothing to sum');
  return { ...last, exchangeOrderId: null, amountBase: totals.filledBase, priceQuote: null, state: 'sum of earlier orders', totals };
}
