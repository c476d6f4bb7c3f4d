import type { ExecutorConfig } from '../contract/executor-config.js';
import type { TwapPreview } from '../domain/twap/preview-twap.js';
import { ExactNumber } from '../schema/exact-number.js';

/** A preview under the names of the wire: money as JSON numbers with all their digits, null = none or without bound. */
export function previewAnswer(config: ExecutorConfig, preview: TwapPreview, configWarnings: readonly string[]): Record<string, unknown> {
  const { worstCase } = preview;
  return {
    executor_type: config.type,
    connector_name: config.connector,
    trading_pair: config.pair,
    side: config.side,
    mid_price: number(preview.midQuote),
    slices: preview.slices.map(({ index, afterMs, plannedQuote, amountBase, priceQuote }) => ({
      index,
      after_seconds: afterMs / 1000,
      planned_quote: number(plannedQuote),
      amount: number(amountBase),
      price: number(priceQuote),
    })),
    ends_after_seconds: preview.endsAfterMs / 1000,
    total_base: number(preview.totalBase),
    total_quote: number(preview.totalQuote),
    fees_quote: number(preview.feesQuote),
    worst_case: {
      exposure_base: number(worstCase.exposureBase),
      exposure_quote: number(worstCase.exposureQuote),
      needed_amount: number(worstCase.neededAmount),
      needed_asset: worstCase.neededAsset,
      loss_quote: number(worstCase.lossQuote),
    },
    smallest_total_amount_quote: number(preview.smallestTotalAmountQuote),
    warnings: [...preview.warnings.map(({ code, text }) => ({ code, text })), ...configWarnings.map((text) => ({ code: 'CONFIG', text }))],
  };
}

function number(digits: string | null): ExactNumber | null {
  return digits === null ? null : new ExactNumber(digits);
}
