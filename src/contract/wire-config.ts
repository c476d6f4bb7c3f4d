import type { ArbitrageExecutorConfig, DcaExecutorConfig, ExecutorConfig, GridExecutorConfig, OrderExecutorConfig, PositionExecutorConfig, TwapExecutorConfig, XemmExecutorConfig } from './executor-config.js';

/** The normalised config under the names of the wire, as every answer shows it. */
export function wireConfig(config: ExecutorConfig): Readonly<Record<string, unknown>> {
  const base = {
    id: config.id,
    type: config.type,
    timestamp: config.createdAtMs / 1000,
    controller_id: config.controllerId,
    account_name: config.account,
    connector_name: config.connector,
    trading_pair: config.pair,
    side: config.side,
    leverage: config.leverage,
    level_id: config.levelId,
  };
  switch (config.type) {
    case 'order_executor':
      return { ...base, amount: config.amountBase, ...orderFields(config) };
    case 'position_executor':
      return { ...base, amount: config.amountBase, ...positionFields(config) };
    case 'twap_executor':
      return { ...base, ...twapFields(config) };
    case 'dca_executor':
      return { ...base, ...dcaFields(config) };
    case 'grid_executor':
      return { ...base, ...gridFields(config) };
    case 'arbitrage_executor':
      return { ...base, ...arbitrageFields(config) };
    case 'xemm_executor':
      return { ...base, ...xemmFields(config) };
    default:
      return unreachable(config);
  }
}

function orderFields(config: OrderExecutorConfig): Readonly<Record<string, unknown>> {
  return { execution_strategy: config.executionStrategy, price: config.priceQuote, position_action: config.positionAction, chaser_config: config.chaser === null ? null : { distance: config.chaser.distanceFraction, refresh_threshold: config.chaser.refreshThresholdFraction } };
}

function positionFields(config: PositionExecutorConfig): Readonly<Record<string, unknown>> {
  const barriers = config.tripleBarrier;
  return {
    entry_price: config.entryPriceQuote,
    closing: closingFields(config.closing),
    activation_bounds: config.activationBounds.length === 0 ? null : config.activationBounds,
    triple_barrier_config: {
      stop_loss: barriers.stopLossFraction,
      take_profit: barriers.takeProfitFraction,
      time_limit: barriers.timeLimitSeconds,
      trailing_stop: trailingFields(barriers.trailingStop),
      open_order_type: barriers.openOrderType,
      take_profit_order_type: barriers.takeProfitOrderType,
      targets: barriers.targets.length === 0 ? null : barriers.targets.map((target) => ({ distance: target.distanceFraction, share: target.shareFraction, order_type: target.orderType })),
      breakeven_after_target: barriers.breakevenAfterTarget,
      exchange_stop: barriers.exchangeStop === null ? null : { distance: barriers.exchangeStop.distanceFraction, triggered_by: barriers.exchangeStop.triggeredBy },
      stop_loss_order_type: barriers.stopLossOrderType,
      time_limit_order_type: barriers.timeLimitOrderType,
    },
  };
}

function twapFields(config: TwapExecutorConfig): Readonly<Record<string, unknown>> {
  return {
    total_amount_quote: config.totalAmountQuote,
    total_duration: config.totalDurationSeconds,
    order_interval: config.orderIntervalSeconds,
    mode: config.mode,
    limit_order_buffer: config.limitOrderBufferFraction,
    order_resubmission_time: config.orderResubmissionSeconds,
    catch_up: config.catchUp,
  };
}

function dcaFields(config: DcaExecutorConfig): Readonly<Record<string, unknown>> {
  return {
    amounts_quote: config.amountsQuote,
    prices: config.pricesQuote,
    mode: config.mode,
    activation_bounds: config.activationBounds.length === 0 ? null : config.activationBounds,
    stop_loss: config.stopLossFraction,
    stop_loss_reference: config.stopLossReference,
    take_profit: config.takeProfitFraction,
    trailing_stop: trailingFields(config.trailingStop),
    time_limit: config.timeLimitSeconds,
  };
}

function gridFields(config: GridExecutorConfig): Readonly<Record<string, unknown>> {
  return {
    start_price: config.startPriceQuote,
    end_price: config.endPriceQuote,
    limit_price: config.limitPriceQuote,
    total_amount_quote: config.totalAmountQuote,
    min_spread_between_orders: config.minSpreadFraction,
    min_order_amount_quote: config.minOrderAmountQuote,
    max_open_orders: config.maxOpenOrders,
    max_orders_per_batch: config.maxOrdersPerBatch,
    order_frequency: config.orderFrequencySeconds,
    activation_bounds: config.activationBoundsFraction,
    safe_extra_spread: config.safeExtraSpreadFraction,
    coerce_tp_to_step: config.coerceTakeProfitToStep,
    deduct_base_fees: config.deductBaseFees,
    keep_position: config.keepPosition,
    triple_barrier_config: {
      stop_loss: config.stopLossFraction,
      take_profit: config.takeProfitFraction,
      time_limit: config.timeLimitSeconds,
      trailing_stop: trailingFields(config.trailingStop),
      open_order_type: config.openOrderType,
      take_profit_order_type: config.takeProfitOrderType,
      stop_loss_order_type: 'MARKET',
      time_limit_order_type: 'MARKET',
    },
  };
}

function arbitrageFields(config: ArbitrageExecutorConfig): Readonly<Record<string, unknown>> {
  return {
    buying_market: { connector_name: config.connector, trading_pair: config.pair, account_name: config.account },
    selling_market: { connector_name: config.selling.connector, trading_pair: config.selling.pair, account_name: config.selling.account },
    order_amount: config.amountBase,
    min_profitability: config.minProfitabilityFraction,
    on_failed_leg: config.onFailedLeg,
    time_limit: config.timeLimitSeconds,
  };
}

function xemmFields(config: XemmExecutorConfig): Readonly<Record<string, unknown>> {
  const maker = { connector_name: config.connector, trading_pair: config.pair, account_name: config.account };
  const taker = { connector_name: config.hedge.connector, trading_pair: config.hedge.pair, account_name: config.hedge.account };
  return {
    maker_side: config.side,
    buying_market: config.side === 'BUY' ? maker : taker,
    selling_market: config.side === 'BUY' ? taker : maker,
    order_amount: config.amountBase,
    min_profitability: config.minProfitabilityFraction,
    target_profitability: config.targetProfitabilityFraction,
    max_profitability: config.maxProfitabilityFraction,
    time_limit: config.timeLimitSeconds,
  };
}

function trailingFields(trailing: DcaExecutorConfig['trailingStop']): Readonly<Record<string, unknown>> | null {
  return trailing === null ? null : { activation_price: trailing.activationFraction, trailing_delta: trailing.deltaFraction };
}

function closingFields(closing: PositionExecutorConfig['closing']): Readonly<Record<string, unknown>> | null {
  if (closing === null) return null;
  return {
    patient_for: closing.patientFor,
    limit_seconds: closing.limitMs / 1000,
    chase_seconds: closing.chaseMs / 1000,
    attention_seconds: closing.attentionAfterMs / 1000,
    distance: closing.distanceFraction,
    refresh_threshold: closing.refreshThresholdFraction,
  };
}

function unreachable(config: never): never {
  throw new Error(`unhandled config ${JSON.stringify(config)}`);
}
