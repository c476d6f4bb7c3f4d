import type { ErrorCode } from '../../src/domain/errors.js';
import type { OrderType, Side } from '../../src/domain/enumerations.js';
import type { Fill, FillFee } from '../../src/domain/fills.js';
import { Decimal } from '../../src/domain/money.js';
import type { OrderPurpose } from '../../src/domain/session/session-order.js';
import type { DecisionTape } from './decision-tape.js';
import { baseOfLots, baseOfMicroLots, quoteOfMicroLotTicks, quoteOfTicks } from './model-units.js';
import type { ModelMarket } from './model-market.js';
import type { FeeTerms, RuleNumbers } from './schedule-scenario.js';

export interface Intent {
  /** Client order id: the slot of the session and the sequence. */
  readonly slot: number;
  readonly sequence: number;
  readonly purpose: OrderPurpose;
  readonly side: Side;
  readonly type: OrderType;
  readonly lots: number;
  readonly ticks: number | null;
  /** Of a native stop: it waits beside the book until the price is there. */
  readonly stopTicks: number | null;
}

export type ModelState = 'open' | 'filled' | 'cancelled' | 'expired' | 'rejected';

export interface ModelTrade {
  readonly fill: Fill;
  readonly lots: number;
  readonly ticks: number;
  readonly atMs: number;
  readonly feeMicroLots: number;
  /** Value of the fee, in millionths of (lots x ticks). */
  readonly feeMicroLotTicks: number;
}

/** What the exchange told of an order from a time on. */
export interface OrderVersion {
  readonly atMs: number;
  readonly state: ModelState;
  readonly filledLots: number;
}

export interface ModelOrder {
  readonly intent: Intent;
  readonly exchangeOrderId: string;
  readonly committedAtMs: number;
  state: ModelState;
  filledLots: number;
  readonly versions: OrderVersion[];
  readonly trades: ModelTrade[];
  /** Ended without a fill so long ago that the exchange tells nothing of it any more. */
  forgotten: boolean;
}

export type Commit = { readonly kind: 'accepted'; readonly order: ModelOrder } | { readonly kind: 'rejected'; readonly code: ErrorCode };

/** Hears of everything that happens at the exchange, at the moment it happens. */
export interface ExchangeWitness {
  committed(order: ModelOrder): void;
  traded(order: ModelOrder, trade: ModelTrade): void;
  changed(order: ModelOrder): void;
}

/** Orders by client id, unique among open ones only; fills in any pieces. Knows nothing of sessions. */
export class ModelExchange {
  readonly orders: ModelOrder[] = [];
  private tradeCount = 0;

  constructor(
    private readonly tape: DecisionTape,
    private readonly market: ModelMarket,
    private readonly limits: RuleNumbers,
    private readonly fees: FeeTerms,
    private readonly witness: ExchangeWitness,
  ) {}

  /** `partialPerMille`: how often a market order finds only a part of its amount and expires. */
  commit(intent: Intent, nowMs: number, partialPerMille: number): Commit {
    if (this.find(intent.slot, intent.sequence)?.state === 'open') return { kind: 'rejected', code: 'DUPLICATE_ORDER' };
    const refusal = this.refusal(intent);
    if (refusal !== null) return { kind: 'rejected', code: refusal };
    const order: ModelOrder = {
      intent,
      exchangeOrderId: `x${this.orders.length + 1}`,
      committedAtMs: nowMs,
      state: 'open',
      filledLots: 0,
      versions: [{ atMs: nowMs, state: 'open', filledLots: 0 }],
      trades: [],
      forgotten: false,
    };
    this.orders.push(order);
    this.witness.committed(order);
    if (intent.stopTicks === null) this.take(order, nowMs, partialPerMille);
    return { kind: 'accepted', order };
  }

  /** The newest order of an id. */
  find(slot: number, sequence: number): ModelOrder | null {
    for (let index = this.orders.length - 1; index >= 0; index -= 1) {
      const order = this.orders[index];
      if (order !== undefined && order.intent.slot === slot && order.intent.sequence === sequence) return order;
    }
    return null;
  }

  /** What a reader who is `lagMs` behind sees of an order, null while it is not visible to him. */
  view(order: ModelOrder, atMs: number): OrderVersion | null {
    if (order.forgotten) return null;
    for (let index = order.versions.length - 1; index >= 0; index -= 1) {
      const version = order.versions[index];
      if (version !== undefined && version.atMs <= atMs) return version;
    }
    return null;
  }

  end(order: ModelOrder, state: 'cancelled' | 'expired', nowMs: number): void {
    if (order.state !== 'open') return;
    order.state = state;
    this.note(order, nowMs);
  }

  /** The price moved: what is crossed fills, what is touched may fill in part. */
  matchResting(nowMs: number): void {
    for (const order of this.orders) {
      const { ticks, side, lots, stopTicks } = order.intent;
      if (order.state === 'open' && stopTicks !== null && this.reaches(side, stopTicks)) this.take(order, nowMs, 150);
      if (order.state !== 'open' || ticks === null) continue;
      const opposite = side === 'BUY' ? this.market.ask : this.market.bid;
      const through = opposite !== null && (side === 'BUY' ? opposite < ticks : opposite > ticks);
      const left = lots - order.filledLots;
      if (through) this.fillInPieces(order, left, ticks, nowMs);
      else if (this.tape.chance(opposite === ticks ? 500 : 60)) this.fill(order, 1 + this.tape.pick(left), ticks, nowMs);
    }
  }

  private refusal(intent: Intent): ErrorCode | null {
    const { lots, ticks, side, type } = intent;
    if (lots < this.limits.minLots || (this.limits.maxLots !== null && lots > this.limits.maxLots)) return 'INVALID_ORDER';
    if (intent.stopTicks !== null && this.reaches(side, intent.stopTicks)) return 'WOULD_TAKE';
    const price = intent.stopTicks ?? ticks ?? (side === 'BUY' ? this.market.ask : this.market.bid);
    if (price === null) return this.tape.pick(2) === 0 ? 'NOT_FILLABLE' : null;
    if (lots * price < this.limits.minLotTicks) return 'INVALID_ORDER';
    return type === 'LIMIT_MAKER' && this.crosses(intent) ? 'WOULD_TAKE' : null;
  }

  /** A sale fires when the price is at or below its stop, a buy at or above. */
  private reaches(side: Side, stopTicks: number): boolean {
    const { bid, ask } = this.market;
    return side === 'SELL' ? bid !== null && bid <= stopTicks : ask !== null && ask >= stopTicks;
  }

  private crosses({ side, ticks }: Intent): boolean {
    const { bid, ask } = this.market;
    if (ticks === null) return true;
    return side === 'BUY' ? ask !== null && ask <= ticks : bid !== null && bid >= ticks;
  }

  /** What an order takes from the book the moment it arrives; the rest of a market order expires. */
  private take(order: ModelOrder, nowMs: number, partialPerMille: number): void {
    const { side, lots, type, ticks } = order.intent;
    const best = side === 'BUY' ? this.market.ask : this.market.bid;
    if (type === 'MARKET') {
      const found = best === null ? 0 : this.tape.chance(partialPerMille) ? this.tape.pick(lots) : lots;
      if (best !== null) this.fillInPieces(order, found, best, nowMs);
      if (order.state === 'open') this.end(order, 'expired', nowMs);
    } else if (best !== null && this.crosses(order.intent)) {
      const found = this.tape.chance(partialPerMille) ? this.tape.pick(lots) : lots;
      this.fillInPieces(order, found, side === 'BUY' ? Math.min(best, ticks ?? best) : Math.max(best, ticks ?? best), nowMs);
    }
  }

  private fillInPieces(order: ModelOrder, lots: number, ticks: number, nowMs: number): void {
    let left = lots;
    while (left > 0) {
      const piece = left - this.tape.pick(Math.min(left, 6));
      this.fill(order, piece, ticks, nowMs);
      left -= piece;
    }
  }

  private fill(order: ModelOrder, lots: number, ticks: number, nowMs: number): void {
    this.tradeCount += 1;
    const trade = { ...this.fee(order.intent.side, lots, ticks, nowMs), lots, ticks, atMs: nowMs };
    order.trades.push(trade);
    order.filledLots += lots;
    if (order.filledLots === order.intent.lots) order.state = 'filled';
    this.witness.traded(order, trade);
    this.note(order, nowMs);
  }

  private fee(side: Side, lots: number, ticks: number, atMs: number): { fill: Fill; feeMicroLots: number; feeMicroLotTicks: number } {
    const { kind, millionths, value } = this.fees;
    const inBase = kind === 'received' && side === 'BUY';
    const feeMicroLotTicks = lots * ticks * millionths;
    const fees: FillFee[] = [];
    if (inBase) fees.push({ asset: 'AAA', amount: baseOfMicroLots(lots * millionths), valueQuote: null });
    else if (kind === 'third') fees.push({ asset: 'FEE', amount: new Decimal(lots), valueQuote: value === 'atOnce' ? quoteOfMicroLotTicks(feeMicroLotTicks) : null });
    else if (kind !== 'none') fees.push({ asset: 'QQQ', amount: quoteOfMicroLotTicks(feeMicroLotTicks), valueQuote: null });
    const fill: Fill = { tradeId: `t${this.tradeCount}`, priceQuote: quoteOfTicks(ticks), amountBase: baseOfLots(lots), fees, atMs };
    return { fill, feeMicroLots: inBase ? lots * millionths : 0, feeMicroLotTicks };
  }

  private note(order: ModelOrder, nowMs: number): void {
    order.versions.push({ atMs: nowMs, state: order.state, filledLots: order.filledLots });
    this.witness.changed(order);
  }
}
