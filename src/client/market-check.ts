import { twapTermsRecord, type ExecutorConfig, type TwapExecutorConfig } from '../contract/executor-config.js';
import { orderTypeOf, type OrderType, type Side } from '../domain/enumerations.js';
import { checkOrder, floorAmount, isTradable, makerPrice, type MarketRules, marketRules } from '../domain/market-rules.js';
import { type Decimal, decimal, toDecimalString } from '../domain/money.js';
import { midPrice } from '../domain/twap/slice-size.js';
import { planTwap, type TwapPlan } from '../domain/twap/plan-twap.js';
import { twapTerms } from '../domain/twap/twap-terms.js';
import { ExchangeReadError, type MarketDataPort, type TopOfBook } from '../ports/exchange.js';
import { type ConfigIssue, InvalidConfigError } from '../schema/config-error.js';
import { ExecutorError } from './executor-error.js';

/** How long a creation waits for the exchange before it says that it cannot be reached. */
const RULES_WAIT_MS = 4_000;

interface PlannedOrder {
  readonly side: Side;
  readonly type: OrderType;
  readonly amountBase: string;
  readonly priceQuote: string | null;
  /** The wire's name of the price. */
  readonly priceField: 'price' | 'entry_price';
}

/**
 * Checks a config against the rules of its pair, so that what the exchange would refuse is refused before anything
 * starts. Throws InvalidConfigError, or ExecutorError when the exchange cannot be asked.
 */
export async function checkAgainstMarket(config: ExecutorConfig, market: MarketDataPort): Promise<void> {
  if (config.type === 'twap_executor') return void (await planAtMarket(config, market));
  const order = plannedOrder(config);
  const rules = marketRules(await bounded(config.connector, market.rules(config.pair), 'trading_pair'));
  const amountBase = floorAmount(rules, decimal(order.amountBase));
  const issues: ConfigIssue[] = [];
  const amountBreach = checkOrder(rules, { amountBase, priceQuote: null });
  if (amountBreach !== null) issues.push({ field: 'amount', value: order.amountBase, rule: `${amountBreach.rule}${rounding(rules, amountBase, order)}` });
  const priceQuote = order.priceQuote === null ? null : makerPrice(rules, order.side, decimal(order.priceQuote));
  if (priceQuote !== null && order.priceQuote !== null && !priceQuote.greaterThan(0)) {
    issues.push({ field: order.priceField, value: order.priceQuote, rule: `must be at least one price step of ${toDecimalString(rules.priceTickQuote)} ${rules.quote}` });
  }
  if (issues.length > 0) throw new InvalidConfigError(issues);
  const reference = priceQuote ?? bestPrice(order.side, order.type, await bounded(config.connector, market.topOfBook(config.pair), null));
  if (reference === null || isTradable(rules, amountBase, reference)) return;
  throw new InvalidConfigError([
    {
      field: 'amount',
      value: order.amountBase,
      rule: `must be worth at least ${toDecimalString(rules.minNotionalQuote)} ${rules.quote}; at ${toDecimalString(reference)} it is worth ${toDecimalString(amountBase.times(reference))}`,
    },
  ]);
}

/**
 * The plan of a TWAP at the mid of now. Null without a mid: the executor would wait for one. Throws as `checkAgainstMarket`
 * does; the rule names the smallest budget that works.
 */
export async function planAtMarket(config: TwapExecutorConfig, market: MarketDataPort): Promise<TwapPlan | null> {
  const rules = marketRules(await bounded(config.connector, market.rules(config.pair), 'trading_pair'));
  const { bidQuote, askQuote } = await bounded(config.connector, market.topOfBook(config.pair), null);
  if (bidQuote === null || askQuote === null) return null;
  const planning = planTwap(twapTerms(twapTermsRecord(config)), rules, midPrice(decimal(bidQuote), decimal(askQuote)));
  if (planning.kind === 'planned') return planning.plan;
  const { field, value, rule } = planning.refusal;
  throw new InvalidConfigError([{ field, value, rule }]);
}

function plannedOrder(config: Exclude<ExecutorConfig, TwapExecutorConfig>): PlannedOrder {
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

async function bounded<T>(connector: string, read: Promise<T>, field: 'trading_pair' | null): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(unreachable(connector, `it did not answer within ${RULES_WAIT_MS} ms`)), RULES_WAIT_MS);
  });
  try {
    return await Promise.race([read, timeout]);
  } catch (error) {
    if (!(error instanceof ExchangeReadError)) throw error;
    const { failure } = error;
    if (failure.code === 'UNKNOWN_PAIR' && field !== null) throw new ExecutorError('UNKNOWN_PAIR', `${field}: ${failure.message}`, { cause: error });
    throw unreachable(connector, failure.message, error);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(connector: string, reason: string, cause?: unknown): ExecutorError {
  return new ExecutorError('EXCHANGE_UNREACHABLE', `The rules of the pair could not be read from ${connector}: ${reason}. No executor was started.`, {
    nextStep: 'Check the network and the exchange, then create the executor again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
