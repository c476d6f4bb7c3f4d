import ccxt from 'ccxt';
import type { PaperExchangeAddress } from '../../src/paper/paper-exchange.js';

export type StockClient = InstanceType<typeof ccxt.pro.binance>;

export interface StockClientOptions {
  readonly apiKey?: string;
  readonly secret?: string;
  readonly recvWindow?: number;
}

/** The unmodified ccxt `binance` client with string numbers, pointed at a paper exchange and nowhere else. */
export async function createStockClient(
  address: Pick<PaperExchangeAddress, 'restUrl' | 'websocketUrl'>,
  options: StockClientOptions = {},
): Promise<StockClient> {
  const unreachable = 'http://127.0.0.1:9';
  const { urls } = new ccxt.pro.binance().describe() as { urls: { api: Record<string, unknown> } };
  const api: Record<string, unknown> = {};
  for (const name of Object.keys(urls.api)) if (name !== 'ws') api[name] = unreachable;
  Object.assign(api, {
    public: `${address.restUrl}/api/v3`,
    private: `${address.restUrl}/api/v3`,
    sapi: `${address.restUrl}/sapi/v1`,
    ws: {
      spot: `${address.websocketUrl}/stream/ws`,
      'ws-api': { spot: `${address.websocketUrl}/ws-api/v3` },
    },
  });
  const client = new ccxt.pro.binance({
    apiKey: options.apiKey ?? 'paper-key',
    secret: options.secret ?? 'paper-secret',
    enableRateLimit: false,
    urls: { api },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchCurrencies: false,
      fetchMargins: false,
      recvWindow: options.recvWindow ?? 5_000,
    },
  } as never);
  (client as unknown as { number: unknown }).number = String;
  // Without the proxy agents a plain ws:// address is refused.
  await (client as unknown as { loadHttpProxyAgent(): Promise<unknown> }).loadHttpProxyAgent();
  return client;
}
