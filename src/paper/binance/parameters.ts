import { Decimal } from '../matching/exact-decimal.js';
import { WireError } from './wire-error.js';

const DECIMAL = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const MAX_DECIMALS = 8;
const CLIENT_ORDER_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

/** Request parameters as Binance reads them: query string and form body together. Remembers what was read. */
export class Parameters {
  private readonly values = new Map<string, string>();
  private readonly read = new Set<string>();

  constructor(...encoded: readonly string[]) {
    for (const part of encoded) {
      for (const [name, value] of new URLSearchParams(part)) this.values.set(name, value);
    }
  }

  /** An absent and an empty parameter are the same to Binance. */
  text(name: string): string | undefined {
    this.read.add(name);
    const value = this.values.get(name);
    return value === undefined || value === '' ? undefined : value;
  }

  /** As `text`, without counting as read. */
  peek(name: string): string | undefined {
    return this.values.get(name);
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[], error: WireError): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw error;
    return choice;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d{1,16}$/.test(value)) throw illegal(name, '^[0-9]{1,20}$');
    return Number(value);
  }

  limit(fallback: number, maximum: number): number {
    const value = this.integer('limit') ?? fallback;
    return Math.min(Math.max(value, 1), maximum);
  }

  decimal(name: string): Decimal | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!DECIMAL.test(value)) throw illegal(name, '^([0-9]{1,20})(\\.[0-9]{1,20})?$');
    const decimal = new Decimal(value);
    if (decimal.decimalPlaces() > MAX_DECIMALS) throw new WireError(-1111, `Parameter '${name}' has too much precision.`);
    return decimal;
  }

  requiredDecimal(name: string): Decimal {
    const value = this.decimal(name);
    if (value === undefined) throw missing(name);
    return value;
  }

  clientOrderId(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !CLIENT_ORDER_ID.test(value)) throw illegal(name, '^[\\.A-Z\\:/a-z0-9_-]{1,36}$');
    return value;
  }

  forbid(name: string): void {
    if (this.text(name) !== undefined) throw new WireError(-1106, `Parameter '${name}' sent when not required.`);
  }

  /** Binance refuses what it does not understand, so that a misspelt parameter cannot pass for the default. */
  finish(): void {
    for (const name of ['timestamp', 'recvWindow', 'signature', 'apiKey']) this.read.add(name);
    const unread = [...this.values.keys()].filter((name) => !this.read.has(name));
    if (unread.length === 0) return;
    const readCount = this.values.size - unread.length;
    const text = `Not all sent parameters were read; read '${readCount}' parameter(s) but was sent '${this.values.size}'.`;
    throw new WireError(-1104, text);
  }
}

export function missing(name: string): WireError {
  return new WireError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

function illegal(name: string, pattern: string): WireError {
  return new WireError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${pattern}'.`);
}
