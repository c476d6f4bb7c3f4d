import { type UnitOfWork, transact } from '../exchange/unit-of-work.js';
import { Decimal } from '../matching/exact-decimal.js';
import { contractSetting } from './contract-control.js';
import type { ContractMarket } from './contract-market.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { INSERT_FUNDING } from './perpetual-tables.js';
import type { Position } from './position.js';

const MONEY_DECIMALS = 8;

/** First settlement after `nowMs`: intervals are counted from midnight UTC of the epoch, as Binance's are. */
export function nextSettlement(nowMs: number, intervalMs: number): number {
  return (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
}

/** What a position pays (below zero) or receives: notional at the mark price times the rate, longs paying a positive one. */
export function fundingPayment(position: Position, markQuote: Decimal, rate: Decimal): Decimal {
  const paid = position.amountBase.times(markQuote).times(rate);
  return paid.neg().toDecimalPlaces(MONEY_DECIMALS, Decimal.ROUND_HALF_UP);
}

/** Settles one contract now and sets the next time. Returns how many positions took part. */
export function settleFunding(perpetuals: PerpetualExchange, market: ContractMarket): number {
  const markQuote = perpetuals.markPrice(market);
  const { state } = perpetuals;
  return transact(state, (work) => {
    const { settings, contract } = market;
    settings.nextFundingMs = nextSettlement(state.now(), settings.fundingIntervalMs);
    work.setting(contractSetting(contract.symbol), storedSettings(market));
    if (markQuote === undefined) return 0;
    const { symbol } = contract;
    const rate = settings.fundingRate;
    work.row(INSERT_FUNDING, [symbol, rate.toFixed(), markQuote.toFixed(), work.timeMs]);
    work.event('funding', { symbol }, { rate: rate.toFixed(), markQuote: markQuote.toFixed() });
    let count = 0;
    for (const account of perpetuals.accounts.values()) {
      for (const position of account.openPositions(symbol)) {
        pay(perpetuals, work, market, position, fundingPayment(position, markQuote, rate));
        count += 1;
      }
    }
    market.pair.contract?.moved(work);
    return count;
  });
}

/** An isolated position pays out of its own margin. */
function pay(perpetuals: PerpetualExchange, work: UnitOfWork, market: ContractMarket, position: Position, amount: Decimal): void {
  const { account: name, symbol, positionSide } = position;
  const { settleAsset } = market.contract;
  const isIsolated = perpetuals.leverageOf(perpetuals.account(name), symbol).marginMode === 'isolated';
  perpetuals.book(work, { account: name, symbol, type: 'FUNDING_FEE', amount, asset: settleAsset, tradeId: undefined });
  if (isIsolated) perpetuals.savePosition(work, { ...position, isolatedQuote: position.isolatedQuote.plus(amount), updatedMs: work.timeMs });
  perpetuals.tellAccount(work, name, 'FUNDING_FEE', settleAsset, isIsolated ? [{ symbol, positionSide }] : []);
}

export function storedSettings({ settings }: ContractMarket): Record<string, unknown> {
  const { markQuote, fundingRate, fundingIntervalMs, nextFundingMs } = settings;
  return { markQuote: markQuote?.toFixed() ?? null, fundingRate: fundingRate.toFixed(), fundingIntervalMs, nextFundingMs };
}
