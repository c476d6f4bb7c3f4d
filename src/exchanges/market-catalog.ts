import type { MarketRulesRecord } from '../domain/market-rules.js';
import { Decimal, parseDecimal, toDecimalString } from '../domain/money.js';
import { type ExchangeFailure, ExchangeReadError } from '../ports/exchange.js';
import type { CcxtClient, CcxtMarket } from './ccxt-client.js';
import type { ConnectorDefinition } from './connector-registry.js';
import { describeFailure } from './describe-failure.js';

const TICK_SIZE = 4;
const DECIMAL_PLACES = 2;
const MAX_CANDIDATES = 8;
const PAIR = /^[A-Z0-9]{1,20}-[A-Z0-9]{1,20}$/;

/**
 * The pairs of a connector among the markets ccxt has read. A symbol is never built from the pair's text: it is the one
 * market of the right type with these assets, after ccxt's renames (XBT is BTC) and the connector's quote aliases.
 */
export class MarketCatalog {
  readonly #client: CcxtClient;
  readonly #definition: ConnectorDefinition;
  #source: unknown = undefined;
  readonly #byPair = new Map<string, CcxtMarket>();
  readonly #pairOfSymbol = new Map<string, string>();

  constructor(client: CcxtClient, definition: ConnectorDefinition) {
    this.#client = client;
    this.#definition = definition;
  }

  /** Throws ExchangeReadError (UNKNOWN_PAIR) that names what may have been meant. Markets have to be loaded. */
  market(pair: string): CcxtMarket {
    this.#forgetIfReloaded();
    const known = this.#byPair.get(pair);
    if (known !== undefined) return known;
    const market = this.#resolve(pair);
    this.#byPair.set(pair, market);
    this.#pairOfSymbol.set(market.symbol, pair);
    return market;
  }

  /** The pair by which a symbol was asked for, else the one made of its assets. */
  pairOf(symbol: string): string {
    this.#forgetIfReloaded();
    const known = this.#pairOfSymbol.get(symbol);
    if (known !== undefined) return known;
    const market = this.#client.markets?.[symbol];
    return market === undefined ? symbol.replace('/', '-').replace(/:.*$/, '') : `${market.base}-${market.quote}`;
  }

  /** Throws ExchangeReadError when the exchange does not list the pair, or not its steps. */
  rules(pair: string): MarketRulesRecord {
    const market = this.market(pair);
    const [base = '', quote = ''] = pair.split('-');
    return {
      pair,
      base,
      quote,
      contract: this.#definition.marketType,
      supportsStop: listsStops(market),
      amountStepBase: this.#step(market, market.precision.amount, 'amount'),
      priceTickQuote: this.#step(market, market.precision.price, 'price'),
      minAmountBase: canonical(market.limits.amount?.min) ?? '0',
      maxAmountBase: smallestPositive(market.limits.amount?.max, market.limits.market?.max),
      minNotionalQuote: canonical(market.limits.cost?.min) ?? '0',
      makerFeeFraction: canonical(market.maker) ?? '0',
      takerFeeFraction: canonical(market.taker) ?? '0',
    };
  }

  #forgetIfReloaded(): void {
    if (this.#source === this.#client.markets) return;
    this.#source = this.#client.markets;
    this.#byPair.clear();
    this.#pairOfSymbol.clear();
  }

  #resolve(pair: string): CcxtMarket {
    if (!PAIR.test(pair)) throw unknownPair(pair, 'must be BASE-QUOTE in capitals, such as BTC-USDT', []);
    const [base, quote] = pair.split('-').map((asset) => this.#client.commonCurrencies[asset] ?? asset);
    const listed = Object.values(this.#client.markets ?? {}).filter((market) => this.#isOfType(market));
    const quotes = new Set([quote, this.#definition.quoteAliases[quote ?? '']]);
    const exact = listed.filter((market) => market.base === base && market.quote === quote);
    const found = exact.length > 0 ? exact : listed.filter((market) => market.base === base && quotes.has(market.quote));
    const [only, ...others] = found;
    if (only !== undefined && others.length === 0) return only;
    if (only !== undefined) throw unknownPair(pair, `could be any of ${found.map((market) => market.symbol).slice(0, MAX_CANDIDATES).join(', ')}`, []);
    throw unknownPair(pair, `is not a pair of ${this.#definition.name}`, nearCandidates(listed, base ?? '', quote ?? ''));
  }

  #isOfType(market: CcxtMarket): boolean {
    return this.#definition.marketType === 'spot' ? market.spot : market.swap && market.linear === true;
  }

  #step(market: CcxtMarket, given: string | undefined, what: string): string {
    const value = canonical(given);
    if (value === null) throw new ExchangeReadError(describeFailure({ code: 'NOT_SUPPORTED', exchangeText: `${market.symbol} has no ${what} step` }));
    if (this.#client.precisionMode === TICK_SIZE) return value;
    if (this.#client.precisionMode === DECIMAL_PLACES) return toDecimalString(new Decimal(10).pow(-Number(value)));
    throw new ExchangeReadError(describeFailure({ code: 'NOT_SUPPORTED', exchangeText: `${market.symbol} counts significant digits` }));
  }
}

function unknownPair(pair: string, rule: string, candidates: readonly string[]): ExchangeReadError {
  const hint = candidates.length === 0 ? '' : ` Near: ${candidates.join(', ')}.`;
  const failure: ExchangeFailure = { code: 'UNKNOWN_PAIR', exchangeCode: null, message: `trading_pair: ${JSON.stringify(pair.slice(0, 60))} ${rule}.${hint}`, retryAfterMs: null };
  return new ExchangeReadError(failure);
}

function nearCandidates(listed: readonly CcxtMarket[], base: string, quote: string): string[] {
  const sameBase = listed.filter((market) => market.base === base);
  const sameQuote = listed.filter((market) => market.quote === quote);
  return [...new Set([...sameBase, ...sameQuote].map((market) => `${market.base}-${market.quote}`))].slice(0, MAX_CANDIDATES);
}

/** Names of a native stop that fires a market order, on Binance's spot and USD-M markets. */
const STOP_TYPES: readonly unknown[] = ['STOP_LOSS', 'STOP_MARKET'];

function listsStops(market: CcxtMarket): boolean {
  const { orderTypes } = (market.info ?? {}) as { readonly orderTypes?: unknown };
  return Array.isArray(orderTypes) && orderTypes.some((type) => STOP_TYPES.includes(type));
}

/** Market orders have a maximum of their own, below the general one. One rule for both: large amounts go in parts anyway. */
function smallestPositive(...values: readonly (string | undefined)[]): string | null {
  const given = values.flatMap((value) => (value === undefined || value === null ? [] : [parseDecimal('market', value)]));
  const positive = given.filter((value) => value.isPositive() && !value.isZero());
  return positive.length === 0 ? null : toDecimalString(Decimal.min(...positive));
}

/** All digits without trailing zeros; null when the exchange states none. */
function canonical(value: string | number | undefined | null): string | null {
  return value === undefined || value === null ? null : toDecimalString(parseDecimal('market', value));
}
