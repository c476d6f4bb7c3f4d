import { transact } from '../exchange/unit-of-work.js';
import { ContractRejection } from './contract-rejection.js';
import type { LeverageTerms, MarginMode } from './contract.js';
import { maxLeverage, maxNotional } from './leverage-brackets.js';
import { summarize } from './margin.js';
import type { PerpetualAccount } from './perpetual-account.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { UPSERT_ACCOUNT, UPSERT_LEVERAGE } from './perpetual-tables.js';
import { notionalQuote } from './position.js';

/**
 * Sets the leverage of a contract for an account. What is open must fit: its size under the new leverage's brackets
 * and its initial margin into the wallet. An isolated position keeps at least the leverage it was opened with.
 * @throws ContractRejection leverage_invalid, max_position, leverage_too_low_for_position, isolated_leverage_reduction
 */
export function setLeverage(perpetuals: PerpetualExchange, name: string, symbol: string, leverage: number): void {
  const market = perpetuals.market(symbol);
  const account = perpetuals.account(name);
  if (leverage < 1 || leverage > maxLeverage(market.contract.brackets)) throw new ContractRejection('leverage_invalid', String(leverage));
  const before = perpetuals.leverageOf(account, symbol);
  checkFits(perpetuals, account, symbol, { ...before, leverage });
  const terms = { ...before, leverage };
  transact(perpetuals.state, (work) => {
    account.leverage.set(symbol, terms);
    work.row(UPSERT_LEVERAGE, [name, symbol, leverage, terms.marginMode]);
    work.event('leverage-set', { account: name, symbol }, { leverage });
    const change = { account: name, symbol, leverage, timeMs: work.timeMs };
    work.tell((listener) => listener.contractConfigChanged?.(change));
  });
}

function checkFits(perpetuals: PerpetualExchange, account: PerpetualAccount, symbol: string, terms: LeverageTerms): void {
  const before = perpetuals.leverageOf(account, symbol);
  if (terms.leverage === before.leverage) return;
  const market = perpetuals.market(symbol);
  const open = perpetuals.state.openOrders.of(account.name, symbol);
  const exposure = { ...perpetuals.exposure(account, market, open), ...terms };
  const largest = maxNotional(exposure.brackets, terms.leverage);
  if (exposure.positions.some((position) => notionalQuote(position, exposure.markQuote).gt(largest))) {
    throw new ContractRejection('max_position');
  }
  if (terms.leverage > before.leverage) return;
  if (terms.marginMode === 'isolated' && exposure.positions.length > 0) throw new ContractRejection('isolated_leverage_reduction');
  const { settleAsset } = market.contract;
  const others = perpetuals.exposures(account, settleAsset, true).filter((each) => each.symbol !== symbol);
  const summary = summarize(account.wallet(settleAsset), [...others, exposure]);
  if (exposure.positions.length + exposure.orders.length > 0 && summary.availableQuote.lt(0)) {
    throw new ContractRejection('leverage_too_low_for_position');
  }
}

/** @throws ContractRejection margin_mode_unchanged, margin_mode_open_orders, margin_mode_position */
export function setMarginMode(perpetuals: PerpetualExchange, name: string, symbol: string, marginMode: MarginMode): void {
  perpetuals.market(symbol);
  const account = perpetuals.account(name);
  const before = perpetuals.leverageOf(account, symbol);
  if (before.marginMode === marginMode) throw new ContractRejection('margin_mode_unchanged');
  if (hasOpenOrders(perpetuals, name, symbol)) throw new ContractRejection('margin_mode_open_orders');
  if (account.openPositions(symbol).length > 0) throw new ContractRejection('margin_mode_position');
  transact(perpetuals.state, (work) => {
    account.leverage.set(symbol, { ...before, marginMode });
    work.row(UPSERT_LEVERAGE, [name, symbol, before.leverage, marginMode]);
    work.event('margin-mode-set', { account: name, symbol }, { marginMode });
  });
}

/** @throws ContractRejection position_mode_unchanged, position_mode_open_orders, position_mode_position */
export function setPositionMode(perpetuals: PerpetualExchange, name: string, hedged: boolean): void {
  const account = perpetuals.account(name);
  if (account.hedged === hedged) throw new ContractRejection('position_mode_unchanged');
  if (hasOpenOrders(perpetuals, name)) throw new ContractRejection('position_mode_open_orders');
  if (account.allOpenPositions().length > 0) throw new ContractRejection('position_mode_position');
  transact(perpetuals.state, (work) => {
    account.hedged = hedged;
    work.row(UPSERT_ACCOUNT, [name, hedged ? 1 : 0]);
    work.event('position-mode-set', { account: name }, { hedged });
  });
}

/** Conditional orders count: they would be sent with a position side that no longer exists. */
function hasOpenOrders(perpetuals: PerpetualExchange, name: string, symbol?: string): boolean {
  const open = perpetuals.state.openOrders.of(name, symbol);
  const isContract = open.some((order) => perpetuals.markets.has(order.symbol));
  return isContract || perpetuals.conditionals.of(name, symbol).length > 0;
}
