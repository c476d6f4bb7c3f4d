import { Decimal, decimal } from '../domain/money.js';
import { ExactNumber } from '../schema/exact-number.js';

/** One executor as the HTTP facade answers it, with the digits of every number as they came. */
export class ExecutorRow {
  constructor(readonly fields: Readonly<Record<string, unknown>>) {}

  get id(): string {
    return this.text('executor_id');
  }

  /** Enough of the id to tell executors apart on a screen. */
  get shortId(): string {
    return this.id.slice(0, 8);
  }

  get isOver(): boolean {
    return this.text('status') === 'TERMINATED';
  }

  /** The field as text; empty when it is null or absent. */
  text(name: string): string {
    return asText(this.fields[name]);
  }

  /** A field of the config, by the names of the wire. */
  config(name: string): string {
    return asText(field(this.fields['config'], name));
  }

  /** A field of `custom_info`. */
  info(name: string): string {
    return asText(field(this.fields['custom_info'], name));
  }

  /** A whole number in `custom_info`, or in an object there; 0 when it is absent. */
  infoCount(name: string, key?: string): number {
    const value = field(this.fields['custom_info'], name);
    return Number(asText(key === undefined ? value : field(value, key)) || '0');
  }

  decimal(name: string): Decimal {
    return asDecimal(this.text(name)) ?? decimal('0');
  }

  infoDecimal(name: string): Decimal | null {
    return asDecimal(this.info(name));
  }
}

function field(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? (object as Readonly<Record<string, unknown>>)[name] : undefined;
}

function asText(value: unknown): string {
  if (value instanceof ExactNumber) return value.digits;
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : '';
}

function asDecimal(text: string): Decimal | null {
  return /^-?\d/.test(text) ? decimal(text) : null;
}
