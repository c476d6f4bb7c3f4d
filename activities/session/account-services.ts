import type { CutExecutor } from '../../src/contract/cut-executor.js';
import type { OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionResult } from '../../src/contract/session-result.js';
import type { ExchangePort } from '../../src/ports/exchange.js';
import type { Metrics } from '../../src/ports/metrics.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';
import type { Lease } from '../ownership/lease.js';
import type { AccountOrders } from './account-orders.js';
import type { HedgePrices } from './hedge-prices.js';
import type { LeverageClaims } from './leverage-claims.js';
import type { MarketFeed } from './market-feed.js';
import type { PerpetualWatch } from './perpetual-watch.js';
import type { SessionRegistry } from './session-registry.js';
import type { StreamAlarms } from './stream-alarms.js';

export interface SessionLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Funds of the account, between what the exchange tells and what sessions are about to use. */
export interface FundsPort {
  /** All or nothing; `message` names what is missing. `fresh`: the balance is read first, for who must be able to pay later. */
  reserve(sessionId: string, asset: string, amount: string, fresh?: boolean): Promise<{ readonly ok: true } | { readonly ok: false; readonly message: string }>;
  /** The exchange has taken the order: from now on its own balance shows the lock. */
  acknowledge(sessionId: string): void;
  release(sessionId: string): void;
}

/** Everything a session of one account works with; one set per owned account. */
export interface AccountServices {
  readonly connector: string;
  readonly account: string;
  readonly exchange: ExchangePort;
  /** Without an answer of the Temporal server nothing leaves, not even exits. */
  readonly strict: boolean;
  readonly funds: FundsPort;
  readonly lease: Lease;
  readonly workflows: WorkflowLink;
  readonly registry: SessionRegistry;
  readonly orders: AccountOrders;
  readonly feed: MarketFeed;
  readonly streams: StreamAlarms;
  /** Of a perpetual market; empty elsewhere. */
  readonly contracts: LeverageClaims;
  /** Null on a spot market. */
  readonly perpetuals: PerpetualWatch | null;
  /** Another account that this process owns right now; null when it does not. */
  neighbour(connector: string, account: string): AccountServices | null;
  readonly hedgePrices: HedgePrices;
  readonly logger: SessionLogger;
  readonly metrics: Metrics;
  /** Submissions on their way: the lease is not given back before they are answered or past their deadline. */
  readonly inFlight: Set<Promise<unknown>>;
  /** Unix ms up to which a submission without an answer may still be carried out by the exchange. */
  unansweredUntilMs: number;
  /** Unix ms at which this process was granted the lease: orders of an earlier owner are visible from readLagMs later on. */
  readonly grantedAtMs: number;
  clientOrderId(path: OrderPath, sequence: number): string;
  /** Value of one unit of an asset in quote at that time; null when nobody knows. Deterministic for a past time. */
  priceAt(asset: string, quote: string, atMs: number): Promise<string | null>;
  /** Tells the controller of fills whose executor vanished; each counted once, whoever tells first. */
  handOver(plan: OrderPlan, result: SessionResult): Promise<void>;
  /** Tells the controller what an executor had filled whose workflow was ended from outside, and archives that. Once. */
  handOverCut(executor: CutExecutor): Promise<void>;
  /** True for ids that this program derives, whoever's executor it was. */
  isOurs(clientOrderId: string): boolean;
  rootPrefix(rootId: string, rootCreatedAtMs: number): string;
}
