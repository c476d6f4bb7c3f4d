import { describe, expect, it } from 'vitest';
import { auditLedger } from '../../src/audit/audit-ledger.js';
import type { AuditInput } from '../../src/audit/audit-input.js';
import type { DifferenceKind } from '../../src/audit/difference.js';
import { EARLIER_ORDERS } from '../../src/contract/session-result.js';
import { executorOf, idOf, ledgerOrder, ledgerTrade, reportOf, soundWorld, type World } from './audited-world.js';

interface Plant {
  readonly name: string;
  /** Kinds of all differences the plant must lead to, in alphabetical order. */
  readonly kinds: readonly DifferenceKind[];
  /** What some message must name. */
  readonly names: string;
  readonly plant: (world: World) => void;
}

const add = (world: World, amounts: Readonly<Record<string, string>>): void => {
  for (const [asset, amount] of Object.entries(amounts)) {
    const balance = world.ledger.balances.find((candidate) => candidate.asset === asset);
    if (balance === undefined) throw new Error(`no balance of ${asset}`);
    balance.free = amount;
  }
};

/** Every order of the position becomes the sum of its side, as the oldest of a long report do. */
const sumOrders = (world: World): SumRecord[] => {
  const sums = reportOf(world, 'long').orders as SumRecord[];
  for (const sum of sums) Object.assign(sum, { clientOrderId: `earlier/${sum.side}`, exchangeOrderId: null, state: EARLIER_ORDERS });
  return sums;
};

type SumRecord = { side: string; totals: { filledBase: string; filledQuote: string; fillCount: number } };

const PLANTS: readonly Plant[] = [
  {
    name: 'an order that nobody of ours sent',
    kinds: ['foreign-order'],
    names: 'x-manual',
    plant: (world) => void world.ledger.orders.push(ledgerOrder(9, 'x-manual', 'buy', '1', 'canceled', '0')),
  },
  {
    name: 'an order of an executor that was never started',
    kinds: ['order-without-owner'],
    names: idOf('stranger', 'order'),
    plant: (world) => void world.ledger.orders.push(ledgerOrder(9, idOf('stranger', 'order'), 'buy', '1', 'canceled', '0')),
  },
  {
    name: 'an id of the right executor from no path of its',
    kinds: ['id-not-derived'],
    names: 'executor order',
    plant: (world) => void world.ledger.orders.push(ledgerOrder(9, idOf('order', 'exit/1'), 'sell', '1', 'canceled', '0')),
  },
  {
    name: 'the same intent sent twice, one of them cancelled',
    kinds: ['intent-sent-twice'],
    names: 'order #1 of executor order',
    plant: (world) => void world.ledger.orders.unshift(ledgerOrder(0, idOf('order', 'order'), 'buy', '0.005', 'canceled', '0')),
  },
  {
    name: 'the same intent filled twice',
    kinds: ['balance-differs', 'balance-differs', 'controller-differs', 'controller-differs', 'controller-differs', 'controller-differs', 'exposed-beyond-plan', 'fees-differ', 'fill-differs', 'intent-sent-twice', 'overfilled', 'volume-differs'],
    names: idOf('order', 'order'),
    plant: (world) => {
      const order = ledgerOrder(9, idOf('order', 'order'), 'buy', '0.005');
      world.ledger.orders.push(order);
      world.ledger.trades.push(ledgerTrade(order, '0.005', '60000', 'BTC', '0.000005'));
    },
  },
  {
    name: 'an open order of an executor that ended',
    kinds: ['open-order-without-owner'],
    names: idOf('long', 'exit/1', 2),
    plant: (world) => void world.ledger.orders.push(ledgerOrder(9, idOf('long', 'exit/1', 2), 'sell', '0.01', 'new', '0')),
  },
  {
    name: 'a second entry order while the first could still fill',
    kinds: ['exposed-beyond-plan'],
    names: 'executor running',
    plant: (world) => {
      const [entry] = world.ledger.orders.filter((order) => order.orderId === 5);
      if (entry !== undefined) entry.updatedMs += 1_000;
      world.ledger.orders.push(ledgerOrder(7, idOf('running', 'entry/1', 2), 'buy', '0.001', 'canceled', '0'));
    },
  },
  {
    name: 'more bought than planned',
    kinds: ['exposed-beyond-plan', 'overfilled'],
    names: 'was to trade 0.004',
    plant: (world) => (executorOf(world, 'order').amountBase = '0.004'),
  },
  {
    name: 'more closed than opened',
    kinds: ['overclosed', 'pnl-differs', 'residue-differs', 'volume-differs', 'fees-differ', 'fill-not-reported', 'balance-differs', 'balance-differs'],
    names: 'closed 0.00001 BTC more',
    plant: (world) => {
      const order = ledgerOrder(9, idOf('long', 'exit/1', 2), 'sell', '0.00001');
      world.ledger.orders.push(order);
      world.ledger.trades.push(ledgerTrade(order, '0.00001', '61200', 'USDT', '0.000612'));
    },
  },
  {
    name: 'a close before its entry, although the sums agree in the end',
    kinds: ['overclosed'],
    names: 'executor long',
    plant: (world) => {
      const exit = world.ledger.trades.find((trade) => trade.orderId === 2);
      if (exit !== undefined) exit.tradeId = 0;
    },
  },
  {
    name: 'a position left open',
    kinds: ['balance-differs', 'balance-differs', 'fees-differ', 'fill-not-at-exchange', 'left-open', 'pnl-differs', 'residue-differs', 'volume-differs'],
    names: '0.00999 BTC still open',
    plant: (world) => {
      world.ledger.trades = world.ledger.trades.filter((trade) => trade.orderId !== 2);
      world.ledger.orders = world.ledger.orders.filter((order) => order.orderId !== 2);
    },
  },
  {
    name: 'a fill that is in no report',
    kinds: ['controller-differs', 'controller-differs', 'controller-differs', 'controller-differs', 'exposed-beyond-plan', 'fees-differ', 'fill-not-reported', 'overfilled', 'volume-differs'],
    names: `0.001 filled by order 9 (${idOf('order', 'order', 2)}`,
    plant: (world) => {
      const order = ledgerOrder(9, idOf('order', 'order', 2), 'buy', '0.001');
      world.ledger.orders.push(order);
      world.ledger.trades.push(ledgerTrade(order, '0.001', '60000', 'BTC', '0.000001'));
      add(world, { BTC: '9.986003', USDT: '100789.516612' });
    },
  },
  {
    name: 'a fill in two reports',
    kinds: ['fill-reported-twice', 'hold-differs', 'hold-differs'],
    names: 'is reported by long, refused',
    plant: (world) => {
      const [, exit] = structuredClone(reportOf(world, 'long').orders);
      if (exit !== undefined) reportOf(world, 'refused').orders.push(exit);
    },
  },
  {
    name: 'a fill in a report and with a controller that adopted the leg',
    kinds: ['fill-reported-twice'],
    names: 'is reported by long, a controller',
    plant: (world) => void world.controllers[0]?.seen.push('long/exit/1'),
  },
  {
    name: 'a reported fill that never happened',
    kinds: ['fill-not-at-exchange', 'hold-differs', 'hold-differs'],
    names: 'executor refused reports 0.01',
    plant: (world) => {
      const copy = structuredClone(reportOf(world, 'long').orders[0] as NonNullable<ReturnType<typeof reportOf>['orders'][number]>);
      copy.clientOrderId = idOf('refused', 'order');
      reportOf(world, 'refused').orders.push(copy);
    },
  },
  {
    name: 'a fill with another fee',
    kinds: ['fill-differs'],
    names: 'fees in USDT 0.6 instead of 0.611388',
    plant: (world) => void ((reportOf(world, 'long').orders[1] as { totals: { feesByAsset: Record<string, string> } }).totals.feesByAsset = { USDT: '0.6' }),
  },
  {
    name: 'a fill under another exchange order',
    kinds: ['fill-differs'],
    names: 'order 77 instead of 2',
    plant: (world) => void ((reportOf(world, 'long').orders[1] as { exchangeOrderId: string | null }).exchangeOrderId = '77'),
  },
  { name: 'a sum of earlier orders off by the last digit', kinds: ['fill-differs'], names: '0.010001 of 2 earlier fills (BUY), the exchange has 0.01 of 2', plant: (world) => sumOrders(world).forEach((sum) => sum.side === 'BUY' && (sum.totals.filledBase = '0.010001')) },
  { name: 'a sum of earlier orders that counts a fill too few', kinds: ['fill-differs'], names: '0 earlier fills (SELL)', plant: (world) => sumOrders(world).forEach((sum) => sum.side === 'SELL' && (sum.totals.fillCount = 0)) },
  { name: 'a fill that neither a line nor the sum of its side has', kinds: ['fill-differs'], names: 'executor long sums 0 of 0 earlier fills (SELL)', plant: (world) => (reportOf(world, 'long').orders as unknown) = sumOrders(world).filter(({ side }) => side === 'BUY') },
  { name: 'fees off by the last digit', kinds: ['controller-differs', 'fees-differ'], names: '1.211449', plant: (world) => (reportOf(world, 'long').fees_paid_quote = '1.211449') },
  { name: 'volume off by the last digit', kinds: ['controller-differs', 'volume-differs'], names: '1211.449', plant: (world) => (reportOf(world, 'long').volume_quote = '1211.449') },
  { name: 'P&L off by the last digit', kinds: ['controller-differs', 'pnl-differs'], names: '10.716613', plant: (world) => (reportOf(world, 'long').net_pnl_quote = '10.716613') },
  { name: 'P&L for what was handed over', kinds: ['controller-differs', 'controller-differs', 'pnl-differs'], names: 'executor order', plant: (world) => (reportOf(world, 'order').net_pnl_quote = '1') },
  { name: 'a residue that is not there', kinds: ['residue-differs'], names: 'residue_base 0.001', plant: (world) => (reportOf(world, 'long').residue_base = '0.001') },
  { name: 'a fee in a third asset, which nothing here values', kinds: ['balance-differs', 'balance-differs', 'fees-differ', 'fill-differs'], names: 'third asset', plant: (world) => void ((world.ledger.trades[2] as { feeAsset: string }).feeAsset = 'BNB') },
  { name: 'a hold that was not handed over', kinds: ['hold-differs'], names: 'executor order', plant: (world) => (reportOf(world, 'order').hold = null) },
  { name: 'a hold without one of its orders', kinds: ['hold-differs'], names: 'executor short', plant: (world) => ((reportOf(world, 'short').hold as { orders: unknown[] }).orders = []) },
  {
    name: 'a hold no controller has',
    kinds: ['controller-differs', 'controller-differs', 'controller-differs', 'controller-differs', 'hold-differs'],
    names: 'what executor short filled is held by no controller',
    plant: (world) => void ((world.controllers[0]?.positions[0] as { executorIds: string[] }).executorIds = ['order']),
  },
  { name: 'an executor that no controller counted', kinds: ['controller-differs', 'not-counted-once'], names: 'refused is counted by no controller', plant: (world) => void ((world.controllers[0] as World['controllers'][number]).seen = ['long', 'short', 'order']) },
  {
    name: 'an executor that two controllers counted',
    kinds: ['not-counted-once'],
    names: 'controllers c1, c2',
    plant: (world) => void world.controllers.push({ controllerId: 'c2', positions: [], byType: {}, seen: ['long'] }),
  },
  { name: 'a controller that holds another amount', kinds: ['controller-differs'], names: 'net base -0.015', plant: (world) => void ((world.controllers[0]?.positions[0]?.held as { netBase: string }).netBase = '-0.015') },
  { name: 'a controller that holds funding nobody brought', kinds: ['controller-differs'], names: 'funding 0.5, its reports give 0', plant: (world) => void ((world.controllers[0]?.positions[0]?.held as { fundingQuote: string }).fundingQuote = '0.5') },
  { name: 'a controller that counts another sum', kinds: ['controller-differs'], names: 'net P&L 11', plant: (world) => void ((world.controllers[0]?.byType['position_executor'] as { netPnlQuote: string }).netPnlQuote = '11') },
  { name: 'a controller that counts another win', kinds: ['controller-differs'], names: 'wins 2', plant: (world) => void ((world.controllers[0]?.byType['position_executor'] as { wins: number }).wins = 2) },
  { name: 'a controller that counts a loss nobody had', kinds: ['controller-differs'], names: 'losses 1', plant: (world) => void ((world.controllers[0]?.byType['order_executor'] as { losses: number }).losses = 1) },
  {
    name: 'a clearing of more than there was',
    kinds: ['controller-differs'],
    names: 'net base -0.015005',
    plant: (world) => void ((world.controllers[0]?.positions[0] as { cleared: unknown }).cleared = { count: 1, netBase: '-0.02', costQuote: '-1200', executorCount: 2, atMs: 1 }),
  },
  { name: 'an executor that is neither running nor reported', kinds: ['executor-missing'], names: 'executor refused', plant: (world) => (executorOf(world, 'refused').end = { kind: 'missing' }) },
  { name: 'a balance that nothing explains', kinds: ['balance-differs'], names: 'balance of USDT', plant: (world) => add(world, { USDT: '100849.516613' }) },
  { name: 'a lock that no order has', kinds: ['balance-differs'], names: 'has locked 1', plant: (world) => void Object.assign(world.ledger.balances[2] as object, { free: '6', locked: '1' }) },
  { name: 'an exchange that contradicts itself', kinds: ['ledger-inconsistent'], names: 'order 6', plant: (world) => void Object.assign(world.ledger.orders[5] as object, { filledBase: '0.0005' }) },
];

const audit = (world: World): ReturnType<typeof auditLedger> => auditLedger(world as AuditInput);

it('finds nothing in a sound world, and counts it', () => {
  expect(audit(soundWorld())).toEqual({ executors: 5, orders: 6, fills: 6, differences: [] });
});

it('takes an exit that met its own entry in the book for what it is: both sides of one trade', () => {
  const world = soundWorld();
  const entry = world.ledger.trades.findLast(({ orderId }) => orderId === 1);
  const exit = world.ledger.trades.find(({ orderId }) => orderId === 2);
  if (entry !== undefined && exit !== undefined) exit.tradeId = entry.tradeId;
  expect(audit(world).differences).toEqual([]);
});

it('takes the sums of a long report for the fills it lists no more', () => {
  const world = soundWorld();
  sumOrders(world);
  expect(audit(world).differences).toEqual([]);
});

it('takes fills of an adopted leg as owned', () => {
  const world = soundWorld();
  executorOf(world, 'short').end = { kind: 'missing' };
  const controller = world.controllers[0] as World['controllers'][number];
  controller.seen = ['long', 'order', 'refused', 'short/entry/1'];
  (controller.positions[0] as { executorIds: string[] }).executorIds = ['short/entry/1', 'order'];
  expect(audit(world).differences.map(({ kind }) => kind)).toEqual(['executor-missing']);
});

describe('finds', () => {
  it.each(PLANTS)('$name', ({ kinds, names, plant }) => {
    const world = soundWorld();
    plant(world);
    const { differences } = audit(world);
    expect(differences.map(({ kind }) => kind).sort(), differences.map(({ message }) => message).join('\n')).toEqual([...kinds].sort());
    expect(differences.map(({ message }) => message).join('\n')).toContain(names);
  });

  it('every kind of difference that exists', () => {
    const every: Readonly<Record<DifferenceKind, true>> = {
      'foreign-order': true, 'order-without-owner': true, 'id-not-derived': true, 'intent-sent-twice': true, 'open-order-without-owner': true,
      'exposed-beyond-plan': true, overfilled: true, overclosed: true, 'left-open': true, 'fill-not-reported': true, 'fill-reported-twice': true,
      'fill-not-at-exchange': true, 'fill-differs': true, 'fees-differ': true, 'volume-differs': true, 'pnl-differs': true, 'residue-differs': true,
      'hold-differs': true, 'not-counted-once': true, 'controller-differs': true, 'executor-missing': true, 'balance-differs': true, 'ledger-inconsistent': true,
    };
    expect(new Set(PLANTS.flatMap(({ kinds }) => kinds))).toEqual(new Set(Object.keys(every)));
  });
});

it('refuses to judge a market it knows nothing of', () => {
  const world = soundWorld();
  world.markets = [];
  expect(() => audit(world)).toThrow(/BTCUSDT/);
});
