import { ZERO } from '../matching/exact-decimal.js';
import type { ConditionalOrder } from '../perpetual/conditional-order.js';
import type { ContractMarket } from '../perpetual/contract-market.js';
import type { MarginMode, PositionSide } from '../perpetual/contract.js';
import type { IncomeType, StoredIncome } from '../perpetual/income.js';
import type { PerpetualAccount } from '../perpetual/perpetual-account.js';
import type { PerpetualExchange } from '../perpetual/perpetual-exchange.js';
import { type Position, entryPrice, unrealizedQuote } from '../perpetual/position.js';

/** The perpetual part of the ledger as the control API answers it: amounts are decimal strings, times Unix ms. */
export interface ContractView {
  readonly symbol: string;
  /** null before anything was traded. */
  readonly markQuote: string | null;
  readonly isMarkFixed: boolean;
  readonly fundingRate: string;
  readonly fundingIntervalMs: number;
  readonly nextFundingMs: number;
}

export interface WalletView {
  readonly account: string;
  readonly asset: string;
  readonly balance: string;
  readonly unrealizedQuote: string;
  readonly availableQuote: string;
  readonly maintenanceQuote: string;
}

export interface PositionView {
  readonly account: string;
  readonly symbol: string;
  readonly positionSide: PositionSide;
  readonly amountBase: string;
  readonly entryPriceQuote: string;
  readonly entryCostQuote: string;
  readonly isolatedQuote: string;
  readonly realizedQuote: string;
  readonly unrealizedQuote: string;
  readonly leverage: number;
  readonly marginMode: MarginMode;
}

export interface IncomeView {
  readonly incomeId: number;
  readonly account: string;
  readonly symbol: string | null;
  readonly type: IncomeType;
  readonly amount: string;
  readonly asset: string;
  readonly tradeId: number | null;
  readonly timeMs: number;
}

export type ConditionalView = Omit<ConditionalOrder, 'priceQuote' | 'amountBase' | 'triggerQuote'> & {
  readonly priceQuote: string | null;
  readonly amountBase: string;
  readonly triggerQuote: string;
};

export function contractView(perpetuals: PerpetualExchange, market: ContractMarket): ContractView {
  const { markQuote, fundingRate, fundingIntervalMs, nextFundingMs } = market.settings;
  return {
    symbol: market.contract.symbol,
    markQuote: perpetuals.markPrice(market)?.toFixed() ?? null,
    isMarkFixed: markQuote !== null,
    fundingRate: fundingRate.toFixed(),
    fundingIntervalMs,
    nextFundingMs,
  };
}

export function walletView(perpetuals: PerpetualExchange, account: PerpetualAccount, asset: string): WalletView {
  const summary = perpetuals.summary(account, asset);
  return {
    account: account.name,
    asset,
    balance: summary.walletQuote.toFixed(),
    unrealizedQuote: summary.unrealizedQuote.toFixed(),
    availableQuote: summary.availableQuote.toFixed(),
    maintenanceQuote: summary.maintenanceQuote.toFixed(),
  };
}

export function positionView(perpetuals: PerpetualExchange, account: PerpetualAccount, position: Position): PositionView {
  const market = perpetuals.market(position.symbol);
  const markQuote = perpetuals.markPrice(market);
  const { leverage, marginMode } = perpetuals.leverageOf(account, position.symbol);
  return {
    account: position.account,
    symbol: position.symbol,
    positionSide: position.positionSide,
    amountBase: position.amountBase.toFixed(),
    entryPriceQuote: entryPrice(position).toFixed(),
    entryCostQuote: position.entryCostQuote.toFixed(),
    isolatedQuote: position.isolatedQuote.toFixed(),
    realizedQuote: position.realizedQuote.toFixed(),
    unrealizedQuote: (markQuote === undefined ? ZERO : unrealizedQuote(position, markQuote)).toFixed(),
    leverage,
    marginMode,
  };
}

export function incomeView(income: StoredIncome): IncomeView {
  return { ...income, symbol: income.symbol ?? null, amount: income.amount.toFixed(), tradeId: income.tradeId ?? null };
}

export function conditionalView(order: ConditionalOrder): ConditionalView {
  return {
    ...order,
    priceQuote: order.priceQuote?.toFixed() ?? null,
    amountBase: order.amountBase.toFixed(),
    triggerQuote: order.triggerQuote.toFixed(),
  };
}
