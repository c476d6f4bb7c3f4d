import { type Decimal, ZERO } from './exact-decimal.js';

export interface Balance {
  free: Decimal;
  locked: Decimal;
}

export interface BalanceRow {
  readonly account: string;
  readonly asset: string;
  readonly free: Decimal;
  readonly locked: Decimal;
}

/** A balance would have gone below zero: the caller checked wrongly, so nothing that follows can be trusted. */
export class NegativeBalance extends Error {
  override readonly name = 'NegativeBalance';
}

/** Free and locked amounts per account and asset. Never below zero. */
export class Balances {
  private readonly byAccount = new Map<string, Map<string, Balance>>();
  private readonly touched = new Map<string, { account: string; asset: string }>();

  of(account: string, asset: string): Balance {
    let assets = this.byAccount.get(account);
    if (assets === undefined) this.byAccount.set(account, (assets = new Map()));
    let balance = assets.get(asset);
    if (balance === undefined) assets.set(asset, (balance = { free: ZERO, locked: ZERO }));
    return balance;
  }

  /** Loads a stored balance; not a change. */
  restore(account: string, asset: string, free: Decimal, locked: Decimal): void {
    const balance = this.of(account, asset);
    balance.free = free;
    balance.locked = locked;
  }

  credit(account: string, asset: string, amount: Decimal): void {
    this.change(account, asset, amount, ZERO);
  }

  debit(account: string, asset: string, amount: Decimal): void {
    this.change(account, asset, amount.neg(), ZERO);
  }

  lock(account: string, asset: string, amount: Decimal): void {
    this.change(account, asset, amount.neg(), amount);
  }

  unlock(account: string, asset: string, amount: Decimal): void {
    this.change(account, asset, amount, amount.neg());
  }

  assetsOf(account: string): BalanceRow[] {
    return [...(this.byAccount.get(account) ?? [])].map(([asset, balance]) => ({ account, asset, ...balance }));
  }

  /** Balances changed since the last call, at their present values. */
  drainTouched(): BalanceRow[] {
    const rows = [...this.touched.values()].map(({ account, asset }) => ({ account, asset, ...this.of(account, asset) }));
    this.touched.clear();
    return rows;
  }

  private change(account: string, asset: string, freeDelta: Decimal, lockedDelta: Decimal): void {
    const balance = this.of(account, asset);
    const free = balance.free.plus(freeDelta);
    const locked = balance.locked.plus(lockedDelta);
    if (free.lt(0) || locked.lt(0)) {
      throw new NegativeBalance(`${account} ${asset} would become free ${free.toFixed()}, locked ${locked.toFixed()}`);
    }
    balance.free = free;
    balance.locked = locked;
    this.touched.set(`${account}\u0000${asset}`, { account, asset });
  }
}
