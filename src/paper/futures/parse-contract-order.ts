import { newClientOrderId } from '../binance/parse-order.js';
import { type Parameters, missing } from '../binance/parameters.js';
import { WireError } from '../binance/wire-error.js';
import type { Side } from '../matching/order.js';
import type { ConditionalRequest } from '../perpetual/conditional-entry.js';
import type { ConditionalType, ContractTimeInForce, WorkingType } from '../perpetual/conditional-order.js';
import type { ContractOrderRequest } from '../perpetual/contract-order-entry.js';
import { contractSymbol } from '../perpetual/contract-symbol.js';
import type { PositionSide } from '../perpetual/contract.js';
import { ZERO } from '../matching/exact-decimal.js';

const SIDES: Readonly<Record<'BUY' | 'SELL', Side>> = { BUY: 'buy', SELL: 'sell' };
const POSITION_SIDES: Readonly<Record<'BOTH' | 'LONG' | 'SHORT', PositionSide>> = { BOTH: 'both', LONG: 'long', SHORT: 'short' };
const CONDITIONAL_TYPES = {
  STOP: 'stop',
  STOP_MARKET: 'stop_market',
  TAKE_PROFIT: 'take_profit',
  TAKE_PROFIT_MARKET: 'take_profit_market',
} as const satisfies Readonly<Record<string, ConditionalType>>;
const WORKING_TYPES: Readonly<Record<'MARK_PRICE' | 'CONTRACT_PRICE', WorkingType>> = {
  MARK_PRICE: 'mark_price',
  CONTRACT_PRICE: 'contract_price',
};
const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'GTX'] as const;

export type FuturesResponseType = 'ACK' | 'RESULT';

export function parseFuturesResponseType(parameters: Parameters): FuturesResponseType {
  const choice = parameters.oneOf('newOrderRespType', ['ACK', 'RESULT'], new WireError(-1136, 'Invalid newOrderRespType.'));
  // Orders of one account never trade with each other's prevention here: only the mode without it is accepted.
  parameters.oneOf('selfTradePreventionMode', ['NONE'], invalid('selfTradePreventionMode'));
  return choice ?? 'ACK';
}

/** A market or limit order of the perpetual market. @throws WireError */
export function parseContractOrder(parameters: Parameters, account: string): ContractOrderRequest {
  const common = parseCommon(parameters, account);
  const type = parameters.requiredText('type');
  if (type in CONDITIONAL_TYPES || type === 'TRAILING_STOP_MARKET') {
    throw new WireError(-4120, 'Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.');
  }
  if (type !== 'LIMIT' && type !== 'MARKET') throw new WireError(-1116, 'Invalid orderType.');
  const clientOrderId = parameters.clientOrderId('newClientOrderId') ?? newClientOrderId();
  const amountBase = parameters.requiredDecimal('quantity');
  const request = { ...common, clientOrderId, amountBase, closePosition: false, origin: 'customer' } as const;
  if (type === 'MARKET') {
    parameters.forbid('price');
    parameters.forbid('timeInForce');
    return { ...request, priceQuote: null, timeInForce: 'GTC' };
  }
  const timeInForce = parseTimeInForce(parameters);
  if (timeInForce === undefined) throw missing('timeInForce');
  return { ...request, priceQuote: parameters.requiredDecimal('price'), timeInForce };
}

/** A conditional order: waits for `triggerPrice` outside the book. @throws WireError */
export function parseConditional(parameters: Parameters, account: string): ConditionalRequest {
  const common = parseCommon(parameters, account);
  const algoType = parameters.requiredText('algoType');
  if (algoType !== 'CONDITIONAL') throw invalid('algoType');
  const wireType = parameters.oneOf('type', keysOf(CONDITIONAL_TYPES), new WireError(-1116, 'Invalid orderType.'));
  if (wireType === undefined) throw missing('type');
  const type = CONDITIONAL_TYPES[wireType];
  const isMarket = type === 'stop_market' || type === 'take_profit_market';
  const closePosition = parseFlag(parameters, 'closePosition');
  if (closePosition && (!isMarket || common.reduceOnly)) throw new WireError(-1128, 'Combination of optional parameters invalid.');
  if (closePosition) parameters.forbid('quantity');
  parseFlag(parameters, 'priceProtect');
  parameters.oneOf('priceMatch', ['NONE'], invalid('priceMatch'));
  if (isMarket) parameters.forbid('price');
  const workingType = parameters.oneOf('workingType', keysOf(WORKING_TYPES), invalid('workingType')) ?? 'CONTRACT_PRICE';
  return {
    ...common,
    clientId: parameters.clientOrderId('clientAlgoId') ?? newClientOrderId(),
    type,
    timeInForce: parseTimeInForce(parameters) ?? 'GTC',
    priceQuote: isMarket ? null : parameters.requiredDecimal('price'),
    amountBase: closePosition ? ZERO : parameters.requiredDecimal('quantity'),
    triggerQuote: parameters.requiredDecimal('triggerPrice'),
    workingType: WORKING_TYPES[workingType],
    closePosition,
  };
}

interface CommonFields {
  readonly account: string;
  readonly symbol: string;
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly reduceOnly: boolean;
}

function parseCommon(parameters: Parameters, account: string): CommonFields {
  const symbol = contractSymbol(parameters.requiredText('symbol'));
  return { account, symbol, side: parseSide(parameters), positionSide: parsePositionSide(parameters), reduceOnly: parseFlag(parameters, 'reduceOnly') };
}

export function parseSide(parameters: Parameters): Side {
  const side = parameters.oneOf('side', ['BUY', 'SELL'], new WireError(-1117, 'Invalid side.'));
  if (side === undefined) throw missing('side');
  return SIDES[side];
}

function parsePositionSide(parameters: Parameters): PositionSide {
  return POSITION_SIDES[parameters.oneOf('positionSide', keysOf(POSITION_SIDES), invalid('positionSide')) ?? 'BOTH'];
}

function parseTimeInForce(parameters: Parameters): ContractTimeInForce | undefined {
  return parameters.oneOf('timeInForce', TIMES_IN_FORCE, new WireError(-1115, 'Invalid timeInForce.'));
}

export function parseFlag(parameters: Parameters, name: string): boolean {
  const value = parameters.text(name)?.toLowerCase();
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw invalid(name);
}

/** Rows before the page that is asked for; pages count from one. */
export function pageOffset(parameters: Parameters, limit: number): number {
  return (Math.max(parameters.integer('page') ?? 1, 1) - 1) * limit;
}

function keysOf<Key extends string>(choices: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(choices) as Key[];
}

function invalid(name: string): WireError {
  return new WireError(-1130, `Data sent for parameter '${name}' is not valid.`);
}
