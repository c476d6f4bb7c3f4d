import { twapTermsRecord, type TwapExecutorConfig } from '../../src/contract/executor-config.js';
import type { FundedPosition, LiquidatedPart } from '../../src/contract/perpetual.js';
import { positionSideOf, type PositionSide } from '../../src/contract/position-side.js';
import type { HoldRecord } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord, SessionResult } from '../../src/contract/session-result.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import type { Side } from '../../src/domain/enumerations.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { closingRules, marketRules, type MarketRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { PositionPnl } from '../../src/domain/position-accounting.js';
import { twapPnl, twapTotals } from '../../src/domain/twap/twap-accounts.js';
import { applyTwapEvent, type TwapEvent } from '../../src/domain/twap/twap-events.js';
import { newTwapState, twapStateFromRecord, twapStateRecord, type TwapState } from '../../src/domain/twap/twap-state.js';
import { twapTerms, type TwapTerms } from '../../src/domain/twap/twap-terms.js';
import { foldOrders } from './fold-orders.js';
import type { FundingBook } from './funding-book.js';
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

/** The rules of the pair as they were when the slices were planned. */
interface PlannedMarket {
  readonly record: MarketRulesRecord;
  readonly rules: MarketRules;
  /** For what only closes. */
  readonly closing: MarketRules;
}

/** The state of a TWAP and its money: every slice and exit counted once. Bounded: orders that are older are summed. */
export class TwapBook {
  readonly terms: TwapTerms;
  state: TwapState;
  exits: FillTotals = NO_FILLS;
  retries: number;
  private market: PlannedMarket | null = null;
  private orders: readonly OrderRecord[];
  private legs: readonly TwapLegRecord[];
  private readonly unvalued: Record<string, string>;

  constructor(
    private readonly config: TwapExecutorConfig,
    readonly funding: FundingBook,
    carried: TwapCarry | null,
    nowMs: number,
  ) {
    this.terms = twapTerms(twapTermsRecord(config));
    this.state = carried === null ? newTwapState(this.terms, nowMs) : twapStateFromRecord(carried.state);
    this.orders = carried?.orders ?? [];
    this.legs = carried?.legs ?? [];
    this.unvalued = { ...carried?.unvaluedFees };
    this.retries = carried?.retries ?? 0;
    if (carried !== null) this.market = plannedMarket(carried.rules);
  }

  /** The slots begin now. */
  begin(record: MarketRulesRecord, nowMs: number): void {
    this.market = plannedMarket(record);
    this.state = newTwapState(this.terms, nowMs);
  }

  get isPlanned(): boolean {
    return this.market !== null;
  }

  /** Throws before there is a plan. */
  get planned(): PlannedMarket {
    if (this.market === null) throw new Error('a TWAP has no market before its plan');
    return this.market;
  }

  get isPerpetual(): boolean {
    return this.market?.record.contract === 'perpetual';
  }

  /** Events of before the plan change nothing. */
  apply(event: TwapEvent): void {
    if (this.market !== null) this.state = applyTwapEvent(this.terms, this.market.rules, this.state, event);
  }

  totals(): FillTotals {
    return twapTotals(this.state);
  }

  /** Of what is traded and closed; the rest at that price, null = at cost. Null before there is a plan. */
  pnl(markPriceQuote: Decimal | null): PositionPnl | null {
    return this.market === null ? null : twapPnl(this.terms, this.market.closing, this.totals(), this.exits, markPriceQuote, this.funding.totalQuote);
  }

  /** Filled, not closed, and tradable. */
  openBase(): Decimal {
    return this.pnl(null)?.openBase ?? ZERO;
  }

  /** Counts an ended leg. Once for each. */
  add(leg: { readonly kind: 'slice' | 'exit'; readonly number: number; readonly side: Side }, result: SessionResult): void {
    this.retries += result.retries;
    for (const [asset, amount] of Object.entries(result.unvaluedFees)) {
      this.unvalued[asset] = toDecimalString(exactly.sum(decimal(this.unvalued[asset] ?? '0'), decimal(amount)));
    }
    if (leg.kind === 'exit') this.exits = addTotals(this.exits, totalsFromRecord(result.totals));
    this.orders = foldOrders([...this.orders, ...result.orders]);
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

  hold(): HoldRecord {
    const { connector, account, pair } = this.config;
    return { connector, account, pair, positionSide: this.positionSide(), orders: this.filledOrders(), fundingQuote: toDecimalString(this.funding.totalQuote) };
  }

  /** Slices open what exits close. */
  positionSide(): PositionSide | null {
    return this.market === null ? null : positionSideOf(this.market.record, this.config.side, 'OPEN');
  }

  /** Whose fills moved the position, for the funding of a perpetual. */
  funded(): FundedPosition {
    const { config } = this;
    const liquidated: readonly LiquidatedPart[] = [];
    const working = this.state.open.map(({ number, totals }) => ({ path: pathOf(config, legWorkflowId(config.id, 'slice', number), `slice/${number}`), side: config.side, totals: totalsRecord(totals) }));
    return { legs: [...this.legs.map(({ path, workflowId, side, totals }) => ({ path: pathOf(config, workflowId, path), side, totals })), ...working], liquidated };
  }

  unvaluedFees(): Readonly<Record<string, string>> {
    return this.unvalued;
  }

  carry(): Pick<TwapCarry, 'rules' | 'state' | 'orders' | 'legs' | 'retries' | 'unvaluedFees' | 'funding'> {
    return { rules: this.planned.record, state: twapStateRecord(this.state), funding: this.funding.record(), orders: this.orders, legs: this.legs, retries: this.retries, unvaluedFees: this.unvalued };
  }
}

function plannedMarket(record: MarketRulesRecord): PlannedMarket {
  return { record, rules: marketRules(record), closing: marketRules(closingRules(record)) };
}
