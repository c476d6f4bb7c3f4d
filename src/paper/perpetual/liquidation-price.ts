import { Decimal, ZERO } from '../matching/exact-decimal.js';
import type { ContractMarket } from './contract-market.js';
import { type LeverageBracket, bracketOf } from './leverage-brackets.js';
import { summarize } from './margin.js';
import type { PerpetualAccount } from './perpetual-account.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { type Position, isFlat, notionalQuote, unrealizedQuote } from './position.js';

const PRICE_DECIMALS = 8;

/**
 * Mark price at which a position would be taken over if nothing else moved: where margin + unrealised profit equals
 * `notional * rate - cumulative` with the bracket the notional then lies in. Zero when there is no such price.
 */
export function liquidationPrice(
  perpetuals: PerpetualExchange,
  account: PerpetualAccount,
  market: ContractMarket,
  position: Position,
): Decimal {
  if (isFlat(position)) return ZERO;
  const { contract } = market;
  const markQuote = perpetuals.markOr(market, position.entryCostQuote.div(position.amountBase));
  const margin = marginBehind(perpetuals, account, market, position, markQuote);
  for (const bracket of contract.brackets) {
    const price = priceIn(bracket, position, margin);
    const isInside = price.gt(0) && bracketOf(contract.brackets, notionalQuote(position, price)) === bracket;
    if (isInside) return price.toDecimalPlaces(PRICE_DECIMALS, Decimal.ROUND_HALF_UP);
  }
  return ZERO;
}

/** margin + amount * price - cost = |amount| * price * rate - cumulative, solved for the price; zero if it cannot be. */
function priceIn({ maintenanceRate, cumulativeQuote }: LeverageBracket, position: Position, margin: Decimal): Decimal {
  const { amountBase, entryCostQuote } = position;
  const perPrice = amountBase.minus(amountBase.abs().times(maintenanceRate));
  return perPrice.isZero() ? ZERO : entryCostQuote.minus(margin).minus(cumulativeQuote).div(perPrice);
}

/** The isolated margin, or what of the cross wallet the other positions neither hold nor need. */
function marginBehind(
  perpetuals: PerpetualExchange,
  account: PerpetualAccount,
  market: ContractMarket,
  position: Position,
  markQuote: Decimal,
): Decimal {
  const { symbol, settleAsset, brackets } = market.contract;
  if (perpetuals.leverageOf(account, symbol).marginMode === 'isolated') return position.isolatedQuote;
  const summary = summarize(account.wallet(settleAsset), perpetuals.exposures(account, settleAsset, false));
  const notional = notionalQuote(position, markQuote);
  const bracket = bracketOf(brackets, notional);
  const own = notional.times(bracket.maintenanceRate).minus(bracket.cumulativeQuote);
  const othersMaintenance = summary.crossMaintenanceQuote.minus(own);
  const othersUnrealized = summary.crossUnrealizedQuote.minus(unrealizedQuote(position, markQuote));
  return summary.crossWalletQuote.plus(othersUnrealized).minus(othersMaintenance);
}
