import { ZERO_TEXT, wireDecimal, wireState } from '../binance/render-order.js';
import type { OrderUpdate } from '../exchange/exchange-listener.js';
import { ZERO } from '../matching/exact-decimal.js';
import { type Trade, isOpen, remainingBase } from '../matching/order.js';
import { termsOf } from '../perpetual/contract-settlement.js';
import { wireSymbolOf } from '../perpetual/contract-symbol.js';
import type { ContractAccountChange, ContractConfigChange, MarginCall, PositionView } from '../perpetual/perpetual-changes.js';
import { entryPrice, unrealizedQuote } from '../perpetual/position.js';
import { averagePrice, wireContractType, wirePositionSide, wireTimeInForce } from './render-contract-order.js';

const EXECUTION_TYPES = {
  new: 'NEW',
  amended: 'AMENDMENT',
  trade: 'TRADE',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
} as const;

/** `ORDER_TRADE_UPDATE`. A liquidation's execution is called CALCULATED. Field letters are Binance's. */
export function orderFrame(update: OrderUpdate, nowMs: number): Record<string, unknown> {
  const { order } = update;
  const terms = termsOf(order);
  const trade = update.execution === 'trade' ? update.trade : undefined;
  const isTakeover = trade !== undefined && terms.origin === 'liquidation';
  const open = isOpen(order) && order.priceQuote !== null ? remainingBase(order).times(order.priceQuote) : ZERO;
  const o = {
    s: wireSymbolOf(order.symbol),
    c: order.clientOrderId,
    S: order.side.toUpperCase(),
    o: terms.origin === 'liquidation' ? 'LIQUIDATION' : wireContractType(order),
    f: wireTimeInForce(order),
    q: wireDecimal(order.amountBase),
    p: order.priceQuote === null ? ZERO_TEXT : wireDecimal(order.priceQuote),
    ap: wireDecimal(averagePrice(order)),
    sp: ZERO_TEXT,
    x: isTakeover ? 'CALCULATED' : EXECUTION_TYPES[update.execution],
    X: wireState(order.state),
    i: order.orderId,
    z: wireDecimal(order.filledBase),
    ...tradeFields(trade),
    T: order.updatedMs,
    b: wireDecimal(order.side === 'buy' ? open : ZERO),
    a: wireDecimal(order.side === 'sell' ? open : ZERO),
    R: terms.reduceOnly,
    wt: 'CONTRACT_PRICE',
    ot: wireContractType(order),
    ps: wirePositionSide(terms.positionSide),
    cp: terms.closePosition,
    pP: false,
    si: 0,
    ss: 0,
    V: 'NONE',
    pm: 'NONE',
    gtd: 0,
  };
  return { e: 'ORDER_TRADE_UPDATE', E: nowMs, T: order.updatedMs, o };
}

function tradeFields(trade: Trade | undefined): Record<string, unknown> {
  if (trade === undefined) return { l: ZERO_TEXT, L: ZERO_TEXT, t: 0, m: false, rp: '0' };
  return {
    l: wireDecimal(trade.amountBase),
    L: wireDecimal(trade.priceQuote),
    N: trade.feeAsset,
    n: wireDecimal(trade.feeAmount),
    t: trade.tradeId,
    m: trade.role === 'maker',
    rp: wireDecimal(trade.contract?.realizedQuote ?? ZERO),
  };
}

/** `ACCOUNT_UPDATE`: the wallet and the positions that changed. */
export function accountFrame(change: ContractAccountChange, nowMs: number): Record<string, unknown> {
  const balance = { a: change.asset, wb: wireDecimal(change.walletQuote), cw: wireDecimal(change.crossWalletQuote), bc: '0' };
  const a = { m: change.reason, B: [balance], P: change.positions.map((view) => positionFields(view, change.asset)) };
  return { e: 'ACCOUNT_UPDATE', E: nowMs, T: change.timeMs, a };
}

function positionFields({ position, markQuote, marginMode }: PositionView, asset: string): Record<string, unknown> {
  return {
    s: wireSymbolOf(position.symbol),
    pa: wireDecimal(position.amountBase),
    ep: wireDecimal(entryPrice(position)),
    bep: wireDecimal(entryPrice(position)),
    cr: wireDecimal(position.realizedQuote),
    up: wireDecimal(unrealizedQuote(position, markQuote)),
    mt: marginMode,
    iw: wireDecimal(position.isolatedQuote),
    ps: wirePositionSide(position.positionSide),
    ma: asset,
  };
}

export function configFrame(change: ContractConfigChange, nowMs: number): Record<string, unknown> {
  const ac = { s: wireSymbolOf(change.symbol), l: change.leverage };
  return { e: 'ACCOUNT_CONFIG_UPDATE', E: nowMs, T: change.timeMs, ac };
}

export function marginCallFrame(call: MarginCall, nowMs: number): Record<string, unknown> {
  const p = call.positions.map(({ position, markQuote, marginMode, maintenanceQuote }) => ({
    s: wireSymbolOf(position.symbol),
    ps: wirePositionSide(position.positionSide),
    pa: wireDecimal(position.amountBase),
    mt: marginMode === 'cross' ? 'CROSSED' : 'ISOLATED',
    iw: wireDecimal(position.isolatedQuote),
    mp: wireDecimal(markQuote),
    up: wireDecimal(unrealizedQuote(position, markQuote)),
    mm: wireDecimal(maintenanceQuote),
  }));
  return { e: 'MARGIN_CALL', E: nowMs, cw: wireDecimal(call.crossWalletQuote), p };
}
