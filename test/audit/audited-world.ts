import type { AuditedExecutor, AuditedMarket, AuditInput, LedgerOrder, LedgerTrade, PerpetualLedger } from '../../src/audit/audit-input.js';
import type { ControllerState } from '../../src/contract/controller.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import type { OrderRecord } from '../../src/contract/session-result.js';
import { clientOrderIdFor } from '../../src/exchanges/client-order-id.js';

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends object | null ? Mutable<T[Key]> : T[Key] };
export type World = Mutable<AuditInput>;

export const CREATED = 1_700_000_000_000;

export function idOf(executor: string, path: string, sequence = 1): string {
  return clientOrderIdFor({ workflowId: '', rootId: executor, rootCreatedAtMs: CREATED, path }, sequence);
}

let nextTradeId = 1;

export function ledgerOrder(orderId: number, clientOrderId: string, side: 'buy' | 'sell', amountBase: string, state: LedgerOrder['state'] = 'filled', filledBase = amountBase): LedgerOrder {
  return { orderId, account: 'paper', symbol: 'BTCUSDT', clientOrderId, side, amountBase, filledBase, state, lockedAsset: side === 'buy' ? 'USDT' : 'BTC', locked: '0', createdMs: CREATED + orderId * 10, updatedMs: CREATED + orderId * 10 + 5 };
}

export function ledgerTrade(order: LedgerOrder, amountBase: string, priceQuote: string, feeAsset: string, feeAmount: string): LedgerTrade {
  nextTradeId += 1;
  return { tradeId: nextTradeId, orderId: order.orderId, account: 'paper', symbol: 'BTCUSDT', clientOrderId: order.clientOrderId, side: order.side, priceQuote, amountBase, feeAsset, feeAmount, timeMs: order.createdMs };
}

interface Sums {
  readonly filledBase: string;
  readonly filledQuote: string;
  readonly feesBase: string;
  readonly feesQuote: string;
  readonly feesByAsset: Readonly<Record<string, string>>;
  readonly fillCount: number;
}

export function record(order: LedgerOrder, purpose: OrderRecord['purpose'], sums: Sums): OrderRecord {
  const side = order.side === 'buy' ? 'BUY' : 'SELL';
  const totals = { ...sums, firstFillAtMs: order.createdMs, lastFillAtMs: order.createdMs };
  return { clientOrderId: order.clientOrderId, exchangeOrderId: String(order.orderId), purpose, side, type: 'MARKET', amountBase: order.amountBase, priceQuote: null, state: order.state, totals };
}

export function report(id: string, type: AuditedExecutor['type'], change: Partial<ExecutorReport>): ExecutorReport {
  const base: ExecutorReport = {
    executor_id: id,
    executor_type: type,
    controller_id: 'c1',
    account_name: 'master_account',
    connector_name: 'binance_paper_trade',
    trading_pair: 'BTC-USDT',
    side: 'BUY',
    status: 'TERMINATED',
    close_type: 'POSITION_HOLD',
    outcome: 'COMPLETED',
    net_pnl_quote: '0',
    net_pnl_pct: '0',
    fees_paid_quote: '0',
    volume_quote: '0',
    filled_amount_quote: '0',
    duration_seconds: '1',
    created_at_ms: CREATED,
    closed_at_ms: CREATED + 1_000,
    is_trading: false,
    needs_attention: false,
    error_count: 0,
    last_error: null,
    config: {},
    custom_info: {},
    orders: [],
    residue_base: '0',
    hold: null,
    why: [],
  };
  return { ...base, ...change };
}

function holdOf(orders: readonly OrderRecord[]): ExecutorReport['hold'] {
  return { connector: 'binance_paper_trade', account: 'master_account', pair: 'BTC-USDT', positionSide: null, orders, fundingQuote: '0' };
}

/**
 * Five executors whose numbers were worked out by hand: a long closed with profit, a short and an order handed to the
 * controller, an order that never sent anything, and a running position with a resting take profit. No difference.
 */
export function soundWorld(): World {
  const entry = ledgerOrder(1, idOf('long', 'entry/1'), 'buy', '0.01');
  const exit = ledgerOrder(2, idOf('long', 'exit/1'), 'sell', '0.00999');
  const short = ledgerOrder(3, idOf('short', 'entry/1'), 'sell', '0.02');
  const bought = ledgerOrder(4, idOf('order', 'order'), 'buy', '0.005');
  const runningEntry = ledgerOrder(5, idOf('running', 'entry/1'), 'buy', '0.001');
  const runningExit = { ...ledgerOrder(6, idOf('running', 'exit/1'), 'sell', '0.00099', 'new', '0'), locked: '0.00099' };
  const longOrders = [
    record(entry, 'work', { filledBase: '0.01', filledQuote: '600.06', feesBase: '0.00001', feesQuote: '0.60006', feesByAsset: { BTC: '0.00001' }, fillCount: 2 }),
    record(exit, 'close', { filledBase: '0.00999', filledQuote: '611.388', feesBase: '0', feesQuote: '0.611388', feesByAsset: { USDT: '0.611388' }, fillCount: 1 }),
  ];
  const shortOrders = [record(short, 'work', { filledBase: '0.02', filledQuote: '1200', feesBase: '0', feesQuote: '1.2', feesByAsset: { USDT: '1.2' }, fillCount: 1 })];
  const orderOrders = [record(bought, 'work', { filledBase: '0.005', filledQuote: '300', feesBase: '0.000005', feesQuote: '0.3', feesByAsset: { BTC: '0.000005' }, fillCount: 1 })];
  const executor = (id: string, type: AuditedExecutor['type'], side: 'BUY' | 'SELL', amountBase: string, change: Partial<ExecutorReport> | null): AuditedExecutor => ({
    id,
    type,
    createdAtMs: CREATED,
    side,
    amountBase,
    end: change === null ? { kind: 'running' } : { kind: 'closed', report: report(id, type, { side, ...change }) },
  });
  return structuredClone({
    ledger: {
      orders: [entry, exit, short, bought, runningEntry, runningExit],
      trades: [
        ledgerTrade(entry, '0.004', '60000', 'BTC', '0.000004'),
        ledgerTrade(entry, '0.006', '60010', 'BTC', '0.000006'),
        ledgerTrade(exit, '0.00999', '61200', 'USDT', '0.611388'),
        ledgerTrade(short, '0.02', '60000', 'USDT', '1.2'),
        ledgerTrade(bought, '0.005', '60000', 'BTC', '0.000005'),
        ledgerTrade(runningEntry, '0.001', '60000', 'BTC', '0.000001'),
      ],
      // BTC: 10 + 0.01 - 0.00001 - 0.00999 - 0.02 + 0.005 - 0.000005 + 0.001 - 0.000001
      // USDT: 100000 - 600.06 + 611.388 - 0.611388 + 1200 - 1.2 - 300 - 60
      balances: [
        { account: 'paper', asset: 'BTC', free: '9.985004', locked: '0.00099' },
        { account: 'paper', asset: 'USDT', free: '100849.516612', locked: '0' },
        { account: 'paper', asset: 'BNB', free: '7', locked: '0' },
      ],
      transfers: [
        { kind: 'deposit', account: 'paper', asset: 'BTC', amount: '10' },
        { kind: 'deposit', account: 'paper', asset: 'USDT', amount: '100000' },
        { kind: 'deposit', account: 'paper', asset: 'BNB', amount: '10' },
        { kind: 'withdrawal', account: 'paper', asset: 'BNB', amount: '3' },
      ],
      perpetual: { positions: [], wallets: [], incomes: [] } as PerpetualLedger,
    },
    markets: [{ contract: 'spot' as AuditedMarket['contract'], symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', amountStepBase: '0.00001', minAmountBase: '0.00001', minNotionalQuote: '5' }],
    executors: [
      // 611.388 - 600.06 * 0.00999 / 0.01 - 0.60006 - 0.611388
      executor('long', 'position_executor', 'BUY', '0.01', { close_type: 'TAKE_PROFIT', net_pnl_quote: '10.716612', fees_paid_quote: '1.211448', volume_quote: '1211.448', orders: longOrders }),
      executor('short', 'position_executor', 'SELL', '0.02', { fees_paid_quote: '1.2', volume_quote: '1200', orders: shortOrders, hold: holdOf(shortOrders) }),
      executor('order', 'order_executor', 'BUY', '0.005', { fees_paid_quote: '0.3', volume_quote: '300', orders: orderOrders, hold: holdOf(orderOrders) }),
      executor('refused', 'order_executor', 'BUY', '0.5', { close_type: 'INSUFFICIENT_BALANCE', outcome: 'REFUSED' }),
      executor('running', 'position_executor', 'BUY', '0.001', null),
    ],
    controllers: [controller()],
  }) as World;
}

function controller(): ControllerState {
  return {
    controllerId: 'c1',
    positions: [
      {
        account: 'master_account',
        connector: 'binance_paper_trade',
        pair: 'BTC-USDT',
        positionSide: null,
        cleared: null,
        held: { netBase: '-0.015005', openCostQuote: '900.3', realizedPnlQuote: '0', feesQuote: '1.5', fundingQuote: '0', volumeQuote: '1500', matchedBase: '0.004995', boughtBase: '0.004995', boughtQuote: '299.7', soldBase: '0.02', soldQuote: '1200' },
        executorIds: ['short', 'order'],
        executorCount: 2,
        lastUpdatedMs: CREATED,
      },
    ],
    byType: {
      position_executor: { executors: 2, netPnlQuote: '10.716612', feesQuote: '2.411448', volumeQuote: '2411.448', wins: 1, losses: 0, closeTypes: { TAKE_PROFIT: 1, POSITION_HOLD: 1 } },
      order_executor: { executors: 2, netPnlQuote: '0', feesQuote: '0.3', volumeQuote: '300', wins: 0, losses: 0, closeTypes: { POSITION_HOLD: 1, FAILED: 1 } },
    },
    seen: ['long', 'short', 'order', 'refused'],
  };
}

export function executorOf(world: World, id: string): World['executors'][number] {
  const found = world.executors.find((executor) => executor.id === id);
  if (found === undefined) throw new Error(`no executor ${id}`);
  return found;
}

export function reportOf(world: World, id: string): Mutable<ExecutorReport> {
  const { end } = executorOf(world, id);
  if (end.kind !== 'closed') throw new Error(`executor ${id} has no report`);
  return end.report;
}
