import type { Candidate } from '../activities/ownership/own-account.js';
import { AccountOrders } from '../activities/session/account-orders.js';
import type { AccountServices, FundsPort, SessionLogger } from '../activities/session/account-services.js';
import { LeverageClaims } from '../activities/session/leverage-claims.js';
import { MarketFeed } from '../activities/session/market-feed.js';
import { withFields } from '../activities/session/session-logger.js';
import type { OrderSession } from '../activities/session/order-session.js';
import { PerpetualWatch } from '../activities/session/perpetual-watch.js';
import { SessionDirectory } from '../activities/session/session-directory.js';
import { SessionMemory } from '../activities/session/session-memory.js';
import { SessionRegistry } from '../activities/session/session-registry.js';
import { StreamAlarms } from '../activities/session/stream-alarms.js';
import type { Config } from '../src/config.js';
import { AccountBalances } from '../src/exchanges/account-balances.js';
import { clientOrderIdFor, isOurs, rootPrefix } from '../src/exchanges/client-order-id.js';
import { createExchange } from '../src/exchanges/create-exchange.js';
import { createPriceHistory } from '../src/exchanges/price-history.js';
import type { SharedLimiters } from '../src/exchanges/shared-limiters.js';
import { type AccountReading, type Metrics, type SessionCondition, type SessionRole } from '../src/ports/metrics.js';
import type { WorkflowLink } from '../src/ports/workflow-link.js';

/** Opens an account for the time of one lease: exchange client, streams, balances, registry. */
export function openAccount(config: Config, workflows: WorkflowLink, logger: SessionLogger, shared: Pick<AccountServices, 'handOver' | 'handOverCut' | 'neighbour' | 'hedgePrices'>, process: { readonly metrics: Metrics; readonly limiters: SharedLimiters }): Candidate['openAccount'] {
  const { metrics, limiters } = process;
  // Legs of one executor on several accounts of this process know each other.
  const directory = new SessionDirectory();
  const memories = new Map<string, SessionMemory>();
  return async (connector, account, lease) => {
    const memory = memories.get(`${connector}/${account}`) ?? new SessionMemory();
    memories.set(`${connector}/${account}`, memory);
    const exchange = await createExchange(config, { connector, account }, { metrics, limiters });
    const balances = new AccountBalances(exchange);
    const registry = new SessionRegistry(memory, directory);
    const orders = new AccountOrders(exchange, withFields(logger, { connector, account }));
    // What a stream kept to itself is read at once, for all orders of the account together.
    const streams = new StreamAlarms(() => void orders.reconcile());
    const feed = new MarketFeed(exchange, (pair, side, sinceMs) => streams.emptySide(pair, side, sinceMs));
    const leaveHealth = exchange.subscribeHealth((health) => {
      if (health.stream === 'account') orders.streamStale(health.stale !== null);
      streams.health(health);
    });
    const perpetuals = exchange.derivatives === null ? null : new PerpetualWatch({ exchange, derivatives: exchange.derivatives, registry, workflows, logger: withFields(logger, { connector, account }) });
    const history = createPriceHistory(exchange);
    const funds = fundsOf(balances);
    const services: AccountServices = {
      connector,
      account,
      exchange,
      strict: config.accounts.some((entry) => entry.connector === connector && entry.name === account && entry.strict),
      funds,
      lease,
      workflows,
      registry,
      orders,
      feed,
      streams,
      contracts: new LeverageClaims(),
      perpetuals,
      logger: withFields(logger, { connector, account }),
      metrics,
      inFlight: new Set(),
      unansweredUntilMs: 0,
      grantedAtMs: Date.now(),
      clientOrderId: (path, sequence) => clientOrderIdFor(path, sequence),
      priceAt: (asset, quote, atMs) => history.priceAt(asset, quote, atMs),
      ...shared,
      isOurs,
      rootPrefix,
    };
    const unwatch = metrics.watchAccount({ connector, account }, () => ({
      sessions: countSessions(registry.all()),
      leaseRemainingMs: lease.remainingMs(),
      leaseLost: lease.lost,
      reservations: funds.reservations(),
    }));
    const close = async (): Promise<void> => {
      unwatch();
      leaveHealth();
      streams.close();
      perpetuals?.close();
      orders.close();
      feed.close();
      balances.close();
      await exchange.close();
    };
    return { services, close };
  };
}

/** All roles and conditions, those without a session too: a series that comes and goes cannot be drawn. */
function countSessions(sessions: readonly OrderSession[]): AccountReading['sessions'] {
  const none = (): Record<SessionCondition, number> => ({ armed: 0, working: 0, detached: 0, paused: 0 });
  const counts: Record<SessionRole, Record<SessionCondition, number>> = { entry: none(), exit: none(), hedge: none(), order: none() };
  for (const session of sessions) if (!session.ended) counts[session.plan.role][session.condition] += 1;
  return counts;
}

/** One reservation per session: what an order acknowledges is what its session reserved. */
function fundsOf(balances: AccountBalances): FundsPort & { reservations(): number } {
  const reserved = new Map<string, { readonly asset: string; readonly amount: string }>();
  return {
    reserve: async (sessionId, asset, amount, fresh) => {
      const answer = await balances.reserve(sessionId, asset, amount, fresh);
      switch (answer.kind) {
        case 'reserved':
          reserved.set(sessionId, { asset, amount });
          return { ok: true };
        case 'insufficient':
          return { ok: false, message: `needs ${answer.needed} ${asset}, the account has ${answer.available} free` };
        case 'unknown':
          throw new Error(answer.failure.message);
        default:
          return unreachable(answer);
      }
    },
    acknowledge: (sessionId) => {
      const held = reserved.get(sessionId);
      if (held !== undefined) balances.acknowledge(sessionId, held.asset, held.amount);
      reserved.delete(sessionId);
    },
    release: (sessionId) => {
      reserved.delete(sessionId);
      balances.release(sessionId);
    },
    reservations: () => reserved.size,
  };
}

function unreachable(answer: never): never {
  throw new Error(`unhandled ${JSON.stringify(answer)}`);
}
