import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import { positionSideOf, type PositionSide } from '../../src/contract/position-side.js';
import type { HoldRecord } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord } from '../../src/contract/session-result.js';
import { NO_FILLS, addTotals, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { floorAmount, isTradable, marketRules } from '../../src/domain/market-rules.js';
import { decimal, exactly, ONE, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import { hedgedPnl, type HedgedPnl } from '../../src/domain/xemm/hedged-pnl.js';
import { closedUnseen } from './lost-exits.js';
import { legTotals, type Leg } from './position-legs.js';
import type { TwoMarketFunding } from './two-market-funding.js';
import type { XemmMarkets } from './xemm-plans.js';

/** The legs of a XEMM and what they have traded. */
export class XemmBook {
  maker: Leg | null = null;
  readonly hedges: Leg[] = [];
  /** Worth of one unit of the hedge's quote in the maker's, as last read. */
  rate: Decimal = ONE;
  markets: XemmMarkets | null = null;
  readonly funding: TwoMarketFunding;

  constructor(
    private readonly config: XemmExecutorConfig,
    fundingOf: (book: XemmBook) => TwoMarketFunding,
  ) {
    this.funding = fundingOf(this);
  }

  get hedge(): Leg | undefined {
    return this.hedges.at(-1);
  }

  makerTotals(): FillTotals {
    const told = legTotals(this.maker);
    // A hedge that went on in another process may know of a fill that the leg which filled it has not told yet.
    const protectedTotals = this.hedge?.state.kind === 'ended' ? this.hedge.state.result.protectedTotals : null;
    return protectedTotals !== null && protectedTotals.fillCount > told.fillCount ? totalsFromRecord(protectedTotals) : told;
  }

  hedgeTotals(): FillTotals {
    const unseen = closedUnseen(this.hedges);
    if (unseen === null) return this.hedges.reduce<FillTotals>((sum, leg) => addTotals(sum, legTotals(leg)), NO_FILLS);
    const seen = this.hedges.slice(unseen.legs).reduce<FillTotals>((sum, leg) => addTotals(sum, legTotals(leg)), NO_FILLS);
    return addTotals(totalsFromRecord(unseen.record.totals), seen);
  }

  pnl(): HedgedPnl {
    return hedgedPnl(this.config.side, this.makerTotals(), this.hedgeTotals(), this.rate, this.funding.totalQuote(this.rate));
  }

  /** Owed to the hedge, and enough for the exchange to take. `priceQuote` null: judged by its amount alone. */
  owesTradable(): boolean {
    if (this.markets === null) return false;
    const rules = marketRules(this.markets.hedge);
    const owed = floorAmount(rules, this.pnl().unhedgedBase);
    const { filledBase, filledQuote } = this.makerTotals();
    if (filledBase.isZero()) return false;
    return isTradable(rules, owed, filledQuote.dividedBy(filledBase).dividedBy(this.rate));
  }

  orders(): readonly OrderRecord[] {
    const unseen = closedUnseen(this.hedges);
    const hedges = unseen === null ? this.hedges : this.hedges.slice(unseen.legs);
    return [...legOrders(this.maker), ...(unseen === null ? [] : [unseen.record]), ...hedges.flatMap(legOrders)];
  }

  retries(): number {
    return [this.maker, ...this.hedges].reduce((sum, leg) => sum + (leg?.state.kind === 'ended' ? leg.state.result.retries : 0), 0);
  }

  unvaluedFees(): Readonly<Record<string, string>> {
    const sums: Record<string, Decimal> = {};
    for (const leg of [this.maker, ...this.hedges]) {
      if (leg?.state.kind !== 'ended') continue;
      for (const [asset, amount] of Object.entries(leg.state.result.unvaluedFees)) sums[asset] = exactly.sum(sums[asset] ?? ZERO, decimal(amount));
    }
    return Object.fromEntries(Object.entries(sums).map(([asset, amount]) => [asset, toDecimalString(amount)]));
  }

  /** Of the account's positions the one that the maker leg opens; null on spot and in one-way mode. */
  makerSide(): PositionSide | null {
    return this.markets === null ? null : positionSideOf(this.markets.maker, this.config.side, 'OPEN');
  }

  /** The unhedged part, where the maker leg traded, at its average price. Its fees stay in the report. */
  hold(): HoldRecord {
    const { connector, account, pair, side } = this.config;
    const { unhedgedBase, unhedgedQuote } = this.pnl();
    const maker = this.makerTotals();
    const totals: FillTotalsRecord = { ...totalsRecord(NO_FILLS), filledBase: toDecimalString(unhedgedBase), filledQuote: toDecimalString(unhedgedQuote), fillCount: maker.fillCount, firstFillAtMs: maker.firstFillAtMs, lastFillAtMs: maker.lastFillAtMs };
    const order: OrderRecord = { clientOrderId: `${this.config.id}/unhedged`, exchangeOrderId: null, purpose: 'work', side, type: 'LIMIT', amountBase: totals.filledBase, priceQuote: null, state: 'unhedged part of the maker leg', totals };
    return { connector, account, pair, positionSide: this.makerSide(), orders: [order], fundingQuote: '0' };
  }
}

function legOrders(leg: Leg | null): readonly OrderRecord[] {
  return leg?.state.kind === 'ended' ? leg.state.result.orders : [];
}
