import type { ExecutorConfig, OrderExecutorConfig, PositionExecutorConfig } from '../contract/executor-config.js';
import type { ArbitragePreview } from '../domain/arbitrage/preview-arbitrage.js';
import { barriersFromRecord } from '../domain/barriers.js';
import { previewDca, type DcaPreview } from '../domain/dca/preview-dca.js';
import { previewGrid, type GridPreview } from '../domain/grid/preview-grid.js';
import { decimal } from '../domain/money.js';
import { previewOrder, type OrderPreview, type OrderTerms } from '../domain/preview-order.js';
import { previewPosition, type PositionPreview, type PositionTerms } from '../domain/preview-position.js';
import { previewTwap, type TwapPreview } from '../domain/twap/preview-twap.js';
import type { XemmPreview } from '../domain/xemm/preview-xemm.js';
import type { MarketDataPort } from '../ports/exchange.js';
import { ExecutorError } from './executor-error.js';
import { checkAgainstMarket } from './market-check.js';
import { previewArbitrageAtMarket } from './arbitrage-at-market.js';
import { previewXemmAtMarket } from './xemm-at-market.js';
import { planDcaAtMarket, planGridAtMarket, planTwapAtMarket, readMid, readRules, readTop } from './plan-at-market.js';

export type ExecutorPreview =
  | { readonly kind: 'order'; readonly preview: OrderPreview }
  | { readonly kind: 'position'; readonly preview: PositionPreview }
  | { readonly kind: 'grid'; readonly preview: GridPreview }
  | { readonly kind: 'twap'; readonly preview: TwapPreview }
  | { readonly kind: 'xemm'; readonly preview: XemmPreview }
  | { readonly kind: 'arbitrage'; readonly preview: ArbitragePreview }
  | { readonly kind: 'dca'; readonly preview: DcaPreview; readonly midQuote: string | null };

/** What a config would do at the market of now. Throws as the creation of it would, and BOOK_EMPTY while the book has no price to plan by. */
export async function previewAtMarket(config: ExecutorConfig, marketOf: (connector: string) => MarketDataPort): Promise<ExecutorPreview> {
  const market = marketOf(config.connector);
  switch (config.type) {
    case 'arbitrage_executor':
      return { kind: 'arbitrage', preview: await previewArbitrageAtMarket(config, marketOf) };
    case 'xemm_executor':
      return { kind: 'xemm', preview: await previewXemmAtMarket(config, marketOf) };
    case 'twap_executor': {
      const plan = await planTwapAtMarket(config, market);
      if (plan === null) return bookEmpty(config);
      return { kind: 'twap', preview: previewTwap(plan) };
    }
    case 'dca_executor': {
      const plan = await planDcaAtMarket(config, market);
      const mid = await readMid(config, market);
      return { kind: 'dca', preview: previewDca(plan, mid, Date.now()), midQuote: mid === null ? null : mid.toFixed() };
    }
    case 'grid_executor': {
      const plan = await planGridAtMarket(config, market);
      if (plan === null) return bookEmpty(config);
      return { kind: 'grid', preview: previewGrid(plan, Date.now()) };
    }
    case 'order_executor':
      return { kind: 'order', preview: await previewOrderAtMarket(config, market) };
    case 'position_executor':
      return { kind: 'position', preview: await previewPositionAtMarket(config, market) };
  }
}

async function previewOrderAtMarket(config: OrderExecutorConfig, market: MarketDataPort): Promise<OrderPreview> {
  await checkAgainstMarket(config, market);
  const { side, executionStrategy: strategy, amountBase, priceQuote, chaser, positionAction, leverage } = config;
  const terms: OrderTerms = {
    side, strategy, positionAction, leverage,
    amountBase: decimal(amountBase),
    priceQuote: priceQuote === null ? null : decimal(priceQuote),
    chaser: chaser === null ? null : { distanceFraction: decimal(chaser.distanceFraction), refreshThresholdFraction: decimal(chaser.refreshThresholdFraction) },
  };
  return previewOrder(terms, await readRules(config, market), await readTop(config, market)) ?? bookEmpty(config);
}

async function previewPositionAtMarket(config: PositionExecutorConfig, market: MarketDataPort): Promise<PositionPreview> {
  await checkAgainstMarket(config, market);
  const { side, amountBase, entryPriceQuote, tripleBarrier, leverage, createdAtMs } = config;
  const { exchangeStop, timeLimitSeconds } = tripleBarrier;
  const terms: PositionTerms = {
    side, leverage,
    openOrderType: tripleBarrier.openOrderType,
    amountBase: decimal(amountBase),
    entryPriceQuote: entryPriceQuote === null ? null : decimal(entryPriceQuote),
    barriers: barriersFromRecord({ ...tripleBarrier, timeLimitAtMs: timeLimitSeconds === null ? null : createdAtMs + timeLimitSeconds * 1000 }),
    exchangeStop: exchangeStop === null ? null : { distanceFraction: decimal(exchangeStop.distanceFraction), triggeredBy: exchangeStop.triggeredBy },
  };
  return previewPosition(terms, await readRules(config, market), await readTop(config, market), Date.now()) ?? bookEmpty(config);
}

function bookEmpty({ pair }: ExecutorConfig): never {
  throw new ExecutorError('BOOK_EMPTY', `One side of the book of ${pair} is empty, so there is no price to plan by.`);
}
