import type { ConditionalsQuery, ContractChangeInput, IncomesQuery } from './control/perpetual-schemas.js';
import type { ConditionalView, ContractView, IncomeView, PositionView, WalletView } from './control/perpetual-views.js';
import type { BalanceView, EventView, OrderView, TradeView } from './control/control-views.js';
import type {
  BookInput,
  EventsQuery,
  FaultInput,
  FeesInput,
  FillInput,
  KillSocketsInput,
  MatchingInput,
  OrdersQuery,
  PrintInput,
  ReferenceInput,
  RetentionInput,
  RulesInput,
  SocketLifetimeInput,
  StallSocketsInput,
  TradesQuery,
} from './control/schemas.js';
import type { QuotaInput } from './control/quota-routes.js';
import type { QuotaUse } from './quota/request-quota.js';
import type { HeldRequest } from './exchange/held-requests.js';
import type { Timing } from './exchange/timing-log.js';
import type { FeedStatus } from './feeds/feed-host.js';

export type { ConditionalView, ContractView, IncomeView, PositionView, WalletView } from './control/perpetual-views.js';
export type { BalanceView, EventView, OrderView, TradeView } from './control/control-views.js';
export type { QuotaInput } from './control/quota-routes.js';
export type { Timing } from './exchange/timing-log.js';

export interface QuotaView {
  /** Requests answered 429, and addresses banned. */
  readonly refused: number;
  readonly bans: number;
  readonly uses: readonly QuotaUse[];
}

export interface PairView {
  readonly symbol: string;
  readonly bid: { readonly priceQuote: string; readonly amountBase: string } | null;
  readonly ask: { readonly priceQuote: string; readonly amountBase: string } | null;
  readonly matching: { readonly mode: 'automatic' } | { readonly mode: 'manual'; readonly admission: string };
  readonly rules: Readonly<Record<string, string | number>>;
}

export interface FaultView {
  readonly id: number;
  readonly kind: FaultInput['kind'];
  readonly skip: number;
  readonly remaining: number | null;
  readonly share: number;
  readonly hits: number;
}

export interface StatusView {
  readonly pid: number;
  readonly feed: FeedStatus;
  readonly accounts: readonly string[];
  readonly symbols: readonly string[];
  readonly openOrders: number;
  readonly subscriptions: { readonly streams: readonly string[]; readonly userData: readonly string[] };
  readonly lastEventSequence: number;
}

/** The control API refused a request; `problems` name field, value and rule where a field is at fault. */
export class ControlError extends Error {
  override readonly name = 'ControlError';

  constructor(
    readonly status: number,
    message: string,
    readonly problems: readonly { readonly field: string; readonly value: unknown; readonly rule: string }[],
  ) {
    super(message);
  }
}

type Query = Readonly<Record<string, unknown>>;

/** Typed client of the control API. Amounts and prices are decimal strings, symbols the exchange's (`BTCUSDT`). */
export class PaperControlClient {
  constructor(private readonly controlUrl: string) {}

  status(): Promise<StatusView> {
    return this.call('GET', '/status');
  }

  async pairs(): Promise<PairView[]> {
    return (await this.call<{ pairs: PairView[] }>('GET', '/pairs')).pairs;
  }

  pair(symbol: string): Promise<PairView> {
    return this.call('GET', `/pairs/${symbol}`);
  }

  /** Sets the whole displayed book and takes the pair away from the feed. */
  setBook(symbol: string, book: BookInput): Promise<PairView> {
    return this.call('PUT', `/pairs/${symbol}/book`, book);
  }

  /** One level a side; sizes default to 1000 base. */
  setPrice(symbol: string, bid: string, ask: string, sizes: { bidSize?: string; askSize?: string } = {}): Promise<PairView> {
    return this.setBook(symbol, { bid, ask, ...sizes });
  }

  printTrade(symbol: string, print: PrintInput): Promise<PairView> {
    return this.call('POST', `/pairs/${symbol}/prints`, print);
  }

  setRules(symbol: string, rules: RulesInput): Promise<PairView> {
    return this.call('PUT', `/pairs/${symbol}/rules`, rules);
  }

  setMatching(symbol: string, matching: MatchingInput): Promise<PairView> {
    return this.call('PUT', `/pairs/${symbol}/matching`, matching);
  }

  /** Gives a pair whose book was set by hand back to the feed. */
  attachToFeed(symbol: string): Promise<PairView> {
    return this.call('POST', `/pairs/${symbol}/attach`, {});
  }

  feed(): Promise<FeedStatus> {
    return this.call('GET', '/feed');
  }

  loadFeed(feed: string, speed = 1): Promise<FeedStatus> {
    return this.call('PUT', '/feed', { feed, speed });
  }

  pauseFeed(): Promise<FeedStatus> {
    return this.call('POST', '/feed/pause', {});
  }

  resumeFeed(): Promise<FeedStatus> {
    return this.call('POST', '/feed/resume', {});
  }

  setFeedSpeed(speed: number): Promise<FeedStatus> {
    return this.call('PUT', '/feed/speed', { speed });
  }

  async deposit(account: string, asset: string, amount: string): Promise<BalanceView[]> {
    const path = `/accounts/${account}/deposits`;
    return (await this.call<{ balances: BalanceView[] }>('POST', path, { asset, amount })).balances;
  }

  async withdraw(account: string, asset: string, amount: string): Promise<BalanceView[]> {
    const path = `/accounts/${account}/withdrawals`;
    return (await this.call<{ balances: BalanceView[] }>('POST', path, { asset, amount })).balances;
  }

  setFees(fees: FeesInput): Promise<unknown> {
    return this.call('PUT', '/fees', fees);
  }

  async orders(query: OrdersQuery = {}): Promise<OrderView[]> {
    return (await this.call<{ orders: OrderView[] }>('GET', `/ledger/orders${search(query)}`)).orders;
  }

  async trades(query: TradesQuery = {}): Promise<TradeView[]> {
    return (await this.call<{ trades: TradeView[] }>('GET', `/ledger/trades${search(query)}`)).trades;
  }

  async balances(account?: string): Promise<BalanceView[]> {
    return (await this.call<{ balances: BalanceView[] }>('GET', `/ledger/balances${search({ account })}`)).balances;
  }

  /** One page of history after a sequence number; `next` is the cursor for the following page. */
  events(query: EventsQuery = {}): Promise<{ events: EventView[]; next: number }> {
    return this.call('GET', `/ledger/events${search(query)}`);
  }

  /**
   * Waits for the first event after `query.after` that fits the query and the predicate.
   * @throws Error when none came within the time.
   */
  async waitForEvent(
    query: EventsQuery & { readonly timeoutMs?: number },
    matches: (event: EventView) => boolean = () => true,
  ): Promise<EventView> {
    const { timeoutMs = 10_000, ...filter } = query;
    const deadline = Date.now() + timeoutMs;
    let after = Number(filter.after ?? 0);
    for (;;) {
      const waitMs = Math.min(Math.max(deadline - Date.now(), 0), 30_000);
      const page = await this.events({ ...filter, after, waitMs });
      const found = page.events.find(matches);
      if (found !== undefined) return found;
      after = page.next;
      if (page.events.length === 0 && Date.now() >= deadline) {
        throw new Error(`no event ${JSON.stringify(filter)} within ${timeoutMs} ms`);
      }
    }
  }

  /** Fills an open order at exactly this price and amount; fee as given, or by the account's schedule. */
  fillOrder(fill: FillInput): Promise<TradeView> {
    return this.call('POST', '/orders/fill', fill);
  }

  cancelOrder(reference: ReferenceInput): Promise<OrderView> {
    return this.call('POST', '/orders/cancel', reference);
  }

  expireOrder(reference: ReferenceInput): Promise<OrderView> {
    return this.call('POST', '/orders/expire', reference);
  }

  rejectOrder(reference: ReferenceInput): Promise<OrderView> {
    return this.call('POST', '/orders/reject', reference);
  }

  /** New-order requests that wait for a ruling (manual mode with a holding admission). */
  async heldRequests(): Promise<HeldRequest[]> {
    return (await this.call<{ held: HeldRequest[] }>('GET', '/held')).held;
  }

  releaseHeld(clientOrderId: string): Promise<HeldRequest> {
    return this.call('POST', '/held/release', { clientOrderId });
  }

  rejectHeld(clientOrderId: string, answer: { code?: number; message?: string } = {}): Promise<HeldRequest> {
    return this.call('POST', '/held/reject', { clientOrderId, ...answer });
  }

  armFault(fault: FaultInput): Promise<FaultView> {
    return this.call('POST', '/faults', fault);
  }

  async faults(): Promise<FaultView[]> {
    return (await this.call<{ faults: FaultView[] }>('GET', '/faults')).faults;
  }

  /** Keeps clients to request limits from now on, Binance's unless others are given; counts begin at zero. */
  limitRequests(input: QuotaInput): Promise<QuotaView> {
    return this.call('PUT', '/request-limits', input);
  }

  /** How often limits were broken, and how near they were come. */
  requestLimits(): Promise<QuotaView> {
    return this.call('GET', '/request-limits');
  }

  async clearFaults(): Promise<number> {
    return (await this.call<{ cleared: number }>('DELETE', '/faults')).cleared;
  }

  async clearFault(id: number): Promise<number> {
    return (await this.call<{ cleared: number }>('DELETE', `/faults/${id}`)).cleared;
  }

  async killSockets(input: KillSocketsInput = {}): Promise<number> {
    return (await this.call<{ killed: number }>('POST', '/websockets/kill', input)).killed;
  }

  /** Begins to note when frames leave and orders are accepted and filled (anew), or ends it. */
  async measureTimes(enabled: boolean): Promise<void> {
    await this.call('PUT', '/timings', { enabled });
  }

  /** What was noted since the last time. */
  async takeTimes(): Promise<Timing[]> {
    return (await this.call<{ timings: Timing[] }>('POST', '/timings/take', {})).timings;
  }

  /** Open sockets fall silent without closing; answers how many. */
  async stallSockets(input: StallSocketsInput = {}): Promise<number> {
    return (await this.call<{ stalled: number }>('POST', '/websockets/stall', input)).stalled;
  }

  /** Sockets older than this are closed by the exchange, after a notice; null lets them live. */
  async setSocketLifetime(input: SocketLifetimeInput): Promise<void> {
    await this.call('PUT', '/websockets/lifetime', input);
  }

  /** User data subscriptions end while their sockets stay; answers how many. */
  async terminateUserData(account?: string): Promise<number> {
    return (await this.call<{ terminated: number }>('POST', '/websockets/terminate-user-data', { account })).terminated;
  }

  /** Which ended orders the exchange no longer knows. */
  async setRetention(input: RetentionInput): Promise<void> {
    await this.call('PUT', '/retention', input);
  }

  async contracts(): Promise<ContractView[]> {
    return (await this.call<{ contracts: ContractView[] }>('GET', '/perpetual/contracts')).contracts;
  }

  /** Mark price and funding of a perpetual (`BTCUSDT_PERP`); `markQuote: null` gives the mark back to the market. */
  setContract(symbol: string, change: ContractChangeInput): Promise<ContractView> {
    return this.call('PUT', `/perpetual/contracts/${symbol}`, change);
  }

  setMarkPrice(symbol: string, markQuote: string | null): Promise<ContractView> {
    return this.setContract(symbol, { markQuote });
  }

  /** Settles funding now, of one perpetual or all. Returns how many positions took part. */
  async settleFunding(symbol?: string): Promise<number> {
    const body = symbol === undefined ? {} : { symbol };
    return (await this.call<{ settled: number }>('POST', '/perpetual/funding/settle', body)).settled;
  }

  /** Into the wallet of the perpetual market, which is apart from spot balances. */
  depositPerpetual(account: string, asset: string, amount: string): Promise<WalletView> {
    return this.call('POST', `/perpetual/accounts/${account}/deposits`, { asset, amount });
  }

  withdrawPerpetual(account: string, asset: string, amount: string): Promise<WalletView> {
    return this.call('POST', `/perpetual/accounts/${account}/withdrawals`, { asset, amount });
  }

  async perpetualWallets(account?: string): Promise<WalletView[]> {
    return (await this.call<{ wallets: WalletView[] }>('GET', `/perpetual/wallets${search({ account })}`)).wallets;
  }

  async positions(account?: string): Promise<PositionView[]> {
    return (await this.call<{ positions: PositionView[] }>('GET', `/perpetual/positions${search({ account })}`)).positions;
  }

  async incomes(query: IncomesQuery = {}): Promise<IncomeView[]> {
    return (await this.call<{ incomes: IncomeView[] }>('GET', `/perpetual/incomes${search(query)}`)).incomes;
  }

  async conditionals(query: ConditionalsQuery): Promise<ConditionalView[]> {
    return (await this.call<{ conditionals: ConditionalView[] }>('GET', `/perpetual/conditionals${search(query)}`)).conditionals;
  }

  private async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.headers = { 'content-type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    const response = await fetch(`${this.controlUrl}${path}`, init);
    const answer = (await response.json()) as { error?: { message: string; problems: ControlError['problems'] } };
    if (response.ok) return answer as Answer;
    throw new ControlError(response.status, answer.error?.message ?? `HTTP ${response.status}`, answer.error?.problems ?? []);
  }
}

function search(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}
