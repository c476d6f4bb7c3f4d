import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import { createExecutorId } from '../../src/schema/executor-id.js';
import { DEFAULT_ACCOUNT, PAPER_CONNECTOR } from '../../src/stack/executors-configuration.js';

export const OUTAGE_SYMBOL = 'BTCUSDT';

/** Best bids: at the start, of the resting entries, where those are filled and no stop is met, where every stop is. */
export const OUTAGE_PRICES = { start: '60000', entry: '59500', filled: '59400', crossed: '57900' } as const;

/** A long with a stop 2 % below; `entryPriceQuote`: by a limit order that rests there, null: at market. */
export function outagePosition(entryPriceQuote: string | null): PositionExecutorConfig {
  return {
    type: 'position_executor',
    id: createExecutorId(),
    createdAtMs: Date.now(),
    controllerId: 'outage',
    account: DEFAULT_ACCOUNT,
    connector: PAPER_CONNECTOR,
    pair: 'BTC-USDT',
    levelId: null,
    leverage: 1,
    side: 'BUY',
    amountBase: '0.001',
    entryPriceQuote,
    closing: null, activationBounds: [],
    tripleBarrier: {
      stopLossFraction: '0.02',
      takeProfitFraction: null,
      trailingStop: null,
      timeLimitSeconds: null,
      openOrderType: entryPriceQuote === null ? 'MARKET' : 'LIMIT',
      takeProfitOrderType: 'MARKET',
      targets: [],
      breakevenAfterTarget: null,
      exchangeStop: null,
      stopLossOrderType: 'MARKET',
      timeLimitOrderType: 'MARKET',
    },
  };
}
