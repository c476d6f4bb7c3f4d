import { ZERO_TEXT, wireDecimal } from '../binance/render-order.js';
import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { ContractMarket } from '../perpetual/contract-market.js';
import { maintenanceMargin, maxNotional } from '../perpetual/leverage-brackets.js';
import { liquidationPrice } from '../perpetual/liquidation-price.js';
import { type MarginSummary, orderInitialMargin } from '../perpetual/margin.js';
import type { PerpetualAccount } from '../perpetual/perpetual-account.js';
import type { PerpetualExchange } from '../perpetual/perpetual-exchange.js';
import { type Position, entryPrice, unrealizedQuote } from '../perpetual/position.js';
import { wirePositionSide } from './render-contract-order.js';

/** Margins are shown with eight decimals; what is owed or needed is never shown smaller than it is. */
function money(amount: Decimal): string {
  return amount.toDecimalPlaces(8, Decimal.ROUND_HALF_UP).toFixed(8);
}

export function availableOf(summary: MarginSummary): Decimal {
  return Decimal.max(summary.availableQuote, ZERO).toDecimalPlaces(8, Decimal.ROUND_DOWN);
}

/** The settle assets of all contracts and whatever else lies in the wallets. */
export function assetsOf(perpetuals: PerpetualExchange, account: PerpetualAccount): string[] {
  const settled = [...perpetuals.markets.values()].map(({ contract }) => contract.settleAsset);
  return [...new Set([...settled, ...account.wallets.keys()])];
}

export function renderAsset(perpetuals: PerpetualExchange, account: PerpetualAccount, asset: string): Record<string, unknown> {
  const summary = perpetuals.summary(account, asset);
  const available = wireDecimal(availableOf(summary));
  return {
    asset,
    walletBalance: wireDecimal(summary.walletQuote),
    unrealizedProfit: money(summary.unrealizedQuote),
    marginBalance: money(summary.walletQuote.plus(summary.unrealizedQuote)),
    maintMargin: money(summary.maintenanceQuote),
    initialMargin: money(summary.positionInitialQuote.plus(summary.orderInitialQuote)),
    positionInitialMargin: money(summary.positionInitialQuote),
    openOrderInitialMargin: money(summary.orderInitialQuote),
    crossWalletBalance: wireDecimal(summary.crossWalletQuote),
    crossUnPnl: money(summary.crossUnrealizedQuote),
    availableBalance: available,
    maxWithdrawAmount: available,
    marginAvailable: true,
    updateTime: perpetuals.state.now(),
  };
}

/** Sums over the account, as the account answer carries them beside its lists. */
export function renderTotals(summary: MarginSummary): Record<string, unknown> {
  return {
    totalInitialMargin: money(summary.positionInitialQuote.plus(summary.orderInitialQuote)),
    totalMaintMargin: money(summary.maintenanceQuote),
    totalWalletBalance: wireDecimal(summary.walletQuote),
    totalUnrealizedProfit: money(summary.unrealizedQuote),
    totalMarginBalance: money(summary.walletQuote.plus(summary.unrealizedQuote)),
    totalPositionInitialMargin: money(summary.positionInitialQuote),
    totalOpenOrderInitialMargin: money(summary.orderInitialQuote),
    totalCrossWalletBalance: wireDecimal(summary.crossWalletQuote),
    totalCrossUnPnl: money(summary.crossUnrealizedQuote),
    availableBalance: wireDecimal(availableOf(summary)),
    maxWithdrawAmount: wireDecimal(availableOf(summary)),
  };
}

export function renderBalance(perpetuals: PerpetualExchange, account: PerpetualAccount, asset: string): Record<string, unknown> {
  const summary = perpetuals.summary(account, asset);
  return {
    accountAlias: account.name,
    asset,
    balance: wireDecimal(summary.walletQuote),
    crossWalletBalance: wireDecimal(summary.crossWalletQuote),
    crossUnPnl: money(summary.crossUnrealizedQuote),
    availableBalance: wireDecimal(availableOf(summary)),
    maxWithdrawAmount: wireDecimal(availableOf(summary)),
    marginAvailable: true,
    updateTime: perpetuals.state.now(),
  };
}

/** One position with its risk. `version` 2 carries the settings too, as Binance's older answer does. */
export function renderPositionRisk(
  perpetuals: PerpetualExchange,
  account: PerpetualAccount,
  market: ContractMarket,
  position: Position,
  version: 2 | 3,
): Record<string, unknown> {
  const { contract } = market;
  const open = perpetuals.state.openOrders.of(account.name, contract.symbol);
  const exposure = perpetuals.exposure(account, market, open);
  const { markQuote, leverage, marginMode } = exposure;
  const notional = position.amountBase.times(markQuote);
  const initial = notional.abs().div(leverage);
  const orders = orderInitialMargin(exposure);
  const isolatedMargin = marginMode === 'isolated' ? position.isolatedQuote.plus(unrealizedQuote(position, markQuote)) : ZERO;
  const risk = {
    symbol: contract.wireSymbol,
    positionSide: wirePositionSide(position.positionSide),
    positionAmt: wireDecimal(position.amountBase),
    entryPrice: wireDecimal(entryPrice(position)),
    breakEvenPrice: wireDecimal(entryPrice(position)),
    markPrice: wireDecimal(markQuote),
    unRealizedProfit: money(unrealizedQuote(position, markQuote)),
    liquidationPrice: wireDecimal(liquidationPrice(perpetuals, account, market, position)),
    isolatedMargin: money(isolatedMargin),
    notional: money(notional),
    isolatedWallet: wireDecimal(position.isolatedQuote),
    updateTime: position.updatedMs,
  };
  if (version === 3) {
    return {
      ...risk,
      marginAsset: contract.settleAsset,
      initialMargin: money(initial.plus(orders)),
      maintMargin: money(maintenanceMargin(contract.brackets, notional.abs())),
      positionInitialMargin: money(initial),
      openOrderInitialMargin: money(orders),
      adl: 0,
      bidNotional: ZERO_TEXT,
      askNotional: ZERO_TEXT,
    };
  }
  return {
    ...risk,
    leverage: String(leverage),
    maxNotionalValue: maxNotional(contract.brackets, leverage).toFixed(),
    marginType: marginMode,
    isAutoAddMargin: 'false',
    isolated: marginMode === 'isolated',
    adlQuantile: 0,
  };
}

/** A position as the account answer lists it. */
export function renderAccountPosition(
  perpetuals: PerpetualExchange,
  account: PerpetualAccount,
  market: ContractMarket,
  position: Position,
): Record<string, unknown> {
  const risk = renderPositionRisk(perpetuals, account, market, position, 3);
  const { leverage, marginMode } = perpetuals.leverageOf(account, market.contract.symbol);
  return {
    symbol: risk['symbol'],
    positionSide: risk['positionSide'],
    positionAmt: risk['positionAmt'],
    entryPrice: risk['entryPrice'],
    breakEvenPrice: risk['breakEvenPrice'],
    unrealizedProfit: risk['unRealizedProfit'],
    isolatedMargin: risk['isolatedMargin'],
    notional: risk['notional'],
    isolatedWallet: risk['isolatedWallet'],
    initialMargin: risk['initialMargin'],
    positionInitialMargin: risk['positionInitialMargin'],
    openOrderInitialMargin: risk['openOrderInitialMargin'],
    maintMargin: risk['maintMargin'],
    leverage: String(leverage),
    isolated: marginMode === 'isolated',
    updateTime: position.updatedMs,
  };
}
