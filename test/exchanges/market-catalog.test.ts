import { describe, expect, it } from 'vitest';
import type { CcxtClient, CcxtMarket } from '../../src/exchanges/ccxt-client.js';
import { connectorDefinition, type ConnectorDefinition } from '../../src/exchanges/connector-registry.js';
import { MarketCatalog } from '../../src/exchanges/market-catalog.js';
import { ExchangeReadError } from '../../src/ports/exchange.js';

function market(symbol: string, part: Partial<CcxtMarket> = {}): CcxtMarket {
  const [base = '', rest = ''] = symbol.split('/');
  const [quote = '', settle] = rest.split(':');
  return {
    id: symbol.replace(/[/:]/g, ''),
    symbol,
    base,
    quote,
    spot: settle === undefined,
    swap: settle !== undefined,
    linear: settle === undefined ? undefined : settle === quote,
    active: true,
    taker: 0.001,
    maker: 0.0005,
    precision: { amount: '0.00100000', price: '0.01' },
    limits: { amount: { min: '0.0010', max: '9000.00' }, cost: { min: '5.0' }, market: { max: '120.5' } },
    ...part,
  };
}

function catalog(markets: readonly CcxtMarket[], part: Partial<ConnectorDefinition> = {}, precisionMode = 4): MarketCatalog {
  const client = {
    markets: Object.fromEntries(markets.map((entry) => [entry.symbol, entry])),
    commonCurrencies: { XBT: 'BTC' },
    precisionMode,
  } as unknown as CcxtClient;
  return new MarketCatalog(client, { ...(connectorDefinition('binance') as ConnectorDefinition), ...part });
}

function refusal(read: () => unknown): ExchangeReadError {
  try {
    read();
  } catch (error) {
    if (error instanceof ExchangeReadError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const LISTED = [market('BTC/USDT'), market('BTC/USDC'), market('ETH/USDT'), market('BTC/USDT:USDT'), market('BTC/USD:BTC')];

describe('market catalog', () => {
  it('finds the one market of the right type', () => {
    expect(catalog(LISTED).market('BTC-USDT').symbol).toBe('BTC/USDT');
    expect(catalog(LISTED, { marketType: 'perpetual' }).market('BTC-USDT').symbol).toBe('BTC/USDT:USDT');
  });

  it('follows the renames of ccxt and keeps the name it was asked by', () => {
    const found = catalog(LISTED);
    expect(found.market('XBT-USDT').symbol).toBe('BTC/USDT');
    expect(found.rules('XBT-USDT')).toMatchObject({ pair: 'XBT-USDT', base: 'XBT' });
    expect(found.pairOf('BTC/USDT')).toBe('XBT-USDT');
  });

  it('takes a quote alias only where the quote itself is not listed', () => {
    const aliases = { quoteAliases: { USD: 'USDC' } };
    expect(catalog(LISTED, aliases).market('BTC-USD').symbol).toBe('BTC/USDC');
    expect(catalog([...LISTED, market('BTC/USD')], aliases).market('BTC-USD').symbol).toBe('BTC/USD');
    expect(refusal(() => catalog(LISTED).market('BTC-USD')).failure.code).toBe('UNKNOWN_PAIR');
  });

  it('names the pair of a symbol nobody asked for', () => {
    expect(catalog(LISTED).pairOf('ETH/USDT')).toBe('ETH-USDT');
    expect(catalog(LISTED).pairOf('DOGE/USDT:USDT')).toBe('DOGE-USDT');
  });

  it('refuses what it cannot tell apart, and names the candidates', () => {
    const twice = [market('BTC/USDT:USDT'), market('BTC/USDT:USDT-261225', { quote: 'USDT', linear: true })];
    expect(refusal(() => catalog(twice, { marketType: 'perpetual' }).market('BTC-USDT')).message).toMatch(/could be any of BTC\/USDT:USDT, BTC\/USDT:USDT-261225/);
  });

  it.each(['BTC/USDT', 'btc-usdt', 'BTCUSDT', '', 'BTC-USDT-X', `${'A'.repeat(500)}-USDT`])('refuses %j and says how a pair is written', (pair) => {
    const { failure } = refusal(() => catalog(LISTED).market(pair));
    expect(failure.code).toBe('UNKNOWN_PAIR');
    expect(failure.message).toContain('BASE-QUOTE');
    expect(failure.message.length).toBeLessThan(200);
  });

  it('names near pairs of one it does not list', () => {
    expect(refusal(() => catalog(LISTED).market('BTC-EUR')).message).toContain('BTC-USDT, BTC-USDC');
    expect(refusal(() => catalog(LISTED).market('DOGE-USDT')).message).toContain('ETH-USDT');
  });

  it('tells rules in plain digits, with the smaller of the two maximums', () => {
    expect(catalog(LISTED).rules('BTC-USDT')).toEqual({
      pair: 'BTC-USDT',
      base: 'BTC',
      quote: 'USDT',
      contract: 'spot',
      supportsStop: false,
      amountStepBase: '0.001',
      priceTickQuote: '0.01',
      minAmountBase: '0.001',
      maxAmountBase: '120.5',
      minNotionalQuote: '5',
      makerFeeFraction: '0.0005',
      takerFeeFraction: '0.001',
    });
  });

  it('reads steps given as a count of decimals, and refuses what counts significant digits', () => {
    const digits = [market('BTC/USDT', { precision: { amount: '3', price: '0' }, limits: {} })];
    expect(catalog(digits, {}, 2).rules('BTC-USDT')).toMatchObject({ amountStepBase: '0.001', priceTickQuote: '1', minAmountBase: '0', maxAmountBase: null, minNotionalQuote: '0' });
    expect(refusal(() => catalog(digits, {}, 3).rules('BTC-USDT')).failure.code).toBe('NOT_SUPPORTED');
    const none = [market('BTC/USDT', { precision: { amount: undefined, price: '0.1' } })];
    expect(refusal(() => catalog(none).rules('BTC-USDT')).failure.code).toBe('NOT_SUPPORTED');
  });
});
