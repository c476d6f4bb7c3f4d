import { transact } from '../exchange/unit-of-work.js';
import type { Decimal } from '../matching/exact-decimal.js';
import type { ContractMarket, ContractSettings } from './contract-market.js';
import { nextSettlement, storedSettings } from './funding.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { ControlConflict } from '../exchange/rejection.js';

export function contractSetting(symbol: string): string {
  return `contract:${symbol}`;
}

/** Changes mark price or funding by hand; a new interval moves the next settlement with it. */
export function setContract(
  perpetuals: PerpetualExchange,
  market: ContractMarket,
  change: Partial<Pick<ContractSettings, 'markQuote' | 'fundingRate' | 'fundingIntervalMs'>>,
): void {
  const { contract, settings, pair } = market;
  const { symbol } = contract;
  transact(perpetuals.state, (work) => {
    Object.assign(settings, change);
    if (change.fundingIntervalMs !== undefined) {
      settings.nextFundingMs = nextSettlement(work.timeMs, change.fundingIntervalMs);
    }
    work.setting(contractSetting(symbol), storedSettings(market));
    work.event('contract-set', { symbol }, storedSettings(market));
    pair.contract?.moved(work);
  });
}

/** Money into or out of the perpetual wallet. @throws ControlConflict when a withdrawal is above what is available. */
export function transferPerpetual(
  perpetuals: PerpetualExchange,
  kind: 'deposit' | 'withdrawal',
  name: string,
  asset: string,
  amount: Decimal,
): void {
  const account = perpetuals.account(name);
  const available = perpetuals.summary(account, asset).availableQuote;
  if (kind === 'withdrawal' && available.lt(amount)) {
    throw new ControlConflict(`account ${name} has ${available.toFixed()} ${asset} available, less than ${amount.toFixed()}`);
  }
  transact(perpetuals.state, (work) => {
    const signed = kind === 'deposit' ? amount : amount.neg();
    perpetuals.book(work, { account: name, symbol: undefined, type: 'TRANSFER', amount: signed, asset, tradeId: undefined });
    work.event(`perpetual-${kind}`, { account: name }, { asset, amount: amount.toFixed() });
    perpetuals.tellAccount(work, name, kind === 'deposit' ? 'DEPOSIT' : 'WITHDRAW', asset, []);
  });
}
