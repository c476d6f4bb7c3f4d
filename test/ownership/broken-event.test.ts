import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AccountServices } from '../../activities/session/account-services.js';
import { StreamAlarms } from '../../activities/session/stream-alarms.js';
import { MarketFeed } from '../../activities/session/market-feed.js';
import { OrderSession } from '../../activities/session/order-session.js';
import { SessionMemory } from '../../activities/session/session-memory.js';
import { SessionRegistry } from '../../activities/session/session-registry.js';
import type { AttentionReport } from '../../src/contract/messages.js';
import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { ExchangePort, TopOfBook } from '../../src/ports/exchange.js';
import { NO_METRICS } from '../../src/ports/metrics.js';
import { ScriptedLink } from './scripted-link.js';
import { pathOf } from './scripted-session.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const RULES = {
  pair: 'BTC-USDT',
  base: 'BTC',
  quote: 'USDT',
  contract: 'spot' as const,
  supportsStop: true,
  amountStepBase: '0.00001',
  priceTickQuote: '0.01',
  minAmountBase: '0.00001',
  maxAmountBase: null,
  minNotionalQuote: '5',
  makerFeeFraction: '0.001',
  takerFeeFraction: '0.001',
};

/** An exit that protects one entry, two percent away from its stop. */
function exitPlan(id: string): OrderPlan {
  return {
    path: pathOf(id),
    role: 'exit',
    controllerId: 'main',
    connector: 'exchange',
    account: 'main',
    pair: 'BTC-USDT',
    rules: RULES,
    side: 'SELL',
    amountBase: null,
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'CLOSE',
    leverage: 1,
    activationBounds: [],
    maxRetries: 10,
    guardedBy: null,
    parentId: null,
    firstRunId: null,
    arm: {
      exchangeStop: null,
      closing: null,
      barriers: { stopLossFraction: '0.02', takeProfitFraction: null, takeProfitOrderType: 'MARKET', targets: [], breakevenAfterTarget: null, trailingStop: null, timeLimitAtMs: null },
      entrySide: 'BUY',
      protects: [pathOf(`${id}/entry`)],
      predecessors: [],
      activationBounds: [],
    },
  };
}

it('an event that breaks one session is told of, and every other session goes on', async () => {
  const link = new ScriptedLink();
  const listeners: ((top: TopOfBook) => void)[] = [];
  const errors: string[] = [];
  const exchange = {
    subscribeTopOfBook: (_pair: string, listener: (top: TopOfBook) => void) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const quiet = (): void => undefined;
  const services = {
    registry: new SessionRegistry(new SessionMemory()),
    workflows: link,
    streams: new StreamAlarms(() => undefined),
    feed: new MarketFeed(exchange as unknown as ExchangePort),
    orders: { unwatch: quiet },
    funds: { release: quiet },
    lease: { lost: false },
    logger: { info: quiet, warn: quiet, error: (_fields: object, message: string) => errors.push(message) },
    metrics: NO_METRICS,
  } as unknown as AccountServices;
  const [broken, whole] = ['a', 'b'].map((id) => new OrderSession(exitPlan(id), services, null));
  broken?.start(true);
  whole?.start(true);
  // No fills where there have to be some.
  broken?.dispatch({ kind: 'protected', fills: null as never, nowMs: Date.now() });
  for (const listener of listeners) listener({ bidQuote: '60000', askQuote: '60000.01', atMs: Date.now() });
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toEqual(['an event broke its session, which goes on without it']);
  expect([broken?.isArmed(), whole?.isArmed()]).toEqual([true, true]);
  expect([broken, whole].map((session) => session?.current.bidQuote?.toFixed())).toEqual(['60000', '60000']);
  expect(link.sent.map(({ workflowId, payload }) => [workflowId, (payload as AttentionReport).code])).toEqual([['a', 'INTERNAL']]);
  broken?.abandon();
  whole?.abandon();
  expect(vi.getTimerCount()).toBe(0);
});
