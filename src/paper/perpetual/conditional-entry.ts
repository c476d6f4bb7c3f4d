import { lastPrice } from '../exchange/last-price.js';
import { transact } from '../exchange/unit-of-work.js';
import type { Decimal } from '../matching/exact-decimal.js';
import { type ConditionalOrder, type WorkingType, triggersAt } from './conditional-order.js';
import { endConditional, recordConditional } from './conditional-record.js';
import type { ContractMarket } from './contract-market.js';
import { checkPositionSide } from './contract-order-entry.js';
import { checkContractAmount, checkContractNotional, checkContractPrice } from './contract-order-rules.js';
import { ContractRejection } from './contract-rejection.js';
import { type PerpetualExchange, onlyReduces } from './perpetual-exchange.js';

/** Binance's limit of conditional orders per contract and account. */
const MAX_PER_CONTRACT = 200;

export type ConditionalRequest = Omit<
  ConditionalOrder,
  'conditionalId' | 'state' | 'orderId' | 'reason' | 'createdMs' | 'updatedMs' | 'triggeredMs'
>;

/** @throws ContractRejection when it is refused; then nothing was changed. */
export function placeConditional(perpetuals: PerpetualExchange, request: ConditionalRequest): Readonly<ConditionalOrder> {
  const market = perpetuals.market(request.symbol);
  checkPositionSide(perpetuals.account(request.account), request);
  checkRules(market, request);
  const waiting = perpetuals.conditionals.of(request.account, request.symbol);
  if (waiting.length >= MAX_PER_CONTRACT) throw new ContractRejection('max_conditional_orders');
  if (waiting.some(({ clientId }) => clientId === request.clientId)) throw new ContractRejection('duplicate_client_order_id');
  if (request.closePosition && waiting.some((other) => closesAlike(other, request))) throw new ContractRejection('close_position_exists');
  const price = workingPrice(perpetuals, market, request.workingType);
  if (price !== undefined && triggersAt(request, price)) throw new ContractRejection('would_trigger');
  return transact(perpetuals.state, (work) => {
    const { conditionals } = perpetuals;
    const { timeMs } = work;
    const times = { createdMs: timeMs, updatedMs: timeMs, triggeredMs: null };
    const order: ConditionalOrder = { ...request, conditionalId: conditionals.nextId, state: 'new', orderId: null, reason: '', ...times };
    conditionals.nextId += 1;
    conditionals.add(order);
    recordConditional(work, 'conditional-new', order);
    return { ...order };
  });
}

/** The price a conditional order of this working type is compared with; undefined while there is none. */
export function workingPrice(perpetuals: PerpetualExchange, market: ContractMarket, workingType: WorkingType): Decimal | undefined {
  switch (workingType) {
    case 'mark_price':
      return perpetuals.markPrice(market);
    case 'contract_price':
      return lastPrice(perpetuals.state, market.pair);
  }
}

export interface ConditionalReference {
  readonly account: string;
  readonly conditionalId: number | undefined;
  readonly clientId: string | undefined;
}

/** @throws ContractRejection cancel_unknown_order when no waiting order of the account answers to the ids. */
export function cancelConditional(perpetuals: PerpetualExchange, reference: ConditionalReference): Readonly<ConditionalOrder> {
  const order = perpetuals.conditionals.find(reference.account, reference);
  if (order === undefined) throw new ContractRejection('cancel_unknown_order');
  return transact(perpetuals.state, (work) => {
    endConditional(perpetuals, work, order, 'canceled');
    return { ...order };
  });
}

export function cancelAllConditionals(perpetuals: PerpetualExchange, account: string, symbol: string): number {
  perpetuals.market(symbol);
  const waiting = perpetuals.conditionals.of(account, symbol);
  if (waiting.length === 0) return 0;
  transact(perpetuals.state, (work) => {
    for (const order of waiting) endConditional(perpetuals, work, order, 'canceled');
  });
  return waiting.length;
}

function checkRules(market: ContractMarket, request: ConditionalRequest): void {
  const { instrument } = market.pair;
  const { priceQuote, triggerQuote, amountBase, closePosition } = request;
  checkContractPrice(instrument, triggerQuote);
  if (priceQuote !== null) checkContractPrice(instrument, priceQuote);
  if (closePosition) return;
  checkContractAmount(instrument, amountBase, priceQuote === null);
  const terms = { ...request, origin: 'conditional' } as const;
  if (!onlyReduces({ side: request.side, contract: terms })) {
    checkContractNotional(instrument, amountBase.times(priceQuote ?? triggerQuote));
  }
}

/** Only one of a kind may close the whole position on a side. */
function closesAlike(other: ConditionalOrder, request: ConditionalRequest): boolean {
  const isStop = (type: ConditionalOrder['type']): boolean => type === 'stop' || type === 'stop_market';
  const { side, positionSide, type } = request;
  return other.closePosition && other.side === side && other.positionSide === positionSide && isStop(other.type) === isStop(type);
}
