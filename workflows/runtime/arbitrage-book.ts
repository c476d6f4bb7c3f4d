import type { ArbitrageExecutorConfig } from '../../src/contract/executor-config.js';
import { positionSideOf } from '../../src/contract/position-side.js';
import type { HoldRecord } from '../../src/contract/report.js';
import type { FillTotalsRecord, OrderRecord } from '../../src/contract/session-result.js';
import { arbitragePnl, type ArbitragePnl, type MarketFills } from '../../src/domain/arbitrage/arbitrage-pnl.js';
import { NO_FILLS, addTotals, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { floorAmount, isTradable, marketRules } from '../../src/domain/market-rules.js';
import { decimal, exactly, ONE, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { ArbitrageMarkets } from './arbitrage-plans.js';
import { legTotals, type Leg } from './position-legs.js';
import type { TwoMarketFunding } from './two-market-funding.js';

export interface ArbitrageLeg {
  readonly on: 'buying' | 'selling';
  leg: Leg;
}

/** Every leg of an arbitrage, and what they have traded together. */
export class ArbitrageBook {
  readonly legs: ArbitrageLeg[] = [];
  rate: Decimal = ONE;
  markets: ArbitrageMarkets | null = null;
  readonly funding: TwoMarketFunding;

  constructor(
    private readonly config: ArbitrageExecutorConfig,
    fundingOf: (book: ArbitrageBook) => TwoMarketFunding,
  ) {
    this.funding = fundingOf(this);
  }

  legsOn(on: ArbitrageLeg['on']): readonly Leg[] {
    return this.legs.filter((entry) => entry.on === on).map(({ leg }) => leg);
  }

  fillsOn(on: 'buying' | 'selling'): MarketFills {
    const sum = (side: 'BUY' | 'SELL'): FillTotals => this.legs.filter(({ on: market, leg }) => market === on && leg.plan.side === side).reduce<FillTotals>((total, { leg }) => addTotals(total, legTotals(leg)), NO_FILLS);
    return { bought: sum('BUY'), sold: sum('SELL') };
  }

  pnl(): ArbitragePnl {
    return arbitragePnl(this.fillsOn('buying'), this.fillsOn('selling'), this.rate, this.funding.totalQuote(this.rate));
  }

  /** What one market is ahead of the other by, in whole steps of the market on which it would be traded; zero when it is dust there. */
  tradableExcess(on: 'buying' | 'selling'): Decimal {
    if (this.markets === null) return ZERO;
    const { excessBase, excessQuote, aheadOn } = this.pnl();
    const rules = marketRules(this.markets[on]);
    const amount = floorAmount(rules, excessBase.abs());
    if (amount.isZero()) return ZERO;
    const average = excessQuote.dividedBy(excessBase.abs());
    const isOwnQuote = (aheadOn === 'BUY') === (on === 'buying');
    // The average is told in the quote of the market that is ahead.
    const price = isOwnQuote ? average : aheadOn === 'BUY' ? average.dividedBy(this.rate) : average.times(this.rate);
    return isTradable(rules, amount, price) ? amount : ZERO;
  }

  orders(): readonly OrderRecord[] {
    return this.legs.flatMap(({ leg }) => (leg.state.kind === 'ended' ? leg.state.result.orders : []));
  }

  unvaluedFees(): Readonly<Record<string, string>> {
    const sums: Record<string, Decimal> = {};
    for (const { leg } of this.legs) {
      if (leg.state.kind !== 'ended') continue;
      for (const [asset, amount] of Object.entries(leg.state.result.unvaluedFees)) sums[asset] = exactly.sum(sums[asset] ?? ZERO, decimal(amount));
    }
    return Object.fromEntries(Object.entries(sums).map(([asset, amount]) => [asset, toDecimalString(amount)]));
  }

  /** The part that one leg is ahead, on its market, at its average price. Its fees stay in the report. */
  hold(): HoldRecord {
    const { excessBase, excessQuote, aheadOn } = this.pnl();
    const { connector, account, pair } = aheadOn === 'SELL' ? this.config.selling : this.config;
    const side = aheadOn ?? 'BUY';
    const fills = side === 'BUY' ? this.fillsOn('buying').bought : this.fillsOn('selling').sold;
    const totals: FillTotalsRecord = { ...totalsRecord(NO_FILLS), filledBase: toDecimalString(excessBase.abs()), filledQuote: toDecimalString(excessQuote), fillCount: fills.fillCount, firstFillAtMs: fills.firstFillAtMs, lastFillAtMs: fills.lastFillAtMs };
    const order: OrderRecord = { clientOrderId: `${this.config.id}/ahead`, exchangeOrderId: null, purpose: 'work', side, type: 'MARKET', amountBase: totals.filledBase, priceQuote: null, state: 'part of one leg that the other did not follow', totals };
    const rules = this.markets?.[side === 'BUY' ? 'buying' : 'selling'] ?? null;
    return { connector, account, pair, positionSide: rules === null ? null : positionSideOf(rules, side, 'OPEN'), orders: [order], fundingQuote: '0' };
  }
}
