import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { openReportArchive } from '../../src/archive/open-archive.js';
import type { DcaExecutorConfig, ExecutorConfig, GridExecutorConfig, OrderExecutorConfig, PositionExecutorConfig, TripleBarrierConfig, TwapExecutorConfig } from '../../src/contract/executor-config.js';
import { QUERIES } from '../../src/contract/messages.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { startOptions } from '../../src/client/start-options.js';
import { PaperControlClient } from '../../src/paper/control-client.js';
import type { ReportArchive } from '../../src/ports/report-archive.js';
import { createExecutorId } from '../../src/schema/executor-id.js';
import { startStack } from '../../src/stack/start-stack.js';
import type { Stack, StackOptions } from '../../src/stack/stack-options.js';

export const CONNECTOR = 'binance_paper_trade';
export const ACCOUNT = 'master_account';
export const PAIR = 'BTC-USDT';
export const SYMBOL = 'BTCUSDT';

/** A stack of its own with scripted prices, and what a test does with it. */
export interface RunningStack {
  readonly stack: Stack;
  readonly client: Client;
  readonly paper: PaperControlClient;
  readonly archive: ReportArchive;
  price(bid: string, ask: string): Promise<void>;
  start(config: ExecutorConfig): Promise<string>;
  /** The live report of a running executor. */
  live(id: string): Promise<ExecutorReport>;
  /** Until the worker says that the exit of a position can fire: prices of before are none it has to follow. */
  armed(id: string): Promise<void>;
  /** The report an executor ends with. */
  closed(id: string): Promise<ExecutorReport>;
  /** Until the condition holds; fails with the last value after a bound. */
  until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean, what: string, boundMs?: number): Promise<Value>;
  stop(): Promise<void>;
}

export async function runStack(options: StackOptions = {}): Promise<RunningStack> {
  const stack = await startStack({ processes: { http: false }, ...options });
  const connection = await Connection.connect({ address: stack.temporal.address });
  const client = new Client({ connection, namespace: stack.temporal.namespace });
  const archive = await openReportArchive({ kind: 'sqlite', path: stack.archiveFile });
  const paper = new PaperControlClient(stack.paper?.controlUrl ?? '');
  const price = async (bid: string, ask: string): Promise<void> => {
    await paper.setPrice(SYMBOL, bid, ask, { bidSize: '1000', askSize: '1000' });
  };
  await price('60000', '60000.01');
  return {
    stack,
    client,
    paper,
    archive,
    price,
    start: async (config) => {
      const { workflowType, options: start } = startOptions(config);
      await client.workflow.start(workflowType, start);
      return config.id;
    },
    live: (id) => client.workflow.getHandle(id).query<ExecutorReport>(QUERIES.report),
    armed: async (id) => {
      const log = join(stack.logDirectory, 'worker.log');
      const isArmed = (line: string): boolean => line.includes('"msg":"armed"') && line.includes(`"${id}/`);
      await until(async () => (await readFile(log, 'utf8')).split('\n').some(isArmed), (armed) => armed, `${id} is armed`);
    },
    closed: async (id) => (await client.workflow.getHandle(id).result()) as ExecutorReport,
    until,
    stop: async () => {
      await archive.close();
      await connection.close();
      await stack.stop();
    },
  };
}

async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean, what: string, boundMs = 40_000): Promise<Value> {
  const deadline = Date.now() + boundMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`${what}: still not so, last value ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const BASE = { controllerId: 'main', account: ACCOUNT, connector: CONNECTOR, pair: PAIR, levelId: null, leverage: 1 } as const;

export function orderConfig(change: Partial<OrderExecutorConfig> = {}): OrderExecutorConfig {
  return {
    ...BASE,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'order_executor',
    side: 'BUY',
    amountBase: '0.01',
    executionStrategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'OPEN',
    ...change,
  };
}

export function positionConfig(change: Partial<PositionExecutorConfig> = {}, barriers: Partial<TripleBarrierConfig> = {}): PositionExecutorConfig {
  return {
    ...BASE,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'position_executor',
    side: 'BUY',
    amountBase: '0.01',
    entryPriceQuote: null,
    closing: null,
    activationBounds: [],
    tripleBarrier: {
      stopLossFraction: '0.02',
      takeProfitFraction: '0.02',
      trailingStop: null,
      timeLimitSeconds: null,
      openOrderType: 'MARKET',
      takeProfitOrderType: 'MARKET',
      targets: [],
      breakevenAfterTarget: null,
      exchangeStop: null,
      stopLossOrderType: 'MARKET',
      timeLimitOrderType: 'MARKET',
      ...barriers,
    },
    ...change,
  };
}

export function twapConfig(change: Partial<TwapExecutorConfig> = {}): TwapExecutorConfig {
  return {
    ...BASE,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'twap_executor',
    side: 'BUY',
    totalAmountQuote: '300',
    totalDurationSeconds: 2,
    orderIntervalSeconds: 1,
    mode: 'TAKER',
    limitOrderBufferFraction: null,
    orderResubmissionSeconds: null,
    catchUp: 'stretch',
    ...change,
  };
}

/** Three levels of 300, a half per cent apart and all away from the price. */
export function dcaConfig(change: Partial<DcaExecutorConfig> = {}): DcaExecutorConfig {
  return {
    ...BASE,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'dca_executor',
    side: 'BUY',
    amountsQuote: ['300', '300', '300'],
    pricesQuote: change.side === 'SELL' ? ['60300', '60600', '60900'] : ['59700', '59400', '59100'],
    mode: 'MAKER',
    activationBounds: [],
    stopLossFraction: '0.02',
    stopLossReference: 'average_entry',
    takeProfitFraction: '0.01',
    trailingStop: null,
    timeLimitSeconds: null,
    ...change,
  };
}

/** Four levels of 300, half a per cent apart, all away from the price but for the last, which is beyond it. */
export function gridConfig(change: Partial<GridExecutorConfig> = {}): GridExecutorConfig {
  const sells = change.side === 'SELL';
  return {
    ...BASE,
    id: createExecutorId(),
    createdAtMs: Date.now(),
    type: 'grid_executor',
    side: 'BUY',
    startPriceQuote: sells ? '59900' : '59200',
    endPriceQuote: sells ? '60800' : '60100',
    limitPriceQuote: null,
    totalAmountQuote: '1200',
    minSpreadFraction: '0.003',
    minOrderAmountQuote: '280',
    maxOpenOrders: 5,
    maxOrdersPerBatch: null,
    orderFrequencySeconds: 0,
    activationBoundsFraction: null,
    safeExtraSpreadFraction: '0.0001',
    takeProfitFraction: '0.002',
    coerceTakeProfitToStep: false,
    stopLossFraction: null,
    trailingStop: null,
    timeLimitSeconds: null,
    openOrderType: 'LIMIT',
    takeProfitOrderType: 'LIMIT',
    deductBaseFees: false,
    keepPosition: false,
    ...change,
  };
}
