import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, parseConfig } from '../../src/config.js';
import type { OrderPath } from '../../src/contract/order-plan.js';
import { clientOrderIdFor } from '../../src/exchanges/client-order-id.js';
import { createExchange, createMarketData } from '../../src/exchanges/create-exchange.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import { launchPaperExchange, type LaunchedPaperExchange, type LaunchOptions } from '../../src/paper/launch.js';
import type { AccountNews, ExchangePort, MarketDataPort, OrderIntent, OrderReference, TopOfBook } from '../../src/ports/exchange.js';

export const PAIR = 'BTC-USDT';
export const SYMBOL = 'BTCUSDT';
export const DEADLINE_MS = 1_000;
const CONNECTOR = 'binance_paper_trade';
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
    return parseConfig({ accounts: [{ name: 'main', connector: CONNECTOR }], connectors: { [CONNECTOR]: { restUrl, websocketUrl } }, limits });
  }

  async exchange(limits: Readonly<Record<string, number>> = {}, env: Readonly<Record<string, string>> = {}): Promise<ExchangePort> {
    const port = await createExchange(this.config(limits), { connector: CONNECTOR, account: 'main' }, { env: { ...SILENT, ...env } });
    this.#ports.push(port);
    return port;
  }

  async marketData(limits: Readonly<Record<string, number>> = {}): Promise<MarketDataPort> {
    const port = await createMarketData(this.config(limits), CONNECTOR, { env: SILENT });
    this.#ports.push(port);
    return port;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#ports.map(async (port) => await port.close()));
    await this.launched.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

let issued = 0;

/** An id no other test of this process uses. */
export function freshId(): string {
  const path: OrderPath = { workflowId: 'test/order', rootId: `test-${process.pid}`, rootCreatedAtMs: 1, path: 'order' };
  issued += 1;
  return clientOrderIdFor(path, issued);
}

export function intentOf(part: Partial<OrderIntent> = {}): OrderIntent {
  const type = part.type ?? 'LIMIT';
  return {
    pair: PAIR,
    clientOrderId: freshId(),
    side: 'BUY',
    type,
    amountBase: '0.01',
    priceQuote: type === 'MARKET' ? null : '49000',
    reduceOnly: false,
    positionAction: 'OPEN',
    deadlineMs: DEADLINE_MS,
    ...part,
  };
}

export function referenceOf(intent: OrderIntent): OrderReference {
  return { pair: intent.pair, clientOrderId: intent.clientOrderId, exchangeOrderId: null };
}

/** Collects what a subscription tells, and waits for what is expected. */
export class Recorder<T> {
  readonly all: T[] = [];
  #waiting: (() => void)[] = [];

  readonly listen = (entry: T): void => {
    this.all.push(entry);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  };

  /** Resolves with the first entry from `from` on that fits. The test's own timeout is the bound. */
  async first(fits: (entry: T) => boolean, from = 0): Promise<T> {
    for (;;) {
      const found = this.all.slice(from).find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

export type News = Recorder<AccountNews>;
export type Tops = Recorder<TopOfBook>;
