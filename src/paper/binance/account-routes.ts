import { type FeeSchedule, rateOf } from '../matching/fees.js';
import type { ExchangeState } from '../exchange/exchange-state.js';
import { wireDecimal, ZERO_TEXT } from './render-order.js';
import { type RequestContext, pairOf, pairsOf } from './request-context.js';

export function account({ state, parameters, account: name }: RequestContext): unknown {
  const omitZero = parameters.text('omitZeroBalances') === 'true';
  parameters.finish();
  const fees = state.feesOf(name);
  const rows = state.balances.assetsOf(name).filter((row) => !omitZero || !row.free.plus(row.locked).isZero());
  return {
    makerCommission: basisPoints(fees, 'maker'),
    takerCommission: basisPoints(fees, 'taker'),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { ...rates(fees), buyer: ZERO_TEXT, seller: ZERO_TEXT },
    canTrade: true,
    canWithdraw: false,
    canDeposit: false,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: state.now(),
    accountType: 'SPOT',
    balances: rows.map((row) => ({ asset: row.asset, free: wireDecimal(row.free), locked: wireDecimal(row.locked) })),
    permissions: ['SPOT'],
  };
}

/** Fees by pair. The exchange charges the same on every pair. */
export function tradeFees(context: RequestContext): unknown {
  const { state, parameters, account: name } = context;
  const symbol = parameters.text('symbol');
  parameters.finish();
  const symbols = symbol === undefined ? pairsOf(context).map(({ instrument }) => instrument.symbol) : [pairOf(context, symbol).instrument.symbol];
  return symbols.map((each) => renderTradeFee(state, name, each));
}

function renderTradeFee(state: ExchangeState, name: string, symbol: string): unknown {
  const { maker, taker } = rates(state.feesOf(name));
  return { symbol, makerCommission: maker, takerCommission: taker };
}

function rates(fees: FeeSchedule): { maker: string; taker: string } {
  return { maker: wireDecimal(rateOf(fees, 'maker')), taker: wireDecimal(rateOf(fees, 'taker')) };
}

function basisPoints(fees: FeeSchedule, role: 'maker' | 'taker'): number {
  return rateOf(fees, role).times(10_000).toNumber();
}
