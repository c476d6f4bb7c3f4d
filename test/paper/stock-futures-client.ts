import ccxt from 'ccxt';
import type { PaperExchangeAddress } from '../../src/paper/paper-exchange.js';
import type { StockClientOptions } from './stock-client.js';

export type StockFuturesClient = InstanceType<typeof ccxt.pro.binanceusdm>;

/** The unmodified ccxt `binanceusdm` client with string numbers, pointed at a paper exchange and nowhere else. */
export async function createStockFuturesClient(
  address: Pick<PaperExchangeAddress, 'restUrl' | 'websocketUrl'>,
  options: StockClientOptions = {},
): Promise<StockFuturesClient> {
  const unreachable = 'http://127.0.0.1:9';
  const { urls } = new ccxt.pro.binanceusdm().describe() as { urls: { api: Record<string, unknown> } };
  const api: Record<string, unknown> = {};
  for (const name of Object.keys(urls.api)) if (name !== 'ws') api[name] = unreachable;
  for (const [suffix, version] of [['', 'v1'], ['V2', 'v2'], ['V3', 'v3']]) {
    for (const access of ['Public', 'Private']) api[`fapi${access}${suffix}`] = `${address.restUrl}/fapi/${version}`;
  }
  // The address must end in "/ws" and must not contain "/stream": by that the client tells perpetuals from spot.
  api['ws'] = { future: `${address.websocketUrl}/usdm/ws` };
  const client = new ccxt.pro.binanceusdm({
    apiKey: options.apiKey ?? 'paper-key',
    secret: options.secret ?? 'paper-secret',
    enableRateLimit: false,
    urls: { api },
    options: { fetchCurrencies: false, recvWindow: options.recvWindow ?? 60_000 },
  } as never);
  (client as unknown as { number: unknown }).number = String;
  const errors = (client as unknown as { exceptions: { exact: object; linear: { exact: object } } }).exceptions;
  // The codes of the perpetual market are only looked up behind Binance's own addresses.
  Object.assign(errors.exact, errors.linear.exact);
  // Without the proxy agents a plain ws:// address is refused.
  await (client as unknown as { loadHttpProxyAgent(): Promise<unknown> }).loadHttpProxyAgent();
  return client;
}
