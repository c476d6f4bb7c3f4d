import type { ExecutorReport } from '../contract/report.js';
import type { AuditedExecutor, LedgerIncome, LedgerTrade } from './audit-input.js';
import type { Difference } from './difference.js';
import { digits, exact, NOTHING, sumOf, type Exact } from './exact.js';
import { quoteOf } from './executed-trades.js';
import type { LedgerIndex } from './ledger-index.js';

/** A share is a quotient cut to so many digits behind the point. */
const SHARE_DIGITS = 18;
const SHARE_TOLERANCE = exact('0.00000000000001');

/**
 * Perpetuals: positions are what trades made of them, wallets what they were paid and charged, realised P&L of a flat
 * position its sales less its purchases; liquidations are claimed once, and funding is shared by what was held.
 */
export function checkPerpetuals(index: LedgerIndex): readonly Difference[] {
  return [...positions(index), ...wallets(index), ...realised(index), ...liquidations(index), ...funding(index)];
}

function positions(index: LedgerIndex): readonly Difference[] {
  const { perpetual } = index.input.ledger;
  return byKey(tradesOfContracts(index), ({ account, symbol }) => `${account} ${symbol}`, perpetual.positions).flatMap(([key, trades, told]): Difference[] => {
    const right = sumOf(trades, signedBase);
    const held = sumOf(told, ({ amountBase }) => exact(amountBase));
    return held.equals(right) ? [] : [{ kind: 'balance-differs', message: `position ${key} is ${digits(held)}, its trades give ${digits(right)}` }];
  });
}

function wallets(index: LedgerIndex): readonly Difference[] {
  const { incomes, wallets: told } = index.input.ledger.perpetual;
  return byKey(incomes, ({ account, asset }) => `${account} ${asset}`, told).flatMap(([key, own, balances]): Difference[] => {
    const right = sumOf(own, ({ amount }) => exact(amount));
    const held = sumOf(balances, ({ balance }) => exact(balance));
    return held.equals(right) ? [] : [{ kind: 'balance-differs', message: `perpetual wallet ${key} is ${digits(held)}, its incomes give ${digits(right)}` }];
  });
}

function realised(index: LedgerIndex): readonly Difference[] {
  const { incomes } = index.input.ledger.perpetual;
  const booked = incomes.filter(({ type }) => type === 'REALIZED_PNL');
  return byKey(tradesOfContracts(index), ({ account, symbol }) => `${account} ${symbol}`, booked).flatMap(([key, trades, own]): Difference[] => {
    if (!sumOf(trades, signedBase).isZero()) return [];
    const right = sumOf(trades, (trade) => (trade.side === 'sell' ? quoteOf(trade) : quoteOf(trade).negated()));
    const told = sumOf(own, ({ amount }) => exact(amount));
    // Each booking is rounded to 8 digits.
    const tolerance = exact('0.00000001').times(own.length);
    return told.minus(right).abs().lessThanOrEqualTo(tolerance) ? [] : [{ kind: 'ledger-inconsistent', message: `realised P&L of ${key} is booked as ${digits(told)}, its trades give ${digits(right)}` }];
  });
}

/** All claims of one liquidation order together are at most what it traded. */
function liquidations(index: LedgerIndex): readonly Difference[] {
  const claimed = new Map<string, Exact>();
  for (const { end } of index.input.executors) {
    if (end.kind !== 'closed') continue;
    for (const order of end.report.orders) {
      if (order.purpose !== 'liquidation') continue;
      const key = String(order.exchangeOrderId);
      claimed.set(key, (claimed.get(key) ?? NOTHING).plus(exact(order.totals.filledBase)));
    }
  }
  return [...claimed].flatMap(([orderId, base]): Difference[] => {
    const traded = sumOf(index.tradesOfOrder(Number(orderId)), (trade) => exact(trade.amountBase));
    return base.lessThanOrEqualTo(traded) ? [] : [{ kind: 'fill-differs', message: `reports claim ${digits(base)} of liquidation order ${orderId}, which traded ${digits(traded)}` }];
  });
}

/** Each closed executor's funding, from positions that are walked trade by trade: no rate and no mark price is used. */
function funding(index: LedgerIndex): readonly Difference[] {
  return index.input.executors.flatMap((executor): Difference[] => {
    const market = index.marketOf(executor);
    if (executor.end.kind !== 'closed' || market?.contract !== 'perpetual') return [];
    const { report } = executor.end;
    const told = reportedFunding(report);
    // What was handed over is settled for a controller from then on.
    const own = paymentsOf(index, market.symbol).filter(({ timeMs }) => timeMs <= (report.closed_at_ms ?? Number.POSITIVE_INFINITY));
    const right = sumOf(own, (payment) => shareOf(index, executor, report, payment));
    return told.minus(right).abs().lessThanOrEqualTo(SHARE_TOLERANCE) ? [] : [{ kind: 'pnl-differs', message: `executor ${executor.id} reports funding ${digits(told)}, what it held gives ${digits(right.toDecimalPlaces(SHARE_DIGITS))}` }];
  });
}

/** Positive: received. */
export function reportedFunding(report: ExecutorReport): Exact {
  const told = report.custom_info['funding_fees_quote'];
  return typeof told === 'string' ? exact(told).negated() : NOTHING;
}

function paymentsOf(index: LedgerIndex, symbol: string): readonly LedgerIncome[] {
  return index.input.ledger.perpetual.incomes.filter((income) => income.type === 'FUNDING_FEE' && income.symbol === symbol);
}

function shareOf(index: LedgerIndex, executor: AuditedExecutor, report: ExecutorReport, { amount, timeMs, account, symbol }: LedgerIncome): Exact {
  const before = (trade: LedgerTrade): boolean => trade.timeMs <= timeMs;
  const position = sumOf(tradesOfContracts(index).filter((trade) => trade.account === account && trade.symbol === symbol && before(trade)), signedBase);
  const taken = sumOf(report.orders.filter(({ purpose, totals }) => purpose === 'liquidation' && (totals.lastFillAtMs ?? 0) <= timeMs), (order) => exact(order.totals.filledBase).times(order.side === 'BUY' ? 1 : -1));
  const held = sumOf(index.tradesOf(executor, 'all').filter(before), signedBase).plus(taken);
  return held.isZero() || position.isZero() ? NOTHING : exact(amount).times(held).dividedBy(position);
}

function tradesOfContracts(index: LedgerIndex): readonly LedgerTrade[] {
  return index.input.ledger.trades.filter(({ symbol }) => index.market(symbol).contract === 'perpetual');
}

function signedBase({ side, amountBase }: LedgerTrade): Exact {
  return side === 'buy' ? exact(amountBase) : exact(amountBase).negated();
}

/** Two lists side by side, by the same key; a key of either is there. */
function byKey<Left extends Keyed, Right extends Keyed>(left: readonly Left[], keyOf: (item: Keyed) => string, right: readonly Right[]): readonly (readonly [string, readonly Left[], readonly Right[]])[] {
  const keys = new Set([...left, ...right].map(keyOf));
  return [...keys].map((key) => [key, left.filter((item) => keyOf(item) === key), right.filter((item) => keyOf(item) === key)]);
}

interface Keyed {
  readonly account: string;
  readonly symbol?: string | null;
  readonly asset?: string;
}
