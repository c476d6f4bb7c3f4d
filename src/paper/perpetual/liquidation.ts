import { execute } from '../exchange/execution.js';
import { cancel } from '../exchange/order-cancel.js';
import type { UnitOfWork } from '../exchange/unit-of-work.js';
import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { Order } from '../matching/order.js';
import type { ContractMarket } from './contract-market.js';
import type { Contract } from './contract.js';
import { writeTerms } from './contract-order-entry.js';
import { maintenanceMargin } from './leverage-brackets.js';
import { isCrossLiquidatable, isIsolatedLiquidatable, summarize } from './margin.js';
import type { PerpetualAccount } from './perpetual-account.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { type Position, notionalQuote, unrealizedQuote } from './position.js';

const MONEY_DECIMALS = 8;

/**
 * Takes over what an account can no longer carry at the present mark prices: an isolated position whose own margin
 * fell below its maintenance margin; cross positions, the one with the largest maintenance first, until the rest of
 * the account is sound again. Open orders are cancelled before.
 */
export function liquidateWhereNeeded(perpetuals: PerpetualExchange, work: UnitOfWork, market: ContractMarket): void {
  for (const account of perpetuals.accounts.values()) {
    const positions = account.openPositions(market.contract.symbol);
    if (positions.length === 0 || perpetuals.markPrice(market) === undefined) continue;
    if (perpetuals.leverageOf(account, market.contract.symbol).marginMode === 'isolated') {
      for (const position of positions) liquidateIsolated(perpetuals, work, market, account, position);
    } else {
      liquidateCross(perpetuals, work, account, market.contract.settleAsset);
    }
  }
}

function liquidateIsolated(
  perpetuals: PerpetualExchange,
  work: UnitOfWork,
  market: ContractMarket,
  account: PerpetualAccount,
  position: Position,
): void {
  if (!isIsolatedLiquidatable(position, perpetuals.exposure(account, market, []))) return;
  cancelOrders(perpetuals, work, account.name, ({ symbol, contract }) =>
    symbol === position.symbol && contract?.positionSide === position.positionSide);
  const markQuote = perpetuals.markOr(market, ZERO);
  const left = position.isolatedQuote.plus(unrealizedQuote(position, markQuote));
  takeOver(perpetuals, work, market, position, left);
}

function liquidateCross(perpetuals: PerpetualExchange, work: UnitOfWork, account: PerpetualAccount, asset: string): void {
  const summaryNow = () => summarize(account.wallet(asset), perpetuals.exposures(account, asset, false));
  if (!isCrossLiquidatable(summaryNow())) return;
  const isCross = (symbol: string): boolean =>
    perpetuals.markets.has(symbol) && perpetuals.leverageOf(account, symbol).marginMode === 'cross';
  cancelOrders(perpetuals, work, account.name, ({ symbol }) => isCross(symbol));
  const needs = account
    .allOpenPositions()
    .filter(({ symbol }) => isCross(symbol) && perpetuals.market(symbol).contract.settleAsset === asset)
    .map((position) => ({ position, market: perpetuals.market(position.symbol) }))
    .map(({ position, market }) => ({ position, market, maintenance: maintenanceOf(perpetuals, market, position) }))
    .sort((first, second) => second.maintenance.cmp(first.maintenance));
  for (const { position, market, maintenance } of needs) {
    const summary = summaryNow();
    if (!isCrossLiquidatable(summary)) break;
    const neededByOthers = summary.crossMaintenanceQuote.minus(maintenance);
    takeOver(perpetuals, work, market, position, summary.crossWalletQuote.plus(summary.crossUnrealizedQuote).minus(neededByOthers));
  }
}

function maintenanceOf(perpetuals: PerpetualExchange, market: ContractMarket, position: Position): Decimal {
  const markQuote = perpetuals.markOr(market, ZERO);
  return maintenanceMargin(market.contract.brackets, notionalQuote(position, markQuote));
}

function cancelOrders(
  perpetuals: PerpetualExchange,
  work: UnitOfWork,
  name: string,
  isConcerned: (order: Order) => boolean,
): void {
  for (const order of perpetuals.state.openOrders.of(name)) {
    if (isConcerned(order)) cancel(perpetuals.state, work, order, order.clientOrderId);
  }
}

/**
 * Closes a position at the mark price for the exchange's own account. The clearance fee goes to the insurance fund as
 * far as margin is left; what is missing beyond the margin comes from it.
 *
 * @param leftQuote margin that stands behind this position alone at this price.
 */
function takeOver(perpetuals: PerpetualExchange, work: UnitOfWork, market: ContractMarket, position: Position, leftQuote: Decimal): void {
  const { state } = perpetuals;
  const { contract, pair } = market;
  const { account, symbol, positionSide } = position;
  const markQuote = perpetuals.markOr(market, ZERO);
  const order = liquidationOrder(state.nextOrderId, work.timeMs, market, position, markQuote);
  state.nextOrderId += 1;
  writeTerms(work, order);
  work.accepted(order);
  const amountBase = position.amountBase.abs();
  const fee = { asset: contract.settleAsset, amount: ZERO };
  const tradeId = pair.tradeIds.take();
  const common = { account, symbol, type: 'INSURANCE_CLEAR', asset: contract.settleAsset, tradeId } as const;
  const isIsolated = perpetuals.leverageOf(perpetuals.account(account), symbol).marginMode === 'isolated';
  // Before the loss is realised, so that it never reaches the rest of the wallet.
  if (isIsolated && leftQuote.isNegative()) perpetuals.book(work, { ...common, amount: leftQuote.neg() });
  execute(state, work, pair, { order, role: 'taker', priceQuote: markQuote, amountBase, tradeId, fee });
  const clearance = amountBase.times(markQuote).times(contract.liquidationFeeRate);
  const charged = Decimal.min(clearance, Decimal.max(leftQuote, ZERO)).toDecimalPlaces(MONEY_DECIMALS, Decimal.ROUND_DOWN);
  perpetuals.book(work, { ...common, amount: charged.neg() });
  coverDeficit(perpetuals, work, account, contract);
  work.event('liquidation', { account, symbol, orderId: order.orderId, clientOrderId: order.clientOrderId }, {
    positionSide,
    amountBase: position.amountBase.toFixed(),
    priceQuote: markQuote.toFixed(),
    clearedQuote: charged.toFixed(),
  });
  perpetuals.tellAccount(work, account, 'INSURANCE_CLEAR', contract.settleAsset, [{ symbol, positionSide }]);
}

/**
 * A wallet that owes something while no cross position stands against it is filled up by the insurance fund.
 *
 * @param cause the contract whose fill it was.
 */
export function coverDeficit(perpetuals: PerpetualExchange, work: UnitOfWork, name: string, cause: Contract): void {
  const { symbol, settleAsset: asset } = cause;
  const account = perpetuals.account(name);
  const { crossWalletQuote } = summarize(account.wallet(asset), perpetuals.exposures(account, asset, false));
  if (!crossWalletQuote.isNegative() || crossWalletQuote.isZero()) return;
  const isCross = (position: Position): boolean => perpetuals.leverageOf(account, position.symbol).marginMode === 'cross';
  if (account.allOpenPositions().some(isCross)) return;
  const common = { account: name, symbol, type: 'INSURANCE_CLEAR', asset, tradeId: undefined } as const;
  perpetuals.book(work, { ...common, amount: crossWalletQuote.neg() });
}

function liquidationOrder(orderId: number, timeMs: number, market: ContractMarket, position: Position, priceQuote: Decimal): Order {
  const { account, symbol, positionSide, amountBase } = position;
  return {
    orderId,
    account,
    symbol,
    clientOrderId: `autoclose-${timeMs}-${orderId}`,
    side: amountBase.isPositive() ? 'sell' : 'buy',
    type: 'limit',
    timeInForce: 'IOC',
    priceQuote,
    stopPriceQuote: null,
    triggeredMs: null,
    amountBase: amountBase.abs(),
    requestedQuote: null,
    filledBase: ZERO,
    filledQuote: ZERO,
    state: 'new',
    lockedAsset: market.contract.settleAsset,
    locked: ZERO,
    queueAheadBase: ZERO,
    createdMs: timeMs,
    updatedMs: timeMs,
    contract: { positionSide, reduceOnly: true, closePosition: false, origin: 'liquidation' },
  };
}
