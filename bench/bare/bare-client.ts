import { redirectAddresses, type AddressTree } from '../../src/exchanges/address-tree.js';
import { loadCcxtClass } from '../../src/exchanges/ccxt-class.js';
import type { CcxtClient } from '../../src/exchanges/ccxt-client.js';
import type { BareLoopSettings } from './bare-loop.js';

/** A stock ccxt client of one account, pointed at a paper exchange, without a limiter. */
export async function createBareClient(settings: BareLoopSettings): Promise<CcxtClient> {
  const Binance = await loadCcxtClass('binance');
  const client = new Binance({
    apiKey: settings.apiKey,
    secret: settings.secret,
    enableRateLimit: false,
    newUpdates: true,
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false, tradesLimit: 5_000 },
  });
  const tree = redirectAddresses(client.urls['api'] as AddressTree, settings);
  const ws = typeof tree === 'string' ? {} : (tree['ws'] as Record<string, AddressTree>);
  // ccxt takes a socket for a spot one when its address contains `/stream`.
  client.urls = { ...client.urls, api: { ...(tree as object), ws: { ...ws, spot: `${settings.websocketUrl}/stream/ws` } } };
  await client.loadHttpProxyAgent();
  await client.loadMarkets();
  return client;
}
