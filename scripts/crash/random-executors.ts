import type { ArbitrageExecutorConfig, DcaExecutorConfig, ExecutorConfig, ExecutorType, GridExecutorConfig, OrderExecutorConfig, PositionExecutorConfig, TripleBarrierConfig, TwapExecutorConfig, XemmExecutorConfig } from '../../src/contract/executor-config.js';
import type { AmendmentRequest } from '../../src/contract/amendment.js';
import type { ChaserRecord, TargetRecord } from '../../src/contract/order-plan.js';
import { DCA_MODES, STOP_LOSS_REFERENCES } from '../../src/domain/dca/dca-terms.js';
import { CATCH_UP_POLICIES } from '../../src/domain/twap/twap-terms.js';
import { createExecutorId } from '../../src/schema/executor-id.js';
import { DEFAULT_ACCOUNT, PAPER_CONNECTOR, SECOND_PAPER_CONNECTOR } from '../../src/stack/executors-configuration.js';
import type { CrashMarket } from './crash-market.js';
import type { RandomChoice } from './random-choice.js';
import { lots, price, type TradedPair } from './traded-pairs.js';

/** What some point of the run needs to be reached. */
export type Bait =
  /** Trades at once and ends. */
  | 'quick order'
  /** Rests far from the price. */
  | 'resting order'
  /** Filled at once and protected by barriers that are not reached soon. */
  | 'armed position';

export const CONTROLLERS = ['alpha', 'beta', 'gamma'] as const;

/** The rest trades spot. */
const PERPETUAL_SHARE = 0.35;
/** One that closes what nobody may hold is handed over or ends with nothing to reduce. */
const CLOSE_SHARE = 0.2;
/** Another leverage than the pair's, which is refused while anybody runs there. */
const OTHER_LEVERAGE_SHARE = 0.03;
/** The least of a level, in quote. */
const GRID_LEVEL_QUOTE = '200';
const LEVERAGES = [2, 3, 5, 10] as const;

function isTwoMarket(type: ExecutorType): boolean {
  return type === 'xemm_executor' || type === 'arbitrage_executor';
}

/** What a run is told about the executors it draws. */
export interface ExecutorsDrawn {
  /** One that stands here twice is drawn twice as often. */
  readonly types: readonly ExecutorType[];
  /** Levels of every grid; null: as many as a small budget pays. */
  readonly gridLevels: number | null;
}

/** Executors of every kind, drawn by the seed; prices are near the market of the moment. */
export class RandomExecutors {
  /** One per perpetual and run: the exchange has one leverage per account and pair. */
  private readonly leverages: ReadonlyMap<string, number>;

  constructor(
    private readonly random: RandomChoice,
    private readonly market: CrashMarket,
    private readonly second: CrashMarket,
    private readonly drawn: ExecutorsDrawn,
  ) {
    this.leverages = new Map(this.pairsOf('perpetual').map(({ symbol }) => [symbol, random.of(LEVERAGES)]));
  }

  any(): ExecutorConfig {
    const traded = this.anyPair();
    switch (this.random.of(this.drawn.types)) {
      case 'order_executor':
        return this.order(traded);
      case 'position_executor':
        return this.position(traded);
      case 'twap_executor':
        return this.twap(traded);
      case 'dca_executor':
        return this.dca(traded);
      case 'grid_executor':
        return this.grid(traded);
      case 'xemm_executor':
        return this.xemm();
      case 'arbitrage_executor':
        return this.arbitrage();
    }
  }

  /** A third of them perpetual, where perpetuals are traded. */
  anyPair(): TradedPair {
    const perpetuals = this.drawn.types.every(isTwoMarket) ? [] : this.pairsOf('perpetual');
    return this.random.of(perpetuals.length > 0 && this.random.chance(PERPETUAL_SHARE) ? perpetuals : this.pairsOf('spot'));
  }

  private pairsOf(contract: TradedPair['contract']): readonly TradedPair[] {
    return this.market.pairs.filter((traded) => traded.contract === contract);
  }

  /** A change that this executor may take: another price of what rests, another stop. */
  amendment(config: ExecutorConfig): AmendmentRequest {
    const traded = this.market.pairs.find(({ connector, pair }) => connector === config.connector && pair === config.pair) ?? this.anyPair();
    if (config.type === 'order_executor') return { price: this.limitPrice(traded, config.side) };
    return { triple_barrier_config: { stop_loss: this.random.between(0.004, 0.02).toFixed(4), time_limit: this.random.whole(10, 40) } };
  }

  bait(bait: Bait, traded: TradedPair): ExecutorConfig {
    return this.drawn.types.every(isTwoMarket) ? this.twoMarketBait(bait) : this.oneMarketBait(bait, traded);
  }

  /** Of a run that draws nothing else, so that its points are reached by what it is about. */
  private twoMarketBait(bait: Bait): ExecutorConfig {
    switch (bait) {
      case 'quick order':
        return { ...this.arbitrage(), minProfitabilityFraction: '-0.5', timeLimitSeconds: null };
      case 'resting order':
        return { ...this.xemm(), connector: PAPER_CONNECTOR, hedge: { connector: SECOND_PAPER_CONNECTOR, account: DEFAULT_ACCOUNT, pair: 'BTC-USDT' }, pair: 'BTC-USDT', amountBase: '0.01', minProfitabilityFraction: '0.1', targetProfitabilityFraction: '0.15', maxProfitabilityFraction: '0.2', timeLimitSeconds: null };
      case 'armed position':
        return { ...this.xemm(), timeLimitSeconds: null };
    }
  }

  private oneMarketBait(bait: Bait, traded: TradedPair): ExecutorConfig {
    switch (bait) {
      case 'quick order':
        return this.order(traded, { executionStrategy: 'MARKET', priceQuote: null, chaser: null, positionAction: 'OPEN' });
      case 'resting order': {
        const side = this.random.of(['BUY', 'SELL'] as const);
        return this.order(traded, { side, executionStrategy: 'LIMIT', chaser: null, positionAction: 'OPEN', priceQuote: this.priceNear(traded, side === 'BUY' ? -0.2 : 0.2) });
      }
      case 'armed position':
        return this.position(traded, { openOrderType: 'MARKET', stopLossFraction: '0.2', takeProfitFraction: '0.2', trailingStop: null, timeLimitSeconds: null, targets: [], breakevenAfterTarget: null, exchangeStop: null });
    }
  }

  private order(traded: TradedPair, change: Partial<OrderExecutorConfig> = {}): OrderExecutorConfig {
    const side = change.side ?? this.random.of(['BUY', 'SELL'] as const);
    const executionStrategy = change.executionStrategy ?? this.random.of(['MARKET', 'LIMIT', 'LIMIT', 'LIMIT_MAKER', 'LIMIT_CHASER'] as const);
    const priceQuote = executionStrategy === 'MARKET' || executionStrategy === 'LIMIT_CHASER' ? null : this.limitPrice(traded, side);
    const chaser = executionStrategy === 'LIMIT_CHASER' ? this.chaser() : null;
    const positionAction = traded.contract === 'perpetual' && this.random.chance(CLOSE_SHARE) ? 'CLOSE' : 'OPEN';
    return { ...this.base(traded), type: 'order_executor', side, executionStrategy, priceQuote, chaser, positionAction, ...change };
  }

  private position(traded: TradedPair, change: Partial<TripleBarrierConfig> = {}): PositionExecutorConfig {
    const side = this.random.of(['BUY', 'SELL'] as const);
    const fraction = (least: number, most: number): string => this.random.between(least, most).toFixed(4);
    const trailingStop = this.random.chance(0.3) ? { activationFraction: fraction(0.001, 0.006), deltaFraction: fraction(0.001, 0.003) } : null;
    const targets = this.random.chance(0.25) ? this.targets() : [];
    const stopLossFraction = this.random.chance(0.85) ? fraction(0.004, 0.015) : null;
    const tripleBarrier: TripleBarrierConfig = {
      stopLossFraction,
      takeProfitFraction: targets.length === 0 && this.random.chance(0.85) ? fraction(0.003, 0.015) : null,
      trailingStop,
      timeLimitSeconds: this.random.chance(0.6) ? this.random.whole(4, 40) : null,
      openOrderType: this.random.of(['MARKET', 'LIMIT', 'LIMIT_MAKER'] as const),
      takeProfitOrderType: this.random.of(['MARKET', 'LIMIT', 'LIMIT_MAKER'] as const),
      targets,
      breakevenAfterTarget: targets.length > 0 && this.random.chance(0.5) ? 1 : null,
      exchangeStop: stopLossFraction !== null && this.random.chance(0.25) ? { distanceFraction: (Number(stopLossFraction) + this.random.between(0.003, 0.01)).toFixed(4), triggeredBy: traded.contract === 'perpetual' ? this.random.of(['last', 'mark'] as const) : 'last' } : null,
      stopLossOrderType: 'MARKET',
      timeLimitOrderType: 'MARKET',
      ...change,
    };
    const entryPriceQuote = tripleBarrier.openOrderType !== 'MARKET' && this.random.chance(0.5) ? this.limitPrice(traded, side) : null;
    return { ...this.base(traded), type: 'position_executor', side, entryPriceQuote, closing: null, activationBounds: [], tripleBarrier };
  }

  /** Two to eight slices; makers near enough to be filled, or not, and placed anew. */
  private twap(traded: TradedPair): TwapExecutorConfig {
    const { amountBase: _, ...base } = this.base(traded);
    const orderIntervalSeconds = this.random.whole(1, 4);
    const slots = this.random.whole(2, 8);
    const maker = this.random.chance(0.5);
    return {
      ...base,
      type: 'twap_executor',
      side: this.random.of(['BUY', 'SELL'] as const),
      totalAmountQuote: (slots * this.random.between(200, 1_200)).toFixed(2),
      totalDurationSeconds: (slots - 1) * orderIntervalSeconds,
      orderIntervalSeconds,
      mode: maker ? 'MAKER' : 'TAKER',
      limitOrderBufferFraction: maker ? this.random.between(0, 0.001).toFixed(5) : null,
      orderResubmissionSeconds: maker && this.random.chance(0.7) ? this.random.whole(2, 6) : null,
      catchUp: this.random.of(CATCH_UP_POLICIES),
    };
  }

  /** Two to five levels, each farther away, some of them to be reached soon. */
  private dca(traded: TradedPair): DcaExecutorConfig {
    const { amountBase: _, ...base } = this.base(traded);
    const side = this.random.of(['BUY', 'SELL'] as const);
    const fraction = (least: number, most: number): string => this.random.between(least, most).toFixed(4);
    const levels = Array.from({ length: this.random.whole(2, 5) }, (_level, index) => this.random.between(-0.0005, 0.001) + index * 0.001);
    const mode = this.random.of(DCA_MODES);
    return {
      ...base,
      type: 'dca_executor',
      side,
      amountsQuote: levels.map(() => this.random.between(200, 1_200).toFixed(2)),
      pricesQuote: levels.map((distance) => this.priceNear(traded, side === 'BUY' ? -distance : distance)),
      mode,
      activationBounds: mode === 'TAKER' ? ['0.0001', '0.005'] : this.random.of([[], [], ['0.002']]),
      stopLossFraction: this.random.chance(0.85) ? fraction(0.004, 0.015) : null,
      stopLossReference: this.random.of(STOP_LOSS_REFERENCES),
      takeProfitFraction: this.random.chance(0.8) ? fraction(0.002, 0.01) : null,
      trailingStop: this.random.chance(0.3) ? { activationFraction: fraction(0.001, 0.006), deltaFraction: fraction(0.001, 0.003) } : null,
      timeLimitSeconds: this.random.chance(0.7) ? this.random.whole(6, 40) : null,
    };
  }

  /** Levels about the price, near enough to be passed through again and again. */
  private grid(traded: TradedPair): GridExecutorConfig {
    const { amountBase: _, ...base } = this.base(traded);
    const { gridLevels } = this.drawn;
    const below = this.random.between(0.001, 0.006);
    const above = this.random.between(0.001, 0.006);
    const side = this.random.of(['BUY', 'SELL'] as const);
    const fraction = (least: number, most: number): string => this.random.between(least, most).toFixed(4);
    return {
      ...base,
      type: 'grid_executor',
      side,
      startPriceQuote: this.priceNear(traded, -below),
      endPriceQuote: this.priceNear(traded, above),
      limitPriceQuote: this.random.chance(0.5) ? this.priceNear(traded, side === 'BUY' ? -this.random.between(0.007, 0.012) : this.random.between(0.007, 0.012)) : null,
      totalAmountQuote: this.random.between(1_500, 6_000).toFixed(2),
      minSpreadFraction: fraction(0.0005, 0.002),
      minOrderAmountQuote: GRID_LEVEL_QUOTE,
      maxOpenOrders: this.random.whole(2, 8),
      maxOrdersPerBatch: this.random.chance(0.5) ? this.random.whole(1, 3) : null,
      orderFrequencySeconds: this.random.whole(0, 2),
      activationBoundsFraction: this.random.chance(0.3) ? '0.004' : null,
      safeExtraSpreadFraction: '0.0001',
      takeProfitFraction: fraction(0.0005, 0.002),
      coerceTakeProfitToStep: this.random.chance(0.3),
      stopLossFraction: this.random.chance(0.7) ? fraction(0.003, 0.01) : null,
      trailingStop: null,
      timeLimitSeconds: this.random.whole(10, 60),
      openOrderType: this.random.of(['LIMIT', 'LIMIT_MAKER'] as const),
      takeProfitOrderType: this.random.of(['LIMIT', 'LIMIT_MAKER'] as const),
      deductBaseFees: false,
      keepPosition: this.random.chance(0.5),
      ...(gridLevels === null ? {} : this.levelsOf(gridLevels, (below + above) / (1 - below))),
    };
  }

  /** Terms that give exactly so many levels: the spread allows no more, and the budget pays for all of them. */
  private levelsOf(count: number, rangeFraction: number): Pick<GridExecutorConfig, 'totalAmountQuote' | 'minSpreadFraction' | 'maxOpenOrders' | 'takeProfitFraction' | 'timeLimitSeconds'> {
    return {
      totalAmountQuote: (count * Number(GRID_LEVEL_QUOTE) * this.random.between(1.2, 2)).toFixed(2),
      minSpreadFraction: (rangeFraction / (count + 0.5)).toFixed(8),
      maxOpenOrders: this.random.whole(Math.ceil(count / 5), count),
      takeProfitFraction: this.random.between(0.0002, 0.0008).toFixed(4),
      timeLimitSeconds: this.random.whole(60, 300),
    };
  }

  /** Rests on either exchange, for a profit that moves of the market bring or do not. */
  private xemm(): XemmExecutorConfig {
    const { maker, taker } = this.twoMarkets();
    const target = this.random.between(0.0005, 0.002);
    return {
      ...this.base(maker),
      type: 'xemm_executor',
      side: this.random.of(['BUY', 'SELL'] as const),
      hedge: { connector: taker.connector, account: DEFAULT_ACCOUNT, pair: taker.pair },
      minProfitabilityFraction: (target - 0.0004).toFixed(5),
      targetProfitabilityFraction: target.toFixed(5),
      maxProfitabilityFraction: (target + 0.0008).toFixed(5),
      timeLimitSeconds: this.random.chance(0.7) ? this.random.whole(5, 30) : null,
    };
  }

  /** Waits for a spread in one direction that comes sooner or later. */
  private arbitrage(): ArbitrageExecutorConfig {
    const { maker, taker } = this.twoMarkets();
    return {
      ...this.base(maker),
      type: 'arbitrage_executor',
      side: 'BUY',
      selling: { connector: taker.connector, account: DEFAULT_ACCOUNT, pair: taker.pair },
      minProfitabilityFraction: this.random.between(-0.001, 0.001).toFixed(5),
      onFailedLeg: this.random.of(['unwind', 'hand_over'] as const),
      timeLimitSeconds: this.random.chance(0.7) ? this.random.whole(5, 30) : null,
    };
  }

  private twoMarkets(): { readonly maker: TradedPair; readonly taker: TradedPair } {
    const pair = this.random.of(this.pairsOf('spot')).pair;
    const [first, second] = [this.market, this.second].map(({ pairs }) => pairs.find((traded) => traded.contract === 'spot' && traded.pair === pair));
    if (first === undefined || second === undefined) throw new Error(`${pair} is not traded on both exchanges`);
    return this.random.chance(0.5) ? { maker: first, taker: second } : { maker: second, taker: first };
  }

  private chaser(): ChaserRecord {
    return { distanceFraction: this.random.between(0, 0.001).toFixed(5), refreshThresholdFraction: this.random.between(0.0005, 0.003).toFixed(5) };
  }

  /** Two or three parts of a position, each farther away than the one before. */
  private targets(): readonly TargetRecord[] {
    const shares = this.random.of([['0.5', '0.5'], ['0.4', '0.3', '0.3'], ['0.3', '0.3']] as const);
    let distance = 0;
    return shares.map((shareFraction) => {
      distance += this.random.between(0.002, 0.006);
      return { distanceFraction: distance.toFixed(4), shareFraction, orderType: this.random.of(['MARKET', 'LIMIT', 'LIMIT_MAKER'] as const) };
    });
  }

  /** Mostly a little on the passive side, sometimes through the book. */
  private limitPrice(traded: TradedPair, side: 'BUY' | 'SELL'): string {
    const passive = this.random.between(-0.001, 0.003);
    return this.priceNear(traded, side === 'BUY' ? -passive : passive);
  }

  private priceNear(traded: TradedPair, fraction: number): string {
    return price(traded, Math.round(this.market.middleTicks(traded.symbol) * (1 + fraction)));
  }

  private base(traded: TradedPair): Pick<OrderExecutorConfig, 'id' | 'createdAtMs' | 'controllerId' | 'account' | 'connector' | 'pair' | 'levelId' | 'leverage' | 'amountBase'> {
    return {
      id: createExecutorId(),
      createdAtMs: Date.now(),
      controllerId: this.random.of(CONTROLLERS),
      account: DEFAULT_ACCOUNT,
      connector: traded.connector,
      pair: traded.pair,
      levelId: null,
      leverage: this.leverage(traded),
      amountBase: lots(traded, this.random.between(traded.levelLots * 0.2, traded.levelLots * 2.5)),
    };
  }

  private leverage({ symbol }: TradedPair): number {
    const leverage = this.leverages.get(symbol);
    if (leverage === undefined) return 1;
    return this.random.chance(OTHER_LEVERAGE_SHARE) ? leverage + 1 : leverage;
  }
}
