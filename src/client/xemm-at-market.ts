import type { XemmExecutorConfig } from '../contract/executor-config.js';
import { depthPrice } from '../domain/depth-price.js';
import { checkOrder, floorAmount, marketRules, type MarketRules } from '../domain/market-rules.js';
import { decimal, exactly, type Decimal } from '../domain/money.js';
import { quoteBandFromText } from '../domain/xemm/maker-quote.js';
import { previewXemm, type XemmPreview } from '../domain/xemm/preview-xemm.js';
import type { MarketDataPort } from '../ports/exchange.js';
import { type ConfigIssue, InvalidConfigError } from '../schema/config-error.js';
import { boundedRead } from './bounded-read.js';
import { readTop } from './plan-at-market.js';
import { rateBetween } from './quote-rate.js';

type MarketOf = (connector: string) => MarketDataPort;

interface XemmRules {
  readonly maker: MarketRules;
  readonly hedge: MarketRules;
}

/** Checks the amount against the rules of both markets. Throws as `checkAgainstMarket` does. */
export async function checkXemm(config: XemmExecutorConfig, marketOf: MarketOf): Promise<XemmRules> {
  const maker = marketRules(await boundedRead(config.connector, marketOf(config.connector).rules(config.pair), fieldOf(config, 'maker')));
  const hedge = marketRules(await boundedRead(config.hedge.connector, marketOf(config.hedge.connector).rules(config.hedge.pair), fieldOf(config, 'hedge')));
  const issues: ConfigIssue[] = [];
  for (const [name, rules] of [['maker', maker], ['hedge', hedge]] as const) {
    const amountBase = floorAmount(rules, floorAmount(maker, decimal(config.amountBase)));
    const broken = checkOrder(rules, { amountBase, priceQuote: null });
    if (broken !== null) issues.push({ field: 'order_amount', value: config.amountBase, rule: `${broken.rule} on ${name === 'maker' ? config.connector : config.hedge.connector}` });
  }
  if (issues.length > 0) throw new InvalidConfigError(issues);
  await readRate(config, { maker, hedge }, marketOf);
  return { maker, hedge };
}

/** What it would quote and hedge at the books of now. Throws as `checkXemm` does. */
export async function previewXemmAtMarket(config: XemmExecutorConfig, marketOf: MarketOf): Promise<XemmPreview> {
  const rules = await checkXemm(config, marketOf);
  const rate = await readRate(config, rules, marketOf);
  const amountBase = decimal(config.amountBase);
  const book = await boundedRead(config.hedge.connector, marketOf(config.hedge.connector).orderBook(config.hedge.pair), null);
  const price = depthPrice(config.side === 'BUY' ? book.bids : book.asks, floorAmount(rules.maker, amountBase));
  const top = await readTop(config, marketOf(config.connector));
  const band = quoteBandFromText({
    minFraction: config.minProfitabilityFraction,
    targetFraction: config.targetProfitabilityFraction,
    maxFraction: config.maxProfitabilityFraction,
    costFraction: exactly.sum(rules.maker.makerFeeFraction, rules.hedge.takerFeeFraction).toFixed(),
  });
  return previewXemm({ side: config.side, amountBase, band }, rules, price === null ? null : exactly.product(price, rate), rate, config.side === 'BUY' ? top.ask : top.bid);
}

async function readRate(config: XemmExecutorConfig, { maker, hedge }: XemmRules, marketOf: MarketOf): Promise<Decimal> {
  return rateBetween({ from: hedge, into: maker, connectors: [config.hedge.connector, config.connector], field: fieldOf(config, 'hedge') }, marketOf);
}


/** The wire's name of a leg's pair. */
function fieldOf(config: XemmExecutorConfig, leg: 'maker' | 'hedge'): string {
  return (config.side === 'BUY') === (leg === 'maker') ? 'buying_market.trading_pair' : 'selling_market.trading_pair';
}
