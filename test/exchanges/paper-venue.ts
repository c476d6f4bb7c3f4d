import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../src/config.js';
import { createExchange, createMarketData } from '../../src/exchanges/create-exchange.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { launchPaperExchange, type LaunchedPaperExchange, type LaunchOptions } from '../../src/paper/launch.js';
import type { ExchangePort, MarketDataPort } from '../../src/ports/exchange.js';

export const SYMBOL = 'BTCUSDT';
export const SPOT_CONNECTOR = 'binance_paper_trade';
export const PERPETUAL_CONNECTOR = 'binance_perpetual_paper_trade';
const SILENT = { LOG_LEVEL: 'silent' };

/** A paper exchange in its own process, and ports that reach it through the unmodified ccxt client. */
export class PaperVenue {
  readonly control: PaperControlClient;
  readonly #ports: { close(): Promise<void> }[] = [];

  private constructor(
    readonly launched: LaunchedPaperExchange,
    readonly directory: string,
  ) {
    this.control = new PaperControlClient(launched.controlUrl);
  }

  static async start(options: Partial<LaunchOptions> = {}): Promise<PaperVenue> {
    const directory = mkdtempSync(join(tmpdir(), 'exchanges-test-'));
    const launched = await launchPaperExchange({ databaseFile: join(directory, 'ledger.db'), logLevel: 'warn', ...options });
    const venue = new PaperVenue(launched, directory);
    await venue.control.setPrice(SYMBOL, '50000', '50001');
    return venue;
  }

  config(limits: Readonly<Record<string, number>> = {}): Config {
    const { restUrl, websocketUrl } = this.launched;
    return parseConfig({ accounts: [{ name: 'main', connector: SPOT_CONNECTOR }, { name: 'main', connector: PERPETUAL_CONNECTOR }], connectors: { [SPOT_CONNECTOR]: { restUrl, websocketUrl }, [PERPETUAL_CONNECTOR]: { restUrl, websocketUrl } }, limits });
  }

  async exchange(limits: Readonly<Record<string, number>> = {}, env: Readonly<Record<string, string>> = {}, connector = SPOT_CONNECTOR): Promise<ExchangePort> {
    const port = await createExchange(this.config(limits), { connector, account: 'main' }, { env: { ...SILENT, ...env } });
    this.#ports.push(port);
    return port;
  }

  async marketData(limits: Readonly<Record<string, number>> = {}): Promise<MarketDataPort> {
    const port = await createMarketData(this.config(limits), SPOT_CONNECTOR, { env: SILENT });
    this.#ports.push(port);
    return port;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ports.map(async (port) => await port.close()));
    await this.launched.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
