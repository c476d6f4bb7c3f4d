import { describe, expect, it } from 'vitest';
import { auditLedger } from '../../src/audit/audit-ledger.js';
import type { AuditInput, ExchangeLedger, LedgerOrder, LedgerTrade } from '../../src/audit/audit-input.js';
import type { DifferenceKind } from '../../src/audit/difference.js';
import { joinExchanges } from '../../src/audit/join-exchanges.js';
import type { ExecutorReport } from '../../src/contract/report.js';
import { CREATED, idOf, ledgerOrder, ledgerTrade, record, report, type Mutable } from './audited-world.js';

const FIRST = 'binance_paper_trade';
const SECOND = 'kucoin_paper_trade';
const BTC = { contract: 'spot', symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', amountStepBase: '0.00001', minAmountBase: '0.00001', minNotionalQuote: '5' } as const;

interface World {
  readonly first: { readonly orders: LedgerOrder[]; readonly trades: LedgerTrade[] };
  readonly second: { readonly orders: LedgerOrder[]; readonly trades: LedgerTrade[] };
  readonly reports: Readonly<Record<'hedged' | 'ahead', Mutable<ExecutorReport>>>;
}

/**
 * A XEMM that bought 0.02 on the first exchange and sold it on the second, and an arbitrage whose sale stopped at half of what
 * was bought; fees in quote, numbers worked out by hand. Order 1 of either exchange is another order.
 */
function soundWorld(): World {
  const maker = ledgerOrder(1, idOf('hedged', 'maker/1'), 'buy', '0.02');
  const hedge = { ...ledgerOrder(1, idOf('hedged', 'hedge/1'), 'sell', '0.02'), createdMs: maker.createdMs + 5 };
  const bought = ledgerOrder(2, idOf('ahead', 'buy/1'), 'buy', '0.01');
  const sold = ledgerOrder(2, idOf('ahead', 'sell/1'), 'sell', '0.01', 'canceled', '0.005');
  const sums = (base: string, quote: string, fees: string) => ({ filledBase: base, filledQuote: quote, feesBase: '0', feesQuote: fees, feesByAsset: { USDT: fees }, fillCount: 1 });
  const hedgedOrders = [record(maker, 'work', sums('0.02', '1200', '1.2')), record(hedge, 'work', sums('0.02', '1206', '1.206'))];
  const aheadOrders = [record(bought, 'work', sums('0.01', '600', '0.6')), record(sold, 'work', sums('0.005', '301', '0.301'))];
  const held = record(bought, 'work', { ...sums('0.005', '300', '0'), feesByAsset: {} });
  return {
    first: { orders: [maker, bought], trades: [ledgerTrade(maker, '0.02', '60000', 'USDT', '1.2'), ledgerTrade(bought, '0.01', '60000', 'USDT', '0.6')] },
    second: { orders: [hedge, sold], trades: [ledgerTrade(hedge, '0.02', '60300', 'USDT', '1.206'), ledgerTrade(sold, '0.005', '60200', 'USDT', '0.301')] },
    reports: {
      hedged: { ...report('hedged', 'xemm_executor', { close_type: 'COMPLETED', net_pnl_quote: '3.594', fees_paid_quote: '2.406', volume_quote: '2406', orders: hedgedOrders }) },
      ahead: { ...report('ahead', 'arbitrage_executor', { close_type: 'POSITION_HOLD', net_pnl_quote: '0.099', fees_paid_quote: '0.901', volume_quote: '901', orders: aheadOrders, hold: { connector: FIRST, account: 'master_account', pair: 'BTC-USDT', positionSide: null, orders: [held], fundingQuote: '0' } }) },
    } as World['reports'],
  };
}

function audit(world: World): ReturnType<typeof auditLedger> {
  const ledger = ({ orders, trades }: World['first']): ExchangeLedger => ({ orders, trades, balances: balancesOf(trades), transfers: DEPOSITS, perpetual: { positions: [], wallets: [], incomes: [] } });
  const markets = { buying: `${FIRST}/BTCUSDT`, selling: `${SECOND}/BTCUSDT` };
  const input: AuditInput = {
    ...joinExchanges([{ name: FIRST, ledger: ledger(world.first), markets: [BTC] }, { name: SECOND, ledger: ledger(world.second), markets: [BTC] }]),
    executors: [
      { id: 'hedged', type: 'xemm_executor', createdAtMs: CREATED, side: 'BUY', amountBase: '0.02', markets, end: { kind: 'closed', report: world.reports.hedged as ExecutorReport } },
      { id: 'ahead', type: 'arbitrage_executor', createdAtMs: CREATED, side: 'BUY', amountBase: '0.01', markets, end: { kind: 'closed', report: world.reports.ahead as ExecutorReport } },
    ],
    controllers: [CONTROLLER],
  };
  return auditLedger(structuredClone(input));
}

const DEPOSITS = [{ kind: 'deposit', account: 'paper', asset: 'BTC', amount: '10' }, { kind: 'deposit', account: 'paper', asset: 'USDT', amount: '100000' }] as const;

/** In whole units of 1e-9, which all amounts here are. */
function balancesOf(trades: readonly LedgerTrade[]): ExchangeLedger['balances'] {
  const units = (text: string): number => Math.round(Number(text) * 1e9);
  let [base, quote] = [units('10'), units('100000')];
  for (const { side, amountBase, priceQuote, feeAmount } of trades) {
    const sign = side === 'buy' ? 1 : -1;
    base += sign * units(amountBase);
    quote -= sign * units(String(Number(amountBase) * Number(priceQuote)));
    quote -= units(feeAmount);
  }
  return [{ account: 'paper', asset: 'BTC', free: (base / 1e9).toFixed(9), locked: '0' }, { account: 'paper', asset: 'USDT', free: (quote / 1e9).toFixed(9), locked: '0' }];
}

const CONTROLLER: AuditInput['controllers'][number] = {
  controllerId: 'c1',
  positions: [
    {
      account: 'master_account',
      connector: FIRST,
      pair: 'BTC-USDT',
      positionSide: null,
      cleared: null,
      held: { netBase: '0.005', openCostQuote: '300', realizedPnlQuote: '0', feesQuote: '0', fundingQuote: '0', volumeQuote: '300', matchedBase: '0', boughtBase: '0.005', boughtQuote: '300', soldBase: '0', soldQuote: '0' },
      executorIds: ['ahead'],
      executorCount: 1,
      lastUpdatedMs: CREATED,
    },
  ],
  byType: {
    xemm_executor: { executors: 1, netPnlQuote: '3.594', feesQuote: '2.406', volumeQuote: '2406', wins: 1, losses: 0, closeTypes: { COMPLETED: 1 } },
    arbitrage_executor: { executors: 1, netPnlQuote: '0.099', feesQuote: '0.901', volumeQuote: '901', wins: 1, losses: 0, closeTypes: { POSITION_HOLD: 1 } },
  },
  seen: ['hedged', 'ahead'],
};

interface Plant {
  readonly name: string;
  readonly kinds: readonly DifferenceKind[];
  readonly names: string;
  readonly plant: (world: World) => void;
}

const PLANTS: readonly Plant[] = [
  { name: 'another P&L', kinds: ['controller-differs', 'pnl-differs'], names: 'give 3.594', plant: ({ reports }) => (reports.hedged.net_pnl_quote = '3.5') },
  { name: 'other fees', kinds: ['controller-differs', 'fees-differ'], names: 'give 2.406', plant: ({ reports }) => (reports.hedged.fees_paid_quote = '2.4') },
  { name: 'volume of one side alone', kinds: ['controller-differs', 'volume-differs'], names: 'give 901', plant: ({ reports }) => (reports.ahead.volume_quote = '600') },
  { name: 'a leg ahead that is not handed over', kinds: ['controller-differs', 'controller-differs', 'controller-differs', 'hold-differs', 'left-open', 'residue-differs'], names: 'on one market alone', plant: ({ reports }) => Object.assign(reports.ahead, { close_type: 'COMPLETED', hold: null }) },
  {
    name: 'more handed over than is ahead',
    kinds: ['controller-differs', 'controller-differs', 'hold-differs'],
    names: 'base handed over 0.01',
    plant: ({ reports }) => {
      for (const order of reports.ahead.hold?.orders ?? []) order.totals.filledBase = '0.01';
    },
  },
  { name: 'a hedge before the fill that it hedges', kinds: ['overclosed'], names: 'had hedged 0.02', plant: ({ second }) => second.trades.splice(0, 1, { ...(second.trades[0] as LedgerTrade), timeMs: CREATED }) },
  {
    name: 'a fill hedged twice',
    kinds: ['exposed-beyond-plan', 'fees-differ', 'fill-not-reported', 'overclosed', 'overfilled', 'pnl-differs', 'residue-differs', 'volume-differs', 'left-open'],
    names: idOf('hedged', 'hedge/1', 2),
    plant: ({ second }) => {
      const again = { ...ledgerOrder(3, idOf('hedged', 'hedge/1', 2), 'sell', '0.02'), createdMs: CREATED + 100 };
      second.orders.push(again);
      second.trades.push(ledgerTrade(again, '0.02', '60300', 'USDT', '1.206'));
    },
  },
  { name: 'a report that names the order of the other exchange', kinds: ['fill-differs'], names: 'order 1 instead of 2', plant: ({ reports }) => ((reports.ahead.orders[1] as { exchangeOrderId: string }).exchangeOrderId = '1') },
];

it('finds nothing in a sound world of two exchanges, and counts both', () => {
  expect(audit(soundWorld())).toEqual({ executors: 2, orders: 4, fills: 4, differences: [] });
});

describe('finds', () => {
  it.each(PLANTS)('$name', ({ kinds, names, plant }) => {
    const world = soundWorld();
    plant(world);
    const { differences } = audit(world);
    expect(differences.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    expect(differences.map(({ message }) => message).join('\n')).toContain(names);
  });
});
