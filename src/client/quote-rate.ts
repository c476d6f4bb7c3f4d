import type { MarketRules } from '../domain/market-rules.js';
import { exactly, ONE, type Decimal } from '../domain/money.js';
import type { MarketDataPort } from '../ports/exchange.js';
import { InvalidConfigError } from '../schema/config-error.js';
import { readTop } from './plan-at-market.js';

export interface QuotesToConvert {
  readonly from: MarketRules;
  readonly into: MarketRules;
  /** Where a pair of the two is looked for, in this order. */
  readonly connectors: readonly string[];
  /** The wire's name of what is wrong when there is none. */
  readonly field: string;
}

/** Worth of one unit of one market's quote in the other's. Throws InvalidConfigError when no market tells it. */
export async function rateBetween({ from, into, connectors, field }: QuotesToConvert, marketOf: (connector: string) => MarketDataPort): Promise<Decimal> {
  if (from.quote === into.quote) return ONE;
  for (const connector of connectors) {
    for (const inverted of [false, true]) {
      const pair = inverted ? `${into.quote}-${from.quote}` : `${from.quote}-${into.quote}`;
      const top = await readTop({ connector, pair }, marketOf(connector)).catch(() => null);
      if (top === null || top.bid === null || top.ask === null) continue;
      const middle = exactly.sum(top.bid, top.ask).dividedBy(2);
      return inverted ? ONE.dividedBy(middle) : middle;
    }
  }
  throw new InvalidConfigError([{ field, value: JSON.stringify(from.pair), rule: `has another quote than ${into.pair}, and no market of ${connectors.join(' or ')} tells what ${from.quote} is worth in ${into.quote}` }]);
}
