import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'vitest';
import { parseConfig } from '../../../src/config.js';
import { createExchange } from '../../../src/exchanges/create-exchange.js';
import { createLogger } from '../../../src/logger.js';
import { PaperControlClient } from '../../../src/paper/control-client.js';
import type { FaultInput } from '../../../src/paper/control/schemas.js';
import { type LaunchedPaperExchange, launchPaperExchange } from '../../../src/paper/launch.js';
import { type ExchangeFailure, type ExchangePort, ExchangeReadError, type LookUpOutcome, type OrderIntent } from '../../../src/ports/exchange.js';
import { PAIR, referenceOf } from '../port-inputs.js';

export const SYMBOL = 'BTCUSDT';
/** As long and as random as the real ones, so that a leak looks like a leak. */
export const API_KEY = 'Qw3rTyUiOp5AsDfGh7JkLzXcVb9NmQw3rTyUiOp5AsDfGh7JkLzXcVb9NmAbCdEf';
const SECRET = 'Zx9CvBnMa8SdFgHjK7lQwErTy6UiOpZx5CvBnMa4SdFgHjK3lQwErTy2UiOpGhIj';

/** Requests that place an order, and the others that are about one. */
export const NEW_ORDER = { method: 'POST', route: '/api/v3/order' } as const;
export const CANCEL = { method: 'DELETE', route: '/api/v3/order' } as const;
export const LOOK_UP = { method: 'GET', route: '/api/v3/order' } as const;

/**
 * What every port-level card stands on: a paper exchange in its own process, and the unmodified ccxt client behind our
 * adapter, with credentials that must appear in no text and a log that is kept.
 */
export class CardBench {
  readonly control: PaperControlClient;
  port!: ExchangePort;
  #log = '';

  private constructor(
    readonly launched: LaunchedPaperExchange,
    private readonly folder: string,
  ) {
    this.control = new PaperControlClient(launched.controlUrl);
  }

  static async start(): Promise<CardBench> {
    const folder = mkdtempSync(join(tmpdir(), 'fault-cards-'));
    const accountsFile = join(folder, 'accounts.json');
    const balances = { USDT: '1000000', BTC: '100', BNB: '10' };
    writeFileSync(accountsFile, JSON.stringify([{ name: 'main', apiKey: API_KEY, secret: SECRET, balances, perpetualBalances: { USDT: '1000000' } }]));
    const launched = await launchPaperExchange({ databaseFile: join(folder, 'ledger.db'), accountsFile, logLevel: 'warn' });
    const bench = new CardBench(launched, folder);
    await bench.control.setPrice(SYMBOL, '50000', '50001');
    bench.port = await bench.connect('binance_paper_trade');
    return bench;
  }

  /** A further client of the same account. `binance` is the live connector, pointed at the paper exchange. */
  async connect(connector: 'binance_paper_trade' | 'binance_perpetual_paper_trade' | 'binance', limits: { readonly requestDeadlineMs?: number; readonly silentAccountStreamMs?: number } = {}): Promise<ExchangePort> {
    const { restUrl, websocketUrl } = this.launched;
    const config = parseConfig({
      accounts: [{ name: 'main', connector, credentials: { apiKeyEnv: 'CARD_KEY', secretEnv: 'CARD_SECRET' } }],
      connectors: { [connector]: { restUrl, websocketUrl } },
      limits,
    });
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#log += chunk.toString();
        done();
      },
    });
    const env = { LOG_LEVEL: 'debug', CARD_KEY: API_KEY, CARD_SECRET: SECRET };
    const logger = createLogger({ name: 'card', env, destination });
    const port = await createExchange(config, { connector, account: 'main' }, { env, logger });
    await port.rules(PAIR);
    return port;
  }

  arm(fault: FaultInput): Promise<unknown> {
    return this.control.armFault(fault);
  }

  /** Puts everything back to health between two cards. */
  async heal(): Promise<void> {
    await this.control.clearFaults();
    await this.control.setPrice(SYMBOL, '50000', '50001');
    for (const order of await this.control.orders({ state: 'new' })) await this.control.cancelOrder({ orderId: order.orderId });
  }

  /** How many orders of this id the exchange committed. */
  async committed(intent: OrderIntent): Promise<number> {
    return (await this.control.orders({ clientOrderId: intent.clientOrderId })).length;
  }

  lookUp(intent: OrderIntent): Promise<LookUpOutcome> {
    return this.port.lookUp(referenceOf(intent));
  }

  /** Everything this bench's clients ever logged, at the most talkative level. */
  get log(): string {
    return this.#log;
  }

  async stop(): Promise<void> {
    await this.port.close();
    await this.launched.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** No address, key, secret or signature. */
export function expectNoSecret(text: string): void {
  expect(text).not.toContain(API_KEY);
  expect(text).not.toContain(SECRET);
  expect(text).not.toMatch(/signature=(?!\[redacted\])|[0-9a-f]{64}/);
}

/** As `expectNoSecret`, and no address at all: such texts reach histories and answers. */
export function expectTellable(failure: ExchangeFailure): void {
  expectNoSecret(failure.message);
  expect(failure.message).not.toMatch(/https?:\/\/|127\.0\.0\.1|signature/);
  expect(failure.message.length).toBeGreaterThan(20);
}

/** The failure of whatever a port said or threw; fails when it did not. */
export function failureOf(outcome: object): ExchangeFailure {
  if (!('failure' in outcome)) throw new Error(`no failure in ${JSON.stringify(outcome)}`);
  return outcome.failure as ExchangeFailure;
}

/** The failure a read ends with. */
export async function readFailure(read: Promise<unknown>): Promise<ExchangeFailure> {
  const thrown = await read.then(() => null, (error: unknown) => error);
  expect(thrown).toBeInstanceOf(ExchangeReadError);
  return (thrown as ExchangeReadError).failure;
}
