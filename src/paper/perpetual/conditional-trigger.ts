import type { UnitOfWork } from '../exchange/unit-of-work.js';
import type { Decimal } from '../matching/exact-decimal.js';
import { workingPrice } from './conditional-entry.js';
import { type ConditionalOrder, triggersAt } from './conditional-order.js';
import { endConditional, recordConditional } from './conditional-record.js';
import type { ContractMarket } from './contract-market.js';
import { type PreparedOrder, admitContractOrder, prepareContractOrder } from './contract-order-entry.js';
import { ContractRejection } from './contract-rejection.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { closableBase } from './reduce-only.js';

/**
 * Sends every conditional order whose price was reached. What they trade may reach further ones; each is taken out of
 * the waiting list once, so this ends.
 *
 * @param traded prices of trades since the last call, their extremes.
 */
export function triggerConditionals(
  perpetuals: PerpetualExchange,
  work: UnitOfWork,
  market: ContractMarket,
  traded: () => readonly Decimal[],
): void {
  for (;;) {
    const waiting = perpetuals.conditionals.ofSymbol(market.contract.symbol);
    if (waiting.length === 0) return;
    const prices = {
      mark_price: [workingPrice(perpetuals, market, 'mark_price')],
      contract_price: [workingPrice(perpetuals, market, 'contract_price'), ...traded()],
    };
    const isReached = (order: ConditionalOrder): boolean =>
      prices[order.workingType].some((price) => price !== undefined && triggersAt(order, price));
    const order = waiting.find(isReached);
    if (order === undefined) return;
    send(perpetuals, work, order);
  }
}

function send(perpetuals: PerpetualExchange, work: UnitOfWork, order: ConditionalOrder): void {
  order.triggeredMs = work.timeMs;
  const prepared = attempt(perpetuals, order);
  if (prepared instanceof ContractRejection) {
    endConditional(perpetuals, work, order, 'rejected', prepared.reason);
    return;
  }
  order.state = 'triggered';
  order.updatedMs = work.timeMs;
  // Known before it is placed: a fill on the way in ends the conditional order too.
  order.orderId = perpetuals.state.nextOrderId;
  perpetuals.conditionals.leave(order);
  recordConditional(work, 'conditional-triggered', order);
  admitContractOrder(perpetuals, work, prepared);
}

function attempt(perpetuals: PerpetualExchange, order: ConditionalOrder): PreparedOrder | ContractRejection {
  const { account: name, symbol, side, positionSide, closePosition } = order;
  const account = perpetuals.account(name);
  const amountBase = closePosition ? closableBase(account, symbol, positionSide, side) : order.amountBase;
  if (amountBase.isZero()) return new ContractRejection('reduce_only_rejected');
  try {
    return prepareContractOrder(perpetuals, {
      account: name,
      symbol,
      clientOrderId: order.clientId,
      side,
      positionSide,
      priceQuote: order.priceQuote,
      timeInForce: order.priceQuote === null ? 'GTC' : order.timeInForce,
      amountBase,
      reduceOnly: order.reduceOnly || (closePosition && !account.hedged),
      closePosition,
      origin: 'conditional',
    });
  } catch (error) {
    if (error instanceof ContractRejection) return error;
    throw error;
  }
}
