import { randomBytes } from 'node:crypto';
import type { CancelRestriction } from '../exchange/order-cancel.js';
import type { OrderRequest } from '../exchange/order-entry.js';
import type { OrderType, Side, TimeInForce } from '../matching/order.js';
import { type Parameters, missing } from './parameters.js';
import { WireError } from './wire-error.js';

const SIDES: Readonly<Record<'BUY' | 'SELL', Side>> = { BUY: 'buy', SELL: 'sell' };
const TYPES = {
  LIMIT: 'limit',
  LIMIT_MAKER: 'limit_maker',
  MARKET: 'market',
  STOP_LOSS: 'stop_loss',
  STOP_LOSS_LIMIT: 'stop_loss_limit',
  TAKE_PROFIT: 'take_profit',
  TAKE_PROFIT_LIMIT: 'take_profit_limit',
} as const satisfies Readonly<Record<string, OrderType>>;
type WireType = keyof typeof TYPES;
const TYPE_NAMES = Object.keys(TYPES) as WireType[];

export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

export function parseResponseType(parameters: Parameters): ResponseType {
  const choice = parameters.oneOf('newOrderRespType', ['ACK', 'RESULT', 'FULL'], new WireError(-1136, 'Invalid newOrderRespType.'));
  parameters.oneOf('selfTradePreventionMode', ['NONE'], new WireError(-1013, 'This symbol does not allow the specified self-trade prevention mode.'));
  return choice ?? 'FULL';
}

/** A new order as its parameters say. Each type has its own set of mandatory and of forbidden parameters. @throws WireError */
export function parseOrder(parameters: Parameters, account: string): OrderRequest {
  const symbol = parameters.requiredText('symbol');
  const side = parameters.oneOf('side', ['BUY', 'SELL'], new WireError(-1117, 'Invalid side.'));
  if (side === undefined) throw missing('side');
  const type = parameters.oneOf('type', TYPE_NAMES, new WireError(-1116, 'Invalid orderType.'));
  if (type === undefined) throw missing('type');
  const common = {
    account,
    symbol,
    side: SIDES[side],
    type: TYPES[type],
    clientOrderId: parameters.clientOrderId('newClientOrderId') ?? newClientOrderId(),
    stopPriceQuote: null,
  };
  switch (type) {
    case 'MARKET':
      for (const name of ['price', 'timeInForce', 'stopPrice']) parameters.forbid(name);
      return { ...common, timeInForce: 'GTC', priceQuote: null, ...marketAmount(parameters) };
    case 'LIMIT':
    case 'LIMIT_MAKER':
      parameters.forbid('stopPrice');
      return { ...common, ...limitTerms(parameters, type) };
    case 'STOP_LOSS':
    case 'TAKE_PROFIT': {
      for (const name of ['price', 'timeInForce', 'quoteOrderQty']) parameters.forbid(name);
      const terms = { amountBase: parameters.requiredDecimal('quantity'), stopPriceQuote: parameters.requiredDecimal('stopPrice') };
      return { ...common, ...terms, timeInForce: 'GTC', priceQuote: null, amountQuote: null };
    }
    case 'STOP_LOSS_LIMIT':
    case 'TAKE_PROFIT_LIMIT':
      return { ...common, ...limitTerms(parameters, type), stopPriceQuote: parameters.requiredDecimal('stopPrice') };
  }
}

function limitTerms(parameters: Parameters, type: WireType): Pick<OrderRequest, 'timeInForce' | 'priceQuote' | 'amountBase' | 'amountQuote'> {
  parameters.forbid('quoteOrderQty');
  const amountBase = parameters.requiredDecimal('quantity');
  const priceQuote = parameters.requiredDecimal('price');
  return { timeInForce: parseTimeInForce(parameters, type), priceQuote, amountBase, amountQuote: null };
}

function marketAmount(parameters: Parameters): Pick<OrderRequest, 'amountBase' | 'amountQuote'> {
  const amountBase = parameters.decimal('quantity') ?? null;
  const amountQuote = parameters.decimal('quoteOrderQty') ?? null;
  if (amountBase !== null && amountQuote !== null) throw new WireError(-1128, 'Combination of optional parameters invalid.');
  if (amountBase === null && amountQuote === null) throw missing('quantity');
  return { amountBase, amountQuote };
}

function parseTimeInForce(parameters: Parameters, type: WireType): TimeInForce {
  if (type === 'LIMIT_MAKER') {
    parameters.forbid('timeInForce');
    return 'GTC';
  }
  const timeInForce = parameters.oneOf('timeInForce', ['GTC', 'IOC', 'FOK'], new WireError(-1115, 'Invalid timeInForce.'));
  if (timeInForce === undefined) throw missing('timeInForce');
  return timeInForce;
}

/** Whether the order may be cancelled only while it is untouched, or only once it is partly filled. */
export function parseRestriction(parameters: Parameters): CancelRestriction | undefined {
  const invalid = new WireError(-1106, "Parameter 'cancelRestrictions' is not one of ONLY_NEW, ONLY_PARTIALLY_FILLED.");
  const given = parameters.oneOf('cancelRestrictions', ['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'], invalid);
  if (given === undefined) return undefined;
  return given === 'ONLY_NEW' ? 'new' : 'partially_filled';
}

export function newClientOrderId(): string {
  return randomBytes(11).toString('hex');
}
