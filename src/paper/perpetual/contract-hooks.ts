import type { ContractHooks } from '../exchange/contract-hooks.js';
import { Decimal } from '../matching/exact-decimal.js';
import { finishConditional } from './conditional-record.js';
import { triggerConditionals } from './conditional-trigger.js';
import type { ContractMarket } from './contract-market.js';
import { settleContractFill, termsOf } from './contract-settlement.js';
import { coverDeficit, liquidateWhereNeeded } from './liquidation.js';
import { MarginCalls } from './margin-call.js';
import type { PerpetualExchange } from './perpetual-exchange.js';
import { fitReducingOrders } from './reduce-only.js';

/** What a contract's pair does at fills, ends of orders and moves of the market. */
export function createContractHooks(perpetuals: PerpetualExchange, market: ContractMarket): ContractHooks {
  const marginCalls = new MarginCalls();
  let lowest: Decimal | undefined;
  let highest: Decimal | undefined;
  const traded = (): Decimal[] => [lowest, highest].filter((price) => price !== undefined);
  return {
    settle: (work, fill) => settleContractFill(perpetuals, market, work, fill),
    filled(work, order) {
      if (order.state === 'filled') finishConditional(perpetuals, work, order);
      const { account, symbol } = order;
      fitReducingOrders(perpetuals, work, account, symbol, termsOf(order).positionSide);
      coverDeficit(perpetuals, work, account, market.contract);
    },
    closed(work, order) {
      finishConditional(perpetuals, work, order);
    },
    observe(priceQuote) {
      lowest = Decimal.min(lowest ?? priceQuote, priceQuote);
      highest = Decimal.max(highest ?? priceQuote, priceQuote);
    },
    moved(work) {
      triggerConditionals(perpetuals, work, market, traded);
      lowest = undefined;
      highest = undefined;
      liquidateWhereNeeded(perpetuals, work, market);
      marginCalls.check(perpetuals, work, market);
    },
  };
}
