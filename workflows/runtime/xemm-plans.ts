import type { XemmExecutorConfig } from '../../src/contract/executor-config.js';
import type { ConversionRecord, OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { floorAmount, marketRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal, exactly, toDecimalString, type Decimal } from '../../src/domain/money.js';
import { quoteBandText } from '../../src/domain/xemm/maker-quote.js';
import { pathOf, planBase } from './order-planning.js';

/** What was read of both markets before anything was sent. */
export interface XemmMarkets {
  readonly maker: MarketRulesRecord;
  readonly hedge: MarketRulesRecord;
  /** From the hedge's quote into the maker's; null: they are one asset. */
  readonly conversion: ConversionRecord | null;
}

const NO_BARRIERS = { stopLossFraction: null, takeProfitFraction: null, takeProfitOrderType: 'MARKET', targets: [], breakevenAfterTarget: null, trailingStop: null, timeLimitAtMs: null } as const;
const MAKER = 1;

/** Fees of both legs, as a fraction of what is traded: the maker's of one market, the taker's of the other. */
export function costFraction({ maker, hedge }: XemmMarkets): Decimal {
  return exactly.sum(decimal(maker.makerFeeFraction), decimal(hedge.takerFeeFraction));
}

/** The amount both markets trade: whole steps of the maker's market. */
export function quotedBase(config: XemmExecutorConfig, { maker }: XemmMarkets): Decimal {
  return floorAmount(marketRules(maker), decimal(config.amountBase));
}

function makerPath(config: XemmExecutorConfig): OrderPath {
  return pathOf(config, legWorkflowId(config.id, 'maker', MAKER), `maker/${MAKER}`);
}

function hedgePath(config: XemmExecutorConfig, counter: number): OrderPath {
  return pathOf(config, legWorkflowId(config.id, 'hedge', counter), `hedge/${counter}`);
}

/** The order that rests; it stands only while its hedge is there to take what it fills. */
export function makerPlan(config: XemmExecutorConfig, markets: XemmMarkets, runId: string | null): OrderPlan {
  const amountBase = toDecimalString(quotedBase(config, markets));
  return {
    ...planBase(config, markets.maker),
    path: makerPath(config),
    role: 'entry',
    side: config.side,
    amountBase,
    strategy: 'LIMIT',
    priceQuote: null,
    chaser: null,
    peg: {
      ...quoteBandText({
        minFraction: decimal(config.minProfitabilityFraction),
        targetFraction: decimal(config.targetProfitabilityFraction),
        maxFraction: decimal(config.maxProfitabilityFraction),
        costFraction: costFraction(markets),
      }),
      hedge: config.hedge,
      depthBase: amountBase,
      conversion: markets.conversion,
    },
    positionAction: 'OPEN',
    activationBounds: [],
    guardedBy: hedgePath(config, 1).workflowId,
    parentId: config.id,
    firstRunId: runId,
    arm: null,
  };
}

/** Hedge `counter`; the earlier ones are its predecessors: stopped and counted before it sends anything. */
export function hedgePlan(config: XemmExecutorConfig, markets: XemmMarkets, counter: number, runId: string | null): OrderPlan {
  const { connector, account, pair } = config;
  return {
    ...planBase(config, markets.hedge),
    ...config.hedge,
    path: hedgePath(config, counter),
    role: 'hedge',
    side: oppositeSide(config.side),
    amountBase: toDecimalString(quotedBase(config, markets)),
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'OPEN',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
    arm: {
      barriers: NO_BARRIERS,
      exchangeStop: null,
      closing: null,
      entrySide: config.side,
      protects: [makerPath(config)],
      predecessors: Array.from({ length: counter - 1 }, (_, index) => hedgePath(config, index + 1)),
      activationBounds: [],
      hedge: { of: { connector, account, pair }, rules: markets.maker },
    },
  };
}
