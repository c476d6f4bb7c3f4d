import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PaperControlClient, type StatusView } from '../../src/paper/control-client.js';
import { type LaunchOptions, type LaunchedPaperExchange, launchPaperExchange } from '../../src/paper/launch.js';
import { type StockClient, type StockClientOptions, createStockClient } from './stock-client.js';
import { type StockFuturesClient, createStockFuturesClient } from './stock-futures-client.js';

type Launch = Omit<LaunchOptions, 'databaseFile'>;

/** A paper exchange process in a temporary folder, with everything a test uses on it. */
export class LaunchedExchange {
  private readonly clients: { close(): Promise<unknown> }[] = [];

  private constructor(
    readonly folder: string,
    private readonly options: Launch,
    public process: LaunchedPaperExchange,
    public control: PaperControlClient,
  ) {}

  static async start(options: Launch = {}): Promise<LaunchedExchange> {
    const folder = mkdtempSync(join(tmpdir(), 'paper-exchange-'));
    const process = await launchPaperExchange({ databaseFile: join(folder, 'paper.db'), logLevel: 'warn', ...options });
    return new LaunchedExchange(folder, options, process, new PaperControlClient(process.controlUrl));
  }

  async client(options: StockClientOptions = {}): Promise<StockClient> {
    const client = await createStockClient(this.process, options);
    this.clients.push(client);
    await client.loadMarkets();
    return client;
  }

  async futuresClient(options: StockClientOptions = {}): Promise<StockFuturesClient> {
    const client = await createStockFuturesClient(this.process, options);
    this.clients.push(client);
    await client.loadMarkets();
    return client;
  }

  /** Streams and accounts that are subscribed now. */
  readonly subscriptions = async (): Promise<StatusView['subscriptions']> => (await this.control.status()).subscriptions;

  /** SIGKILL. `restart` continues on the same file and ports. */
  async kill(): Promise<void> {
    await this.process.kill();
  }

  async restart(changed: Launch = {}): Promise<void> {
    const { restUrl, controlUrl } = this.process;
    const ports = { port: Number(new URL(restUrl).port), controlPort: Number(new URL(controlUrl).port) };
    const databaseFile = join(this.folder, 'paper.db');
    this.process = await launchPaperExchange({ databaseFile, logLevel: 'warn', ...this.options, ...ports, ...changed });
    this.control = new PaperControlClient(this.process.controlUrl);
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    await this.process.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Writes a JSON file into a folder of its own and returns its path. */
export function jsonFile(content: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'paper-exchange-')), 'content.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}
