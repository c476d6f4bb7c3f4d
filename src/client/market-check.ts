import type { ArbitrageExecutorConfig, DcaExecutorConfig, ExecutorConfig, GridExecutorConfig, TwapExecutorConfig, XemmExecutorConfig } from '../contract/executor-config.js';
import { orderTypeOf, type OrderType, type Side } from '../domain/enumerations.js';
import { checkOrder, floorAmount, isTradable, makerPrice, type MarketRules, marketRules } from '../domain/market-rules.js';
import { type Decimal, decimal, toDecimalString } from '../domain/money.js';
import type { MarketDataPort, TopOfBook } from '../ports/exchange.js';
import { type ConfigIssue, InvalidConfigError } from '../schema/config-error.js';
import { boundedRead } from './bounded-read.js';
import { planDcaAtMarket, planGridAtMarket, planTwapAtMarket } from './plan-at-market.js';

interface PlannedOrder {
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: string;
  readonly priceQuote: string | null;
  /** The wire's name of the price. */
  readonly priceField: 'price' | 'entry_price';
}

/** What trades on one market alone. */
export type OneMarketConfig = Exclude<ExecutorConfig, XemmExecutorConfig | ArbitrageExecutorConfig>;

/**
 * Checks a config against the rules of its pair, so that what the exchange would refuse is refused before anything
 * starts. Throws InvalidConfigError, or ExecutorError when the exchange cannot be asked.
 */
export async function checkAgainstMarket(config: OneMarketConfig, market: MarketDataPort): Promise<void> {
  if (config.type === 'twap_executor') return void (await planTwapAtMarket(config, market));
  if (config.type === 'grid_executor') return void (await planGridAtMarket(config, market));
  if (config.type === 'dca_executor') return void (await planDcaAtMarket(config, market));
  const order = plannedOrder(config);
  const rules = marketRules(await boundedRead(config.connector, market.rules(config.pair), 'trading_pair'));
  const amountBase = floorAmount(rules, decimal(order.amountBase));
  const issues: ConfigIssue[] = [];
  const amountBreach = checkOrder(rules, { amountBase, priceQuote: null });
  if (amountBreach !== null) issues.push({ field: 'amount', value: order.amountBase, rule: `${amountBreach.rule}${rounding(rules, amountBase, order)}` });
  const priceQuote = order.priceQuote === null ? null : makerPrice(rules, order.side, decimal(order.priceQuote));
  if (priceQuote !== null && order.priceQuote !== null && !priceQuote.greaterThan(0)) {
    issues.push({ field: order.priceField, value: order.priceQuote, rule: `must be at least one price step of ${toDecimalString(rules.priceTickQuote)} ${rules.quote}` });
  }
  if (issues.length > 0) throw new InvalidConfigError(issues);
  const reference = priceQuote ?? bestPrice(order.side, order.type, await boundedRead(config.connector, market.topOfBook(config.pair), null));
  if (reference === null || isTradable(rules, amountBase, reference)) return;
  throw new InvalidConfigError([
    {
      field: 'amount',
      value: order.amountBase,
      rule: `must be worth at least ${toDecimalString(rules.minNotionalQuote)} ${rules.quote}; at ${toDecimalString(reference)} it is worth ${toDecimalString(amountBase.times(reference))}`,
    },
  ]);
}

function plannedOrder(config: Exclude<OneMarketConfig, TwapExecutorConfig | DcaExecutorConfig | GridExecutorConfig>): PlannedOrder {
  switch (config.type) {
    case 'order_executor':
      return { side: config.side, type: orderTypeOf(config.executionStrategy), amountBase: config.amountBase, priceQuote: config.priceQuote, priceField: 'price' };
    case 'position_executor': {
      const { openOrderType } = config.tripleBarrier;
      return { side: config.side, type: openOrderType, amountBase: config.amountBase, priceQuote: config.entryPriceQuote, priceField: 'entry_price' };
    }
  }
}

/** The step is told only when it is what made the amount too small. */
function rounding(rules: MarketRules, amountBase: Decimal, order: PlannedOrder): string {
  return amountBase.equals(order.amountBase) ? '' : ` (in steps of ${toDecimalString(rules.amountStepBase)} it becomes ${toDecimalString(amountBase)})`;
}

/** What values an order without a price: a limit entry rests at its own side, a market order takes the other. */
function bestPrice(side: Side, type: OrderType, top: TopOfBook): Decimal | null {
  const takes = type === 'MARKET';
  const best = (side === 'BUY') === takes ? top.askQuote : top.bidQuote;
  return best === null ? null : decimal(best);
}
