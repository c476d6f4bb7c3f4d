import { DecimalRuleError, decimal, parseDecimal, toDecimalString, type Decimal } from '../domain/money.js';
import type { ExecutorConfig, OrderExecutorConfig, PositionExecutorConfig, TripleBarrierConfig } from './executor-config.js';
import { DEFAULT_CLOSING, type ClosingRecord, type DecimalString } from './order-plan.js';
import { wireConfig } from './wire-config.js';

/** What of a running executor may change; an absent field stays as it is. Names are those of the config. */
export interface AmendmentRequest {
  readonly amount?: unknown;
  /** Order executor. */
  readonly price?: unknown;
  /** Position executor. */
  readonly entry_price?: unknown;
  /** Position executor; each field on its own, null switches it off. */
  readonly triple_barrier_config?: unknown;
  /** Position executor; null = at market at once. */
  readonly closing?: unknown;
}

export interface AmendedField {
  readonly field: string;
  readonly old: unknown;
  readonly new: unknown;
}

/** Answer of the `amend` update: what is different now. The same amendment again changes nothing. */
export interface AmendAnswer {
  readonly executor_id: string;
  readonly status: 'amended' | 'unchanged';
  /** Number of the last amendment that changed something. */
  readonly amendment: number;
  readonly changed: readonly AmendedField[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** Field, value and rule of an amendment that cannot be made. */
export class AmendmentRefused extends Error {
  override readonly name = 'AmendmentRefused';

  constructor(field: string, value: unknown, rule: string) {
    super(`${field}: ${shown(value)} ${rule}`);
  }
}

const ORDER_FIELDS: readonly string[] = ['amount', 'price'];
const POSITION_FIELDS: readonly string[] = ['amount', 'entry_price', 'triple_barrier_config', 'closing'];
const BARRIER_FIELDS: readonly string[] = ['stop_loss', 'take_profit', 'take_profit_order_type', 'trailing_stop', 'time_limit', 'exchange_stop'];
const TRAILING_FIELDS: readonly string[] = ['activation_price', 'trailing_delta'];
const EXCHANGE_STOP_FIELDS: readonly string[] = ['distance'];
const CLOSING_FIELDS: readonly string[] = ['patient_for', 'limit_seconds', 'chase_seconds', 'attention_seconds', 'distance', 'refresh_threshold'];
const CLOSE_REASONS = ['TAKE_PROFIT', 'TIME_LIMIT', 'EARLY_STOP', 'STOP_LOSS', 'TRAILING_STOP'] as const;
const MAX_CLOSING_SECONDS = 86_400;
const MAX_TIME_LIMIT_SECONDS = 315_360_000;

/** The config of an order as amended. Throws AmendmentRefused. */
export function amendOrder(config: OrderExecutorConfig, raw: unknown): OrderExecutorConfig {
  const request = fields('amendment', raw, ORDER_FIELDS);
  const { executionStrategy } = config;
  if (executionStrategy === 'MARKET') throw new AmendmentRefused('execution_strategy', 'MARKET', 'leaves nothing to amend: nothing of it rests');
  if (request['price'] !== undefined && executionStrategy === 'LIMIT_CHASER') throw new AmendmentRefused('price', request['price'], 'is not amendable: a LIMIT_CHASER takes its price from the book');
  return {
    ...config,
    amountBase: request['amount'] === undefined ? config.amountBase : positive('amount', request['amount']),
    priceQuote: request['price'] === undefined ? config.priceQuote : positive('price', request['price']),
  };
}

/** The config of a position as amended. `entryOver`: the entry does not work any more. Throws AmendmentRefused. */
export function amendPosition(config: PositionExecutorConfig, raw: unknown, entryOver: boolean): PositionExecutorConfig {
  const request = fields('amendment', raw, POSITION_FIELDS);
  for (const field of ['amount', 'entry_price']) {
    if (request[field] === undefined) continue;
    if (entryOver) throw new AmendmentRefused(field, request[field], 'is not amendable any more: the entry is over');
    if (config.tripleBarrier.openOrderType === 'MARKET') throw new AmendmentRefused(field, request[field], 'is not amendable: the entry goes at MARKET and nothing of it rests');
  }
  return {
    ...config,
    amountBase: request['amount'] === undefined ? config.amountBase : positive('amount', request['amount']),
    entryPriceQuote: request['entry_price'] === undefined ? config.entryPriceQuote : positive('entry_price', request['entry_price']),
    tripleBarrier: request['triple_barrier_config'] === undefined ? config.tripleBarrier : amendBarriers(config, request['triple_barrier_config']),
    closing: request['closing'] === undefined ? config.closing : amendClosing(config.closing, request['closing']),
  };
}

/** What two configs of one executor differ in, by the names of the wire. */
export function changedFields(before: ExecutorConfig, after: ExecutorConfig): readonly AmendedField[] {
  return differences('', wireConfig(before), wireConfig(after));
}

function amendBarriers(config: PositionExecutorConfig, raw: unknown): TripleBarrierConfig {
  const at = (name: string): string => `triple_barrier_config.${name}`;
  const given = fields('triple_barrier_config', raw, BARRIER_FIELDS);
  const { tripleBarrier } = config;
  const take = given['take_profit'];
  if (take !== undefined && take !== null && tripleBarrier.targets.length > 0) throw new AmendmentRefused(at('take_profit'), take, 'must not stand beside targets');
  const stop = given['stop_loss'] === undefined ? tripleBarrier.stopLossFraction : fraction(at('stop_loss'), given['stop_loss'], 1);
  const widest = given['exchange_stop'] === undefined ? tripleBarrier.exchangeStop : exchangeStop(at('exchange_stop'), given['exchange_stop'], tripleBarrier.exchangeStop);
  if (stop !== null && widest !== null && decimal(stop).greaterThanOrEqualTo(decimal(widest.distanceFraction))) {
    throw new AmendmentRefused(at('stop_loss'), stop, `must be below the distance of the exchange stop, ${widest.distanceFraction}`);
  }
  return {
    ...tripleBarrier,
    stopLossFraction: stop,
    exchangeStop: widest,
    takeProfitFraction: take === undefined ? tripleBarrier.takeProfitFraction : fraction(at('take_profit'), take, config.side === 'SELL' ? 1 : 10),
    takeProfitOrderType: given['take_profit_order_type'] === undefined ? tripleBarrier.takeProfitOrderType : orderType(at('take_profit_order_type'), given['take_profit_order_type']),
    trailingStop: given['trailing_stop'] === undefined ? tripleBarrier.trailingStop : trailing(at('trailing_stop'), given['trailing_stop'], config.side === 'SELL' ? 1 : 10),
    timeLimitSeconds: given['time_limit'] === undefined ? tripleBarrier.timeLimitSeconds : seconds(at('time_limit'), given['time_limit']),
  };
}

/** A new distance moves it; null takes it off. What made it fire stays, unless it is new. */
function exchangeStop(field: string, raw: unknown, before: TripleBarrierConfig['exchangeStop']): TripleBarrierConfig['exchangeStop'] {
  if (raw === null) return null;
  const given = fields(field, raw, EXCHANGE_STOP_FIELDS);
  const distance = within(`${field}.distance`, given['distance'], 1);
  if (!distance.greaterThan(0)) throw new AmendmentRefused(`${field}.distance`, given['distance'], 'must be above 0');
  return { distanceFraction: toDecimalString(distance), triggeredBy: before?.triggeredBy ?? 'last' };
}

/** Each field on its own; of a position that had none, the rest is as by default. */
function amendClosing(before: ClosingRecord | null, raw: unknown): ClosingRecord | null {
  if (raw === null) return null;
  const given = fields('closing', raw, CLOSING_FIELDS);
  const closing = before ?? DEFAULT_CLOSING;
  const ms = (name: string, known: number): number => (given[name] == null ? known : (seconds(`closing.${name}`, given[name], MAX_CLOSING_SECONDS) ?? 0) * 1000);
  const part = (name: string, known: DecimalString): DecimalString => (given[name] == null ? known : toDecimalString(within(`closing.${name}`, given[name], 1)));
  return {
    patientFor: given['patient_for'] == null ? closing.patientFor : reasons(given['patient_for']),
    limitMs: ms('limit_seconds', closing.limitMs),
    chaseMs: ms('chase_seconds', closing.chaseMs),
    attentionAfterMs: ms('attention_seconds', closing.attentionAfterMs),
    distanceFraction: part('distance', closing.distanceFraction),
    refreshThresholdFraction: part('refresh_threshold', closing.refreshThresholdFraction),
  };
}

function reasons(raw: unknown): ClosingRecord['patientFor'] {
  const known = Array.isArray(raw) ? raw.map((name: unknown) => CLOSE_REASONS.find((reason) => reason === name)) : [undefined];
  if (known.length > CLOSE_REASONS.length || known.includes(undefined)) throw new AmendmentRefused('closing.patient_for', raw, `must be a list of ${CLOSE_REASONS.join(', ')}`);
  return known.filter((reason) => reason !== undefined);
}

function trailing(field: string, raw: unknown, below: number): TripleBarrierConfig['trailingStop'] {
  if (raw === null) return null;
  const given = fields(field, raw, TRAILING_FIELDS);
  const activation = within(`${field}.activation_price`, given['activation_price'], below);
  const delta = within(`${field}.trailing_delta`, given['trailing_delta'], 1);
  if (!delta.greaterThan(0)) throw new AmendmentRefused(`${field}.trailing_delta`, given['trailing_delta'], 'must be above 0');
  return { activationFraction: toDecimalString(activation), deltaFraction: toDecimalString(delta) };
}

/** 0 and null switch a barrier off. */
function fraction(field: string, raw: unknown, below: number): DecimalString | null {
  if (raw === null) return null;
  const value = within(field, raw, below);
  return value.isZero() ? null : toDecimalString(value);
}

function within(field: string, raw: unknown, below: number): Decimal {
  const value = number(field, raw);
  if (value.isNegative() || value.greaterThanOrEqualTo(below)) throw new AmendmentRefused(field, raw, `must be a fraction from 0 and below ${below} (0.01 is one percent)`);
  return value;
}

function seconds(field: string, raw: unknown, most = MAX_TIME_LIMIT_SECONDS): number | null {
  if (raw === null) return null;
  const value = number(field, raw);
  if (!value.isInteger() || value.isNegative() || value.greaterThan(most)) throw new AmendmentRefused(field, raw, `must be a whole number from 0 to ${most}`);
  return value.isZero() ? null : value.toNumber();
}

function orderType(field: string, raw: unknown): TripleBarrierConfig['takeProfitOrderType'] {
  if (raw === 'MARKET' || raw === 'LIMIT' || raw === 'LIMIT_MAKER') return raw;
  throw new AmendmentRefused(field, raw, 'must be one of MARKET, LIMIT, LIMIT_MAKER');
}

function positive(field: string, raw: unknown): DecimalString {
  const value = number(field, raw);
  if (!value.greaterThan(0)) throw new AmendmentRefused(field, raw, 'must be greater than 0');
  return toDecimalString(value);
}

function number(field: string, raw: unknown): Decimal {
  try {
    return parseDecimal(field, raw);
  } catch (error) {
    if (!(error instanceof DecimalRuleError)) throw error;
    throw new AmendmentRefused(field, raw, error.rule);
  }
}

function fields(name: string, raw: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new AmendmentRefused(name, raw, 'must be an object');
  const given = Object.keys(raw);
  if (given.length === 0) throw new AmendmentRefused(name, raw, `must name at least one of ${known.join(', ')}`);
  const unknown = given.find((key) => !known.includes(key));
  if (unknown === undefined) return raw as Readonly<Record<string, unknown>>;
  const field = name === 'amendment' ? unknown : `${name}.${unknown}`;
  throw new AmendmentRefused(field.slice(0, 120), (raw as Record<string, unknown>)[unknown], `is not amendable; amendable are ${known.join(', ')}`);
}

function differences(prefix: string, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): readonly AmendedField[] {
  return Object.keys(after).flatMap((key) => {
    const [old, now] = [before[key] ?? null, after[key] ?? null];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    const field = prefix + key;
    return isRecord(old) && isRecord(now) ? differences(`${field}.`, old, now) : [{ field, old, new: now }];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
