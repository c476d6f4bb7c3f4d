import type { CreatedExecutor } from '../client/create-executor.js';
import type { LiveReport } from '../client/live-report.js';
import { ExactNumber } from '../schema/exact-number.js';

/** Config fields that are decimals; the wire has them as numbers. */
const DECIMAL_CONFIG_FIELDS = new Set(['amount', 'price', 'entry_price', 'stop_loss', 'take_profit', 'activation_price', 'trailing_delta', 'activation_bounds', 'total_amount_quote', 'limit_order_buffer', 'order_amount', 'min_profitability', 'target_profitability', 'max_profitability', 'timestamp']);
/** Fields of custom_info that stay text whatever they look like. */
const TEXT_INFO_FIELDS = new Set(['side', 'level_id', 'order_id', 'order_ids', 'last_decision']);
const DIGITS = /^-?\d+(?:\.\d+)?$/;

/**
 * A report as lists and details answer it: the keys of the wire, the names of the standard report beside them, money as
 * JSON numbers printed from its digits and as `<name>_exact` strings.
 */
export function executorAnswer({ report, marked }: LiveReport): Record<string, unknown> {
  const active = report.status !== 'TERMINATED';
  return {
    id: report.executor_id,
    executor_id: report.executor_id,
    type: report.executor_type,
    executor_type: report.executor_type,
    account_name: report.account_name,
    connector_name: report.connector_name,
    trading_pair: report.trading_pair,
    side: report.side,
    status: report.status,
    is_active: active,
    is_trading: report.is_trading,
    timestamp: seconds(report.created_at_ms),
    created_at: isoTime(report.created_at_ms),
    close_type: report.close_type,
    close_timestamp: report.closed_at_ms === null ? null : seconds(report.closed_at_ms),
    closed_at: report.closed_at_ms === null ? null : isoTime(report.closed_at_ms),
    outcome: report.outcome,
    controller_id: report.controller_id,
    ...money('net_pnl_quote', report.net_pnl_quote),
    ...money('net_pnl_pct', report.net_pnl_pct),
    ...money('cum_fees_quote', report.fees_paid_quote),
    ...money('fees_paid_quote', report.fees_paid_quote),
    ...money('filled_amount_quote', report.filled_amount_quote),
    ...money('volume_quote', report.volume_quote),
    ...money('residue_base', report.residue_base),
    duration_seconds: new ExactNumber(report.duration_seconds),
    needs_attention: report.needs_attention,
    error_count: report.error_count,
    last_error: report.last_error,
    marked,
    config: configAnswer(report.config),
    custom_info: infoAnswer(report.custom_info),
  };
}

/** The detail adds what would make lists long. */
export function executorDetail(live: LiveReport): Record<string, unknown> {
  return { ...executorAnswer(live), orders: live.report.orders, hold: live.report.hold, why: live.report.why };
}

export function createdAnswer({ config, status }: CreatedExecutor, warnings: readonly string[]): Record<string, unknown> {
  return {
    id: config.id,
    executor_id: config.id,
    type: config.type,
    executor_type: config.type,
    account_name: config.account,
    connector_name: config.connector,
    trading_pair: config.pair,
    side: config.side,
    controller_id: config.controllerId,
    status,
    created_at: isoTime(config.createdAtMs),
    warnings,
  };
}

/** `name` as a JSON number with all its digits, and `name_exact` as text for parsers that only have doubles. */
export function money(name: string, digits: string): Record<string, unknown> {
  return { [name]: new ExactNumber(digits), [`${name}_exact`]: digits };
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Unix ms as seconds. */
export function seconds(atMs: number): ExactNumber {
  const fraction = String(atMs % 1000).padStart(3, '0');
  return new ExactNumber(`${Math.floor(atMs / 1000)}.${fraction}`);
}

function configAnswer(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, configValue(name, value)]));
}

function configValue(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => configValue(name, entry));
  if (typeof value === 'object' && value !== null) return configAnswer(value as Readonly<Record<string, unknown>>);
  return DECIMAL_CONFIG_FIELDS.has(name) ? asNumber(value) : value;
}

function infoAnswer(info: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(info).map(([name, value]) => {
      if (name === 'held_position_orders' && Array.isArray(value)) return [name, value.map(heldOrderAnswer)];
      return [name, TEXT_INFO_FIELDS.has(name) ? value : asNumber(value)];
    }),
  );
}

/** Held orders have their amounts as text and their fees as numbers, as the reference has them. */
function heldOrderAnswer(order: unknown): unknown {
  if (typeof order !== 'object' || order === null) return order;
  return Object.fromEntries(Object.entries(order).map(([name, value]) => [name, name.startsWith('cumulative_fee_paid') ? asNumber(value) : value]));
}

function asNumber(value: unknown): unknown {
  return typeof value === 'string' && DIGITS.test(value) ? new ExactNumber(value) : value;
}
