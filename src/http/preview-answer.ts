import type { ExecutorPreview } from '../client/preview-at-market.js';
import type { ExecutorConfig } from '../contract/executor-config.js';
import type { ArbitragePreview } from '../domain/arbitrage/preview-arbitrage.js';
import type { DcaPreview } from '../domain/dca/preview-dca.js';
import type { GridPreview } from '../domain/grid/preview-grid.js';
import type { EntryPreview } from '../domain/preview-entry.js';
import type { OrderPreview } from '../domain/preview-order.js';
import type { PositionPreview } from '../domain/preview-position.js';
import type { TwapPreview } from '../domain/twap/preview-twap.js';
import type { XemmPreview } from '../domain/xemm/preview-xemm.js';
import { ExactNumber } from '../schema/exact-number.js';

/** A preview under the names of the wire: money as JSON numbers with all their digits, null = none or without bound. */
export function previewAnswer(config: ExecutorConfig, previewed: ExecutorPreview, configWarnings: readonly string[]): Record<string, unknown> {
  const { warnings, ...own } = answerOf(previewed);
  return {
    executor_type: config.type,
    connector_name: config.connector,
    trading_pair: config.pair,
    side: config.side,
    ...own,
    warnings: [...warnings.map(({ code, text }) => ({ code, text })), ...configWarnings.map((text) => ({ code: 'CONFIG', text }))],
  };
}

interface PreviewFields extends Record<string, unknown> {
  readonly warnings: readonly { readonly code: string; readonly text: string }[];
}

function answerOf(previewed: ExecutorPreview): PreviewFields {
  switch (previewed.kind) {
    case 'order':
      return orderAnswer(previewed.preview);
    case 'position':
      return positionAnswer(previewed.preview);
    case 'arbitrage':
      return arbitrageAnswer(previewed.preview);
    case 'xemm':
      return xemmAnswer(previewed.preview);
    case 'twap':
      return twapAnswer(previewed.preview);
    case 'grid':
      return gridAnswer(previewed.preview);
    case 'dca':
      return dcaAnswer(previewed.preview, previewed.midQuote);
  }
}

function orderAnswer({ order, worstLossQuote, warnings }: OrderPreview): PreviewFields {
  return { orders: [orderOf(order)], ...totals(order, worstLossQuote), smallest_total_amount_quote: number(order.smallestTotalAmountQuote), warnings };
}

function positionAnswer(preview: PositionPreview): PreviewFields {
  const { entry } = preview;
  return {
    orders: [orderOf(entry)],
    entry_price: number(preview.averagePriceQuote),
    stop_loss_price: number(preview.stopLossPriceQuote),
    trailing_activation_price: number(preview.trailingArmPriceQuote),
    exchange_stop_price: number(preview.exchangeStopPriceQuote),
    break_even_price: number(preview.breakevenPriceQuote),
    targets: preview.targets.map(({ type, priceQuote, amountBase }) => ({ order_type: type, price: number(priceQuote), amount: number(amountBase) })),
    ends_at: preview.endsAtMs === null ? null : preview.endsAtMs / 1000,
    ...totals(entry, preview.worstLossQuote),
    close_fees_quote: number(preview.closeFeesQuote),
    smallest_total_amount_quote: number(preview.smallestTotalAmountQuote),
    warnings: preview.warnings,
  };
}

function orderOf({ type, side, amountBase, priceQuote }: EntryPreview): Record<string, unknown> {
  return { type, side, amount: number(amountBase), price: number(priceQuote) };
}

function totals({ amountBase, exposureQuote, feesQuote, neededAmount, neededAsset, smallestAmountBase }: EntryPreview, lossQuote: string | null): Record<string, unknown> {
  return {
    total_base: number(amountBase),
    total_quote: number(exposureQuote),
    fees_quote: number(feesQuote),
    worst_case: { exposure_base: number(amountBase), exposure_quote: number(exposureQuote), needed_amount: number(neededAmount), needed_asset: neededAsset, loss_quote: number(lossQuote) },
    smallest_amount: number(smallestAmountBase),
  };
}

function twapAnswer(preview: TwapPreview): PreviewFields {
  const { worstCase } = preview;
  return {
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
    warnings: preview.warnings,
  };
}

function dcaAnswer(preview: DcaPreview, midQuote: string | null): PreviewFields {
  return {
    mid_price: number(midQuote),
    levels: preview.levels.map(({ index, priceQuote, amountQuote, amountBase, sentAtOnce }) => ({
      index,
      price: number(priceQuote),
      planned_quote: number(amountQuote),
      amount: number(amountBase),
      sent_at_once: sentAtOnce,
    })),
    break_even_price: number(preview.breakevenQuote),
    total_base: number(preview.exposureBase),
    total_quote: number(preview.exposureQuote),
    fees_quote: number(preview.entryFeesQuote),
    close_fees_quote: number(preview.closeFeesQuote),
    worst_case: {
      exposure_base: number(preview.exposureBase),
      exposure_quote: number(preview.exposureQuote),
      needed_amount: number(preview.neededAmount),
      needed_asset: preview.neededAsset,
      loss_quote: number(preview.worstLossQuote),
    },
    smallest_total_amount_quote: number(preview.smallestTotalAmountQuote),
    warnings: preview.warnings,
  };
}

function gridAnswer(preview: GridPreview): PreviewFields {
  const { worstCase } = preview;
  return {
    mid_price: number(preview.midQuote),
    levels: preview.levels.map(({ index, priceQuote, takeProfitPriceQuote, amountBase, notionalQuote, roundTripPnlQuote }) => ({
      index,
      price: number(priceQuote),
      take_profit_price: number(takeProfitPriceQuote),
      amount: number(amountBase),
      amount_quote: number(notionalQuote),
      round_trip_pnl_quote: number(roundTripPnlQuote),
    })),
    amount_per_level_quote: number(preview.amountPerLevelQuote),
    allocated_quote: number(preview.allocatedQuote),
    unallocated_quote: number(preview.unallocatedQuote),
    step: number(preview.stepFraction),
    take_profit: number(preview.takeProfitFraction),
    total_base: number(worstCase.exposureBase),
    total_quote: number(worstCase.exposureQuote),
    fees_quote: number(preview.entryFeesQuote),
    close_fees_quote: number(preview.closeFeesQuote),
    worst_case: {
      exposure_base: number(worstCase.exposureBase),
      exposure_quote: number(worstCase.exposureQuote),
      average_price: number(worstCase.averagePriceQuote),
      needed_amount: number(worstCase.neededAmount),
      needed_asset: worstCase.neededAsset,
      ended_by: worstCase.endedBy,
      end_price: number(worstCase.endPriceQuote),
      loss_quote: number(worstCase.lossQuote),
    },
    smallest_total_amount_quote: number(preview.smallestTotalAmountQuote),
    warnings: preview.warnings,
  };
}

function arbitrageAnswer(preview: ArbitragePreview): PreviewFields {
  return {
    total_base: number(preview.amountBase),
    buy_price: number(preview.buyPriceQuote),
    sell_price: number(preview.sellPriceQuote),
    tx_cost_pct: number(preview.costFraction),
    profit_pct: number(preview.profitFraction),
    profit_quote: number(preview.profitQuote),
    fees_quote: number(preview.feesQuote),
    pays_now: preview.paysNow,
    needed: preview.needed.map(({ leg, amount, asset }) => ({ leg, amount: number(amount), asset })),
    warnings: preview.warnings,
  };
}

function xemmAnswer(preview: XemmPreview): PreviewFields {
  return {
    total_base: number(preview.amountBase),
    maker_price: number(preview.makerPriceQuote),
    taker_price: number(preview.hedgePriceQuote),
    tx_cost_pct: number(preview.costFraction),
    profit_quote: number(preview.profitQuote),
    fees_quote: number(preview.feesQuote),
    needed: preview.needed.map(({ leg, amount, asset }) => ({ leg, amount: number(amount), asset })),
    warnings: preview.warnings,
  };
}

function number(digits: string | null): ExactNumber | null {
  return digits === null ? null : new ExactNumber(digits);
}
