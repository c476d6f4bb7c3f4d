import type { ArbitrageExecutorConfig } from '../contract/executor-config.js';
import { previewArbitrage, type ArbitragePreview } from '../domain/arbitrage/preview-arbitrage.js';
import { depthPrice } from '../domain/depth-price.js';
import { checkOrder, floorAmount, marketRules, type MarketRules } from '../domain/market-rules.js';
import { Decimal, decimal } from '../domain/money.js';
import type { MarketDataPort } from '../ports/exchange.js';
import { type ConfigIssue, InvalidConfigError } from '../schema/config-error.js';
import { boundedRead } from './bounded-read.js';
import { rateBetween } from './quote-rate.js';

type MarketOf = (connector: string) => MarketDataPort;

interface ArbitrageRules {
  readonly buying: MarketRules;
  readonly selling: MarketRules;
  readonly rate: Decimal;
  readonly amountBase: Decimal;
}

/** Checks the amount against the rules of both markets. Throws as `checkAgainstMarket` does. */
export async function checkArbitrage(config: ArbitrageExecutorConfig, marketOf: MarketOf): Promise<ArbitrageRules> {
  const { selling: sells } = config;
  const buying = marketRules(await boundedRead(config.connector, marketOf(config.connector).rules(config.pair), 'buying_market.trading_pair'));
  const selling = marketRules(await boundedRead(sells.connector, marketOf(sells.connector).rules(sells.pair), 'selling_market.trading_pair'));
  const wanted = decimal(config.amountBase);
  const amountBase = Decimal.min(floorAmount(buying, wanted), floorAmount(selling, wanted));
  const issues: ConfigIssue[] = [];
  for (const [connector, rules] of [[config.connector, buying], [sells.connector, selling]] as const) {
    const broken = checkOrder(rules, { amountBase, priceQuote: null });
    if (broken !== null) issues.push({ field: 'order_amount', value: config.amountBase, rule: `${broken.rule} on ${connector}` });
  }
  if (issues.length > 0) throw new InvalidConfigError(issues);
  const rate = await rateBetween({ from: selling, into: buying, connectors: [sells.connector, config.connector], field: 'selling_market.trading_pair' }, marketOf);
  return { buying, selling, rate, amountBase };
}

/** What it would earn at the books of now. Throws as `checkArbitrage` does. */
export async function previewArbitrageAtMarket(config: ArbitrageExecutorConfig, marketOf: MarketOf): Promise<ArbitragePreview> {
  const { buying, selling, rate, amountBase } = await checkArbitrage(config, marketOf);
  const [bought, sold] = await Promise.all([
    boundedRead(config.connector, marketOf(config.connector).orderBook(config.pair), null),
    boundedRead(config.selling.connector, marketOf(config.selling.connector).orderBook(config.selling.pair), null),
  ]);
  const terms = { amountBase: decimal(config.amountBase), minProfitabilityFraction: decimal(config.minProfitabilityFraction) };
  return previewArbitrage(terms, { buying, selling }, { buy: depthPrice(bought.asks, amountBase), sell: depthPrice(sold.bids, amountBase), rate });
}
