import type { ClientOrderIdRender } from './client-order-id.js';

export type MarketType = 'spot' | 'perpetual';

/** A live connector trades with real money, a testnet one on the exchange's own test system, a paper one on our own. */
export type ConnectorKind = 'live' | 'testnet' | 'paper';

/** One connector: the name existing clients use for it, and the ccxt class that serves it. */
export interface ConnectorDefinition {
  readonly name: string;
  readonly ccxtId: string;
  readonly marketType: MarketType;
  readonly kind: ConnectorKind;
  /** Form in which this exchange takes client order ids. */
  readonly clientOrderIdRender: ClientOrderIdRender;
  /** Quotes of our pairs that this exchange lists under another asset. */
  readonly quoteAliases: Readonly<Record<string, string>>;
  /** Why it cannot be used yet; null when it can. */
  readonly unavailable: string | null;
}

export const DEFAULT_CONNECTOR = 'binance_paper_trade';

const NOT_PROVEN = 'its order look-up by client order id is not proven yet, and nothing may be sent that cannot be looked up';
const NO_PERPETUALS = 'its perpetual market is not supported yet';

const NONE: Readonly<Record<string, string>> = {};
const USD_IS_USDC: Readonly<Record<string, string>> = { USD: 'USDC' };

type Row = readonly [name: string, ccxtId: string, render?: ClientOrderIdRender, quoteAliases?: Readonly<Record<string, string>>];

/** Spot connectors, by the names of the Hummingbot ecosystem. */
const SPOT: readonly Row[] = [
  ['binance', 'binance'],
  ['bybit', 'bybit'],
  ['okx', 'okx'],
  ['kucoin', 'kucoin'],
  ['gate_io', 'gate'],
  ['kraken', 'kraken', 'uuid'],
  ['coinbase_advanced_trade', 'coinbase', 'uuid'],
  ['mexc', 'mexc'],
  ['bitget', 'bitget'],
  ['htx', 'htx'],
  ['bing_x', 'bingx'],
  ['bitrue', 'bitrue'],
  ['bitstamp', 'bitstamp'],
  ['btc_markets', 'btcmarkets'],
  ['foxbit', 'foxbit', 'u63'],
  ['gemini', 'gemini'],
  ['ndax', 'ndax', 'u63'],
  ['backpack', 'backpack', 'u32'],
  ['hyperliquid', 'hyperliquid', 'hex128', USD_IS_USDC],
  ['derive', 'derive'],
  ['lighter', 'lighter', 'u63'],
];

const PERPETUAL: readonly Row[] = [
  ['binance_perpetual', 'binanceusdm'],
  ['bybit_perpetual', 'bybit'],
  ['okx_perpetual', 'okx'],
  ['kucoin_perpetual', 'kucoinfutures'],
  ['gate_io_perpetual', 'gate'],
  ['bitget_perpetual', 'bitget'],
  ['backpack_perpetual', 'backpack', 'u32'],
  ['hyperliquid_perpetual', 'hyperliquid', 'hex128', USD_IS_USDC],
  ['derive_perpetual', 'derive'],
  ['lighter_perpetual', 'lighter', 'u63', USD_IS_USDC],
  ['dydx_v4_perpetual', 'dydx', 'u32', USD_IS_USDC],
  ['grvt_perpetual', 'grvt', 'u64'],
  ['pacifica_perpetual', 'pacifica', 'uuid'],
];

/** Live connectors on which every call that names an order is proven to put our id on the wire. */
const PROVEN: ReadonlySet<string> = new Set(['binance', 'binance_perpetual']);

function live([name, ccxtId, render = 'text27', quoteAliases = NONE]: Row, marketType: MarketType): ConnectorDefinition {
  const unavailable = PROVEN.has(name) ? null : marketType === 'perpetual' ? NO_PERPETUALS : NOT_PROVEN;
  return { name, ccxtId, marketType, kind: 'live', clientOrderIdRender: render, quoteAliases, unavailable };
}

const binance = { ccxtId: 'binance', marketType: 'spot', clientOrderIdRender: 'text27', quoteAliases: NONE, unavailable: null } as const;

const binancePerpetual = { ...binance, ccxtId: 'binanceusdm', marketType: 'perpetual' } as const;

/**
 * Instances of the paper exchange, each a market with accounts, fees and prices of its own. All of them speak the wire of
 * Binance; the second is named after another exchange because a name is all that tells them apart.
 */
const PAPER: readonly ConnectorDefinition[] = [
  { ...binance, name: DEFAULT_CONNECTOR, kind: 'paper' },
  { ...binancePerpetual, name: 'binance_perpetual_paper_trade', kind: 'paper' },
  { ...binance, name: 'kucoin_paper_trade', kind: 'paper' },
  { ...binancePerpetual, name: 'kucoin_perpetual_paper_trade', kind: 'paper' },
];

const DEFINITIONS: readonly ConnectorDefinition[] = [
  ...PAPER,
  { ...binance, name: 'binance_testnet', kind: 'testnet' },
  { ...binancePerpetual, name: 'binance_perpetual_testnet', kind: 'testnet' },
  ...SPOT.map((row) => live(row, 'spot')),
  ...PERPETUAL.map((row) => live(row, 'perpetual')),
];

const BY_NAME: ReadonlyMap<string, ConnectorDefinition> = new Map(DEFINITIONS.map((definition) => [definition.name, definition]));

/** Every connector name this program knows, available or not. */
export function connectorDefinitions(): readonly ConnectorDefinition[] {
  return DEFINITIONS;
}

/** Undefined for a name this program does not know. */
export function connectorDefinition(name: string): ConnectorDefinition | undefined {
  return BY_NAME.get(name);
}
