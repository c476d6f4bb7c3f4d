import type { Difference } from './difference.js';
import { digits, exact, NOTHING, sumOf, type Exact } from './exact.js';
import { isOpen } from './check-orders.js';
import { quoteOf } from './executed-trades.js';
import type { LedgerIndex } from './ledger-index.js';

/** Balances are deposits plus what trades moved minus fees; what is locked is what open orders lock. */
export function checkBalances(index: LedgerIndex): readonly Difference[] {
  const { balances, transfers } = index.input.ledger;
  // Contracts move a wallet of their own, see `checkPerpetuals`.
  const [orders, trades] = [index.input.ledger.orders.filter((order) => index.isSpot(order.symbol)), index.input.ledger.trades.filter((trade) => index.isSpot(trade.symbol))];
  const expected = new Map<string, Exact>();
  const move = (account: string, asset: string, amount: Exact): void => {
    const key = `${account}\n${asset}`;
    expected.set(key, (expected.get(key) ?? NOTHING).plus(amount));
  };
  for (const { kind, account, asset, amount } of transfers) move(account, asset, kind === 'deposit' ? exact(amount) : exact(amount).negated());
  for (const trade of trades) {
    const { base, quote } = index.market(trade.symbol);
    const sign = trade.side === 'buy' ? 1 : -1;
    move(trade.account, base, exact(trade.amountBase).times(sign));
    move(trade.account, quote, quoteOf(trade).times(-sign));
    move(trade.account, trade.feeAsset, exact(trade.feeAmount).negated());
  }
  const actual = new Map(balances.map(({ account, asset, free, locked }) => [`${account}\n${asset}`, { total: exact(free).plus(exact(locked)), locked: exact(locked) }]));
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((key): Difference[] => {
    const [account = '', asset = ''] = key.split('\n');
    const right = expected.get(key) ?? NOTHING;
    const { total, locked } = actual.get(key) ?? { total: NOTHING, locked: NOTHING };
    const open = orders.filter((order) => order.account === account && order.lockedAsset === asset && isOpen(order));
    const rightLocked = sumOf(open, (order) => exact(order.locked));
    return [
      ...(total.equals(right) ? [] : [difference(account, asset, 'is', total, `deposits and trades give ${digits(right)}`)]),
      ...(locked.equals(rightLocked) ? [] : [difference(account, asset, 'has locked', locked, `open orders lock ${digits(rightLocked)}`)]),
    ];
  });
}

function difference(account: string, asset: string, verb: string, told: Exact, right: string): Difference {
  return { kind: 'balance-differs', message: `balance of ${asset} at account ${account} ${verb} ${digits(told)}, ${right}` };
}
