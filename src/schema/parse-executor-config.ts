import { Decimal } from 'decimal.js';
import type { z } from 'zod';
import type { ArbitrageExecutorConfig, DcaExecutorConfig, ExecutorConfig, ExecutorType, GridExecutorConfig, OrderExecutorConfig, PositionExecutorConfig, TripleBarrierConfig, TwapExecutorConfig, XemmExecutorConfig } from '../contract/executor-config.js';
import type { TrailingStopRecord } from '../contract/order-plan.js';
import { type ConfigIssue, InvalidConfigError, showValue } from './config-error.js';
import { closingRecord } from './closing-schema.js';
import { controllerTag } from './controller-tag.js';
import { AVAILABLE_EXECUTOR_TYPES, EXECUTOR_TYPE_NAMES } from './executor-types.js';
import { dcaExecutorSchema } from './dca-executor-schema.js';
import { GRID_BARRIER_KEYS, gridExecutorSchema } from './grid-executor-schema.js';
import { createExecutorId } from './executor-id.js';
import { orderExecutorSchema } from './order-executor-schema.js';
import { DEFAULT_STOP_LOSS_REFERENCE, TAKER_BOUNDS } from '../domain/dca/dca-terms.js';
import { DEFAULT_CATCH_UP } from '../domain/twap/twap-terms.js';
import { BARRIER_KEYS, INNER_KEYS, positionExecutorSchema, TRAILING_KEYS } from './position-executor-schema.js';
import { twapExecutorSchema } from './twap-executor-schema.js';
import { arbitrageExecutorSchema } from './arbitrage-executor-schema.js';
import { xemmExecutorSchema } from './xemm-executor-schema.js';
import { nearestKey } from './unknown-keys.js';
import { configIssues } from './zod-issues.js';

const DEFAULT_ACCOUNT = 'master_account';
const MAX_WARNINGS = 20;

/** What surrounds `executor_config` in a create request. */
export interface ConfigContext {
  readonly accountName?: string | undefined;
  /** Tag in the body of the request. */
  readonly controllerId?: string | undefined;
  /** Id an Idempotency-Key stands for; an `id` in the config goes before it. */
  readonly idempotentId?: string | undefined;
  readonly nowMs: number;
}

export interface ParsedConfig {
  readonly config: ExecutorConfig;
  /** Things that were accepted and have no effect, each naming its field. */
  readonly warnings: readonly string[];
  /** True when the caller gave a timestamp, so that it is part of what has to be equal under the same id. */
  readonly timestampGiven: boolean;
  /** True when the caller chose the id, directly or by an Idempotency-Key. */
  readonly idGiven: boolean;
}

/**
 * The normalised config of `executor_config` as it came over the wire (numbers as ExactNumber, or plain values).
 * Throws InvalidConfigError naming field, value and rule of everything that is wrong with it.
 */
export function parseExecutorConfig(raw: unknown, context: ConfigContext): ParsedConfig {
  const type = executorType(raw);
  const input = raw as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'order_executor':
      return parseOrder(input, context);
    case 'position_executor':
      return parsePosition(input, context);
    case 'twap_executor':
      return parseTwap(input, context);
    case 'dca_executor':
      return parseDca(input, context);
    case 'grid_executor':
      return parseGrid(input, context);
    case 'xemm_executor':
      return parseXemm(input, context);
    case 'arbitrage_executor':
      return parseArbitrage(input, context);
  }
}

function executorType(raw: unknown): ExecutorType {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new InvalidConfigError([{ field: 'executor_config', value: showValue(raw), rule: 'must be an object' }]);
  }
  const given = Object.hasOwn(raw, 'type') ? (raw as { readonly type?: unknown }).type : undefined;
  if (given === undefined || given === null) throw new MissingTypeError();
  const name = typeof given === 'string' ? given.trim().toLowerCase().replace(/[\s-]+/g, '_') : '';
  if (isAvailable(name)) return name;
  if (EXECUTOR_TYPE_NAMES.includes(name)) {
    throw new InvalidConfigError([{ field: 'type', value: showValue(given), rule: `is not available yet; available types: ${AVAILABLE_EXECUTOR_TYPES.join(', ')}` }]);
  }
  throw new InvalidTypeError(given);
}

function isAvailable(name: string): name is ExecutorType {
  return AVAILABLE_EXECUTOR_TYPES.includes(name);
}

/** The wire's literal messages for a type that is missing or unknown. */
export class MissingTypeError extends InvalidConfigError {
  constructor() {
    super([{ field: 'type', value: '(missing)', rule: 'is required' }]);
    this.message = "executor_config must include 'type' field";
  }
}

export class InvalidTypeError extends InvalidConfigError {
  constructor(given: unknown) {
    super([{ field: 'type', value: showValue(given), rule: `must be one of ${EXECUTOR_TYPE_NAMES.join(', ')}` }]);
    const shown = typeof given === 'string' ? given.slice(0, 80) : showValue(given);
    this.message = `Invalid executor type '${shown}'. Valid types: [${EXECUTOR_TYPE_NAMES.map((name) => `'${name}'`).join(', ')}]`;
  }
}

function parseOrder(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(orderExecutorSchema.in.shape);
  const warnings = unknownKeyWarnings(input, known);
  const wire = check(orderExecutorSchema, input, known);
  if (wire.execution_strategy === 'MARKET' && given(input['price'])) {
    warnings.push(`price: ${showValue(input['price'])} is ignored for execution_strategy MARKET`);
  }
  if (wire.execution_strategy === 'LIMIT_CHASER') {
    if (given(input['price'])) warnings.push(`price: ${showValue(input['price'])} is ignored for execution_strategy LIMIT_CHASER`);
  } else if (given(input['chaser_config'])) warnings.push(`chaser_config: is ignored for execution_strategy ${wire.execution_strategy}`);
  const config: OrderExecutorConfig = {
    type: 'order_executor',
    ...baseConfig(wire, context, warnings),
    side: wire.side,
    amountBase: wire.amount,
    executionStrategy: wire.execution_strategy,
    priceQuote: wire.price,
    chaser: wire.chaser_config === null ? null : { distanceFraction: wire.chaser_config.distance, refreshThresholdFraction: wire.chaser_config.refresh_threshold },
    positionAction: wire.position_action ?? 'OPEN',
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

function parsePosition(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(positionExecutorSchema.shape);
  const misplaced = misplacedBarriers(input, known, BARRIER_KEYS);
  const warnings = unknownKeyWarnings(input, known);
  const wire = check(positionExecutorSchema, input, [...BARRIER_KEYS, ...TRAILING_KEYS, ...INNER_KEYS], misplaced);
  const barriers: Partial<NonNullable<typeof wire.triple_barrier_config>> = wire.triple_barrier_config ?? {};
  const trailing = barriers.trailing_stop ?? null;
  const stop = barriers.exchange_stop ?? null;
  warnIfLosing(trailing, 'triple_barrier_config.trailing_stop', warnings);
  const tripleBarrier: TripleBarrierConfig = {
    stopLossFraction: barriers.stop_loss ?? null,
    takeProfitFraction: barriers.take_profit ?? null,
    trailingStop: trailingRecord(trailing),
    timeLimitSeconds: barriers.time_limit ?? null,
    openOrderType: barriers.open_order_type ?? 'LIMIT',
    takeProfitOrderType: barriers.take_profit_order_type ?? 'MARKET',
    targets: (barriers.targets ?? []).map((target) => ({ distanceFraction: target.distance, shareFraction: target.share, orderType: target.order_type ?? 'MARKET' })),
    breakevenAfterTarget: barriers.breakeven_after_target ?? null,
    exchangeStop: stop === null ? null : { distanceFraction: stop.distance, triggeredBy: stop.triggered_by ?? 'last' },
    stopLossOrderType: 'MARKET',
    timeLimitOrderType: 'MARKET',
  };
  const config: PositionExecutorConfig = {
    type: 'position_executor',
    ...baseConfig(wire, context, warnings),
    side: wire.side,
    amountBase: wire.amount,
    entryPriceQuote: wire.entry_price ?? null,
    tripleBarrier,
    closing: closingRecord(wire.closing),
    activationBounds: wire.activation_bounds ?? [],
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

function parseTwap(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(twapExecutorSchema.in.shape);
  const warnings = unknownKeyWarnings(input, known);
  const wire = check(twapExecutorSchema, input, known);
  if (wire.mode === 'TAKER') {
    for (const field of ['limit_order_buffer', 'order_resubmission_time']) if (given(input[field])) warnings.push(`${field}: is ignored for mode TAKER`);
  }
  const config: TwapExecutorConfig = {
    type: 'twap_executor',
    ...baseConfig(wire, context, warnings),
    side: wire.side,
    totalAmountQuote: wire.total_amount_quote,
    totalDurationSeconds: wire.total_duration,
    orderIntervalSeconds: wire.order_interval,
    mode: wire.mode,
    limitOrderBufferFraction: wire.limit_order_buffer,
    orderResubmissionSeconds: wire.order_resubmission_time,
    catchUp: wire.catch_up ?? DEFAULT_CATCH_UP,
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

function parseDca(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(dcaExecutorSchema.shape);
  const misplaced = misspeltBarriers(input, known);
  const warnings = unknownKeyWarnings(input, known);
  const wire = check(dcaExecutorSchema, input, [...known, ...TRAILING_KEYS], misplaced);
  const mode = wire.mode ?? 'MAKER';
  const bounds = wire.activation_bounds ?? [];
  const trailing = wire.trailing_stop ?? null;
  warnIfLosing(trailing, 'trailing_stop', warnings);
  const config: DcaExecutorConfig = {
    type: 'dca_executor',
    ...baseConfig(wire, context, warnings),
    side: wire.side,
    amountsQuote: wire.amounts_quote,
    pricesQuote: wire.prices,
    mode,
    activationBounds: mode === 'TAKER' && bounds.length === 0 ? TAKER_BOUNDS : bounds,
    stopLossFraction: wire.stop_loss ?? null,
    stopLossReference: wire.stop_loss_reference ?? DEFAULT_STOP_LOSS_REFERENCE,
    takeProfitFraction: wire.take_profit ?? null,
    trailingStop: trailingRecord(trailing),
    timeLimitSeconds: wire.time_limit ?? null,
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

function parseGrid(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(gridExecutorSchema.shape);
  const misplaced = misplacedBarriers(input, known, GRID_BARRIER_KEYS);
  const warnings = unknownKeyWarnings(input, known);
  const wire = check(gridExecutorSchema, input, [...GRID_BARRIER_KEYS, ...TRAILING_KEYS], misplaced);
  const barriers: Partial<NonNullable<typeof wire.triple_barrier_config>> = wire.triple_barrier_config ?? {};
  const trailing = barriers.trailing_stop ?? null;
  warnIfLosing(trailing, 'triple_barrier_config.trailing_stop', warnings);
  const config: GridExecutorConfig = {
    type: 'grid_executor',
    ...baseConfig(wire, context, warnings),
    side: wire.side,
    startPriceQuote: wire.start_price,
    endPriceQuote: wire.end_price,
    limitPriceQuote: wire.limit_price ?? null,
    totalAmountQuote: wire.total_amount_quote,
    minSpreadFraction: wire.min_spread_between_orders ?? '0.0005',
    minOrderAmountQuote: wire.min_order_amount_quote ?? '5',
    maxOpenOrders: wire.max_open_orders ?? 5,
    maxOrdersPerBatch: wire.max_orders_per_batch ?? null,
    orderFrequencySeconds: wire.order_frequency ?? 0,
    activationBoundsFraction: wire.activation_bounds ?? null,
    safeExtraSpreadFraction: wire.safe_extra_spread ?? '0.0001',
    takeProfitFraction: barriers.take_profit ?? null,
    coerceTakeProfitToStep: wire.coerce_tp_to_step ?? false,
    stopLossFraction: barriers.stop_loss ?? null,
    trailingStop: trailingRecord(trailing),
    timeLimitSeconds: barriers.time_limit ?? null,
    openOrderType: barriers.open_order_type ?? 'LIMIT',
    takeProfitOrderType: barriers.take_profit_order_type ?? 'LIMIT',
    deductBaseFees: wire.deduct_base_fees ?? false,
    keepPosition: wire.keep_position ?? false,
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

/** A report tells these of every executor; here the markets and the maker side say it. */
const SAID_BY_MARKETS = ['connector_name', 'trading_pair', 'side'];

function parseXemm(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(xemmExecutorSchema.shape);
  const wire = check(xemmExecutorSchema, input, known);
  const warnings = unknownKeyWarnings(input, [...known, ...SAID_BY_MARKETS]);
  const [maker, hedge] = wire.maker_side === 'BUY' ? [wire.buying_market, wire.selling_market] : [wire.selling_market, wire.buying_market];
  const base = baseConfig(onMarket(wire, maker), context, warnings);
  const config: XemmExecutorConfig = {
    type: 'xemm_executor',
    ...base,
    account: maker.account_name ?? base.account,
    side: wire.maker_side,
    hedge: { connector: hedge.connector_name, account: hedge.account_name ?? base.account, pair: hedge.trading_pair },
    amountBase: wire.order_amount,
    minProfitabilityFraction: wire.min_profitability,
    targetProfitabilityFraction: wire.target_profitability,
    maxProfitabilityFraction: wire.max_profitability,
    timeLimitSeconds: wire.time_limit ?? null,
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

function parseArbitrage(input: Readonly<Record<string, unknown>>, context: ConfigContext): ParsedConfig {
  const known = Object.keys(arbitrageExecutorSchema.shape);
  const wire = check(arbitrageExecutorSchema, input, known);
  const warnings = unknownKeyWarnings(input, [...known, ...SAID_BY_MARKETS, 'gas_conversion_price']);
  if (given(input['gas_conversion_price'])) warnings.push('gas_conversion_price: is ignored: both markets are order books');
  const { buying_market: buying, selling_market: selling } = wire;
  const base = baseConfig(onMarket(wire, buying), context, warnings);
  const config: ArbitrageExecutorConfig = {
    type: 'arbitrage_executor',
    ...base,
    account: buying.account_name ?? base.account,
    side: 'BUY',
    selling: { connector: selling.connector_name, account: selling.account_name ?? base.account, pair: selling.trading_pair },
    amountBase: wire.order_amount,
    minProfitabilityFraction: wire.min_profitability,
    onFailedLeg: wire.on_failed_leg ?? 'unwind',
    timeLimitSeconds: wire.time_limit ?? null,
  };
  return { config, warnings: warnings.slice(0, MAX_WARNINGS), timestampGiven: wire.timestamp !== undefined, idGiven: idGiven(wire, context) };
}

function onMarket(wire: Omit<WireBase, 'connector_name' | 'trading_pair'>, market: Pick<WireBase, 'connector_name' | 'trading_pair'>): WireBase {
  const { id, timestamp, controller_id, account_name, level_id } = wire;
  return { id, timestamp, controller_id, account_name, level_id, connector_name: market.connector_name, trading_pair: market.trading_pair };
}

type WireTrailing = { readonly activation_price: string; readonly trailing_delta: string } | null;

function trailingRecord(trailing: WireTrailing): TrailingStopRecord | null {
  return trailing === null ? null : { activationFraction: trailing.activation_price, deltaFraction: trailing.trailing_delta };
}

function warnIfLosing(trailing: WireTrailing, field: string, warnings: string[]): void {
  if (trailing === null || new Decimal(trailing.trailing_delta).lt(trailing.activation_price)) return;
  warnings.push(`${field}: trailing_delta is not below activation_price, so the stop can close at a loss`);
}

function check<Output>(schema: z.ZodType<Output>, input: unknown, knownKeys: readonly string[], found: readonly ConfigIssue[] = []): Output {
  const result = schema.safeParse(input);
  if (result.success && found.length === 0) return result.data;
  throw new InvalidConfigError([...found, ...(result.success ? [] : configIssues(result.error.issues, input, knownKeys))]);
}

interface WireBase {
  readonly id?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly controller_id?: string | undefined;
  readonly account_name?: string | undefined;
  readonly connector_name: string;
  readonly trading_pair: string;
  readonly leverage?: number | undefined;
  readonly level_id?: string | undefined;
}

function baseConfig(wire: WireBase, context: ConfigContext, warnings: string[]): Omit<OrderExecutorConfig, 'type' | 'side' | 'amountBase' | 'executionStrategy' | 'priceQuote' | 'chaser' | 'positionAction'> {
  if (wire.id !== undefined && context.idempotentId !== undefined) warnings.push('Idempotency-Key: is ignored beside an id in executor_config');
  return {
    id: wire.id ?? context.idempotentId ?? createExecutorId(),
    createdAtMs: wire.timestamp ?? context.nowMs,
    controllerId: controllerTag(context.controllerId, wire.controller_id),
    account: accountName(context.accountName, wire.account_name),
    connector: wire.connector_name,
    pair: wire.trading_pair,
    levelId: wire.level_id ?? null,
    leverage: wire.leverage ?? 1,
  };
}

function idGiven(wire: Pick<WireBase, 'id'>, context: ConfigContext): boolean {
  return wire.id !== undefined || context.idempotentId !== undefined;
}

function accountName(fromBody: string | undefined, fromConfig: string | undefined): string {
  if (fromBody !== undefined && fromConfig !== undefined && fromBody !== fromConfig) {
    throw new InvalidConfigError([{ field: 'account_name', value: showValue(fromBody), rule: `must be the same as executor_config.account_name ${showValue(fromConfig)}` }]);
  }
  return fromBody ?? fromConfig ?? DEFAULT_ACCOUNT;
}

/** Barriers one level too high, or a misspelt `triple_barrier_config`: ignored, they would leave the position unprotected. */
function misplacedBarriers(input: Readonly<Record<string, unknown>>, known: readonly string[], barrierKeys: readonly string[]): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  for (const [key, value] of Object.entries(input)) {
    if (known.includes(key)) continue;
    const field = key.slice(0, 60);
    if (nearestKey(key, ['triple_barrier_config', 'triple_barrier']) !== null) {
      issues.push({ field, value: showValue(value), rule: 'is not a field of executor_config; did you mean triple_barrier_config?' });
    } else if (nearestKey(key, [...barrierKeys, ...TRAILING_KEYS]) !== null) {
      issues.push({ field, value: showValue(value), rule: 'belongs inside triple_barrier_config; outside it would leave the position unprotected' });
    }
  }
  return issues;
}

const DCA_BARRIERS = ['stop_loss', 'take_profit', 'trailing_stop', 'time_limit'] as const;

/** A barrier that is misspelt, or where a position has it: ignored, it would leave what is filled unprotected. */
function misspeltBarriers(input: Readonly<Record<string, unknown>>, known: readonly string[]): ConfigIssue[] {
  return Object.entries(input).flatMap(([key, value]) => {
    if (known.includes(key) || !given(value)) return [];
    const nested = nearestKey(key, ['triple_barrier_config', 'triple_barrier']) !== null;
    const meant = nested ? null : nearestKey(key, DCA_BARRIERS);
    if (!nested && meant === null) return [];
    const rule = nested ? `is not a field of a dca_executor: ${DCA_BARRIERS.join(', ')} stand in executor_config itself` : `is not a field of executor_config; did you mean ${meant ?? ''}?`;
    return [{ field: key.slice(0, 60), value: showValue(value), rule }];
  });
}

function unknownKeyWarnings(input: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  return Object.keys(input)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearestKey(key, known);
      return `${key.slice(0, 60)}: is unknown and ignored${meant === null ? '' : `; did you mean ${meant}?`}`;
    });
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null;
}
