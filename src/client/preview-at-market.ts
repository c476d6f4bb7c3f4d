import type { ExecutorConfig } from '../contract/executor-config.js';
import { previewDca, type DcaPreview } from '../domain/dca/preview-dca.js';
import { previewGrid, type GridPreview } from '../domain/grid/preview-grid.js';
import { previewTwap, type TwapPreview } from '../domain/twap/preview-twap.js';
import type { MarketDataPort } from '../ports/exchange.js';
import { InvalidConfigError } from '../schema/config-error.js';
import { ExecutorError } from './executor-error.js';
import { planDcaAtMarket, planGridAtMarket, planTwapAtMarket, readMid } from './plan-at-market.js';

export type ExecutorPreview =
  | { readonly kind: 'grid'; readonly preview: GridPreview }
  | { readonly kind: 'twap'; readonly preview: TwapPreview }
  | { readonly kind: 'dca'; readonly preview: DcaPreview; readonly midQuote: string | null };

/** What a config would do at the market of now. Throws InvalidConfigError for a type without a preview, and BOOK_EMPTY while there is no mid to plan by. */
export async function previewAtMarket(config: ExecutorConfig, market: MarketDataPort): Promise<ExecutorPreview> {
  switch (config.type) {
    case 'twap_executor': {
      const plan = await planTwapAtMarket(config, market);
      if (plan === null) throw new ExecutorError('BOOK_EMPTY', `One side of the book of ${config.pair} is empty, so there is no mid to plan by.`);
      return { kind: 'twap', preview: previewTwap(plan) };
    }
    case 'dca_executor': {
      const plan = await planDcaAtMarket(config, market);
      const mid = await readMid(config, market);
      return { kind: 'dca', preview: previewDca(plan, mid, Date.now()), midQuote: mid === null ? null : mid.toFixed() };
    }
    case 'grid_executor': {
      const plan = await planGridAtMarket(config, market);
      if (plan === null) throw new ExecutorError('BOOK_EMPTY', `One side of the book of ${config.pair} is empty, so there is no mid to plan by.`);
      return { kind: 'grid', preview: previewGrid(plan, Date.now()) };
    }
    case 'order_executor':
    case 'position_executor':
      throw new InvalidConfigError([{ field: 'type', value: config.type, rule: 'has no preview; types that have one: grid_executor, dca_executor, twap_executor' }]);
  }
}
