import type { ArbitrageExecutorConfig } from '../../src/contract/executor-config.js';
import type { ConversionRecord, MarketReference, OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import type { SpreadPlan } from '../../src/contract/spread-watch.js';
import type { Side } from '../../src/domain/enumerations.js';
import { floorAmount, marketRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { Decimal, decimal, exactly, toDecimalString } from '../../src/domain/money.js';
import { pathOf, planBase } from './order-planning.js';

/** What was read of both markets before anything was sent. */
export interface ArbitrageMarkets {
  readonly buying: MarketRulesRecord;
  readonly selling: MarketRulesRecord;
  readonly conversion: ConversionRecord | null;
}

/** A leg by its market: `buy` and `sell` are what is wanted, `unwind` takes back on the market that is ahead. */
export type ArbitrageLegKind = 'buy' | 'sell' | 'unwind';

export function takerCosts({ buying, selling }: ArbitrageMarkets): Decimal {
  return exactly.sum(decimal(buying.takerFeeFraction), decimal(selling.takerFeeFraction));
}

/** The amount that both markets take in whole steps. */
export function tradedBase(config: ArbitrageExecutorConfig, { buying, selling }: ArbitrageMarkets): Decimal {
  const wanted = decimal(config.amountBase);
  return Decimal.min(floorAmount(marketRules(buying), wanted), floorAmount(marketRules(selling), wanted));
}

export function spreadPlan(config: ArbitrageExecutorConfig, markets: ArbitrageMarkets, amountBase: Decimal): SpreadPlan {
  const { connector, account, pair } = config;
  return {
    buying: { connector, account, pair },
    selling: config.selling,
    amountBase: toDecimalString(amountBase),
    conversion: markets.conversion,
    costFraction: toDecimalString(takerCosts(markets)),
    minProfitabilityFraction: config.minProfitabilityFraction,
  };
}

/** One order at market. Refused once it is over: whether it is sent again is decided by the executor, with both legs in view. */
export function legPlan(config: ArbitrageExecutorConfig, markets: ArbitrageMarkets, leg: { readonly kind: ArbitrageLegKind; readonly counter: number; readonly on: 'buying' | 'selling'; readonly side: Side; readonly amountBase: Decimal }, runId: string | null): OrderPlan {
  const own: MarketReference = { connector: config.connector, account: config.account, pair: config.pair };
  const path = `${leg.kind}/${leg.counter}`;
  return {
    ...planBase(config, markets[leg.on]),
    ...(leg.on === 'buying' ? own : config.selling),
    maxRetries: 0,
    path: pathOf(config, legWorkflowId(config.id, leg.kind, leg.counter), path),
    role: 'order',
    side: leg.side,
    amountBase: toDecimalString(leg.amountBase),
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    // What takes back closes what its market's leg opened.
    positionAction: leg.kind === 'unwind' && markets[leg.on].contract === 'perpetual' ? 'CLOSE' : 'OPEN',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
    arm: null,
  };
}
