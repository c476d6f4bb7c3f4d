import type { UnitOfWork } from '../exchange/unit-of-work.js';
import { Decimal } from '../matching/exact-decimal.js';
import type { ContractMarket } from './contract-market.js';
import { maintenanceMargin } from './leverage-brackets.js';
import { summarize } from './margin.js';
import type { PerpetualAccount } from './perpetual-account.js';
import type { MarginCall } from './perpetual-changes.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { notionalQuote } from './position.js';

/** Share of the margin that the maintenance margin may take before the account is warned. */
const WARNING_SHARE = new Decimal('0.8');

/** Warns accounts whose cross positions come close to being taken over; again only after they were safe in between. */
export class MarginCalls {
  private readonly warned = new Set<string>();

  check(perpetuals: PerpetualExchange, work: UnitOfWork, market: ContractMarket): void {
    const { symbol, settleAsset } = market.contract;
    for (const account of perpetuals.accounts.values()) {
      const isConcerned = account.openPositions(symbol).length > 0 && perpetuals.leverageOf(account, symbol).marginMode === 'cross';
      if (!isConcerned) {
        this.warned.delete(account.name);
        continue;
      }
      const summary = summarize(account.wallet(settleAsset), perpetuals.exposures(account, settleAsset, false));
      const left = summary.crossWalletQuote.plus(summary.crossUnrealizedQuote);
      const isClose = summary.crossMaintenanceQuote.gt(left.times(WARNING_SHARE));
      if (!isClose) this.warned.delete(account.name);
      if (!isClose || this.warned.has(account.name)) continue;
      this.warned.add(account.name);
      const call = this.callOf(perpetuals, account, summary.crossWalletQuote, work.timeMs);
      work.tell((listener) => listener.marginCalled?.(call));
    }
  }

  private callOf(perpetuals: PerpetualExchange, account: PerpetualAccount, crossWalletQuote: Decimal, timeMs: number): MarginCall {
    const positions = account.allOpenPositions().map((position) => {
      const view = perpetuals.positionView(account, position.symbol, position.positionSide);
      const { brackets } = perpetuals.market(position.symbol).contract;
      return { ...view, maintenanceQuote: maintenanceMargin(brackets, notionalQuote(position, view.markQuote)) };
    });
    return { account: account.name, crossWalletQuote, positions: positions.filter(({ marginMode }) => marginMode === 'cross'), timeMs };
  }
}
