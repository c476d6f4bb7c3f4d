import { condition, sleep } from '@temporalio/workflow';
import type { ArbitrageExecutorConfig } from '../../src/contract/executor-config.js';
import { spreadProfit } from '../../src/domain/arbitrage/spread-profit.js';
import { LIMITS } from '../../src/domain/limits.js';
import { Decimal, decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import type { ArbitrageBook } from './arbitrage-book.js';
import { legPlan, spreadPlan, takerCosts, type ArbitrageLegKind, type ArbitrageMarkets } from './arbitrage-plans.js';
import type { DecisionLog } from './decisions.js';
import type { LegRestarts } from './leg-restarts.js';
import { isOver, type Leg, type Legs } from './position-legs.js';
import { noteError, type LifeState } from './report-base.js';
import { readSpread } from './spread-call.js';
import type { StopDecision } from './stop-request.js';

const FIRST_PAUSE_MS = 200;
const LAST_FOLLOW_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 10_000;

/** How both legs stand at the end of a trade. */
export type Balance = 'balanced' | 'unwound' | 'ahead';

/** Sends the legs of an arbitrage, and sees to it that none of them stays ahead of the other unnoticed. */
export class ArbitrageTrades {
  /** Legs that were over without having filled. */
  failures = 0;
  private readonly counters: Record<ArbitrageLegKind, number> = { buy: 0, sell: 0, unwind: 0 };

  constructor(
    private readonly config: ArbitrageExecutorConfig,
    private readonly book: ArbitrageBook,
    private readonly legs: Legs,
    private readonly restarts: LegRestarts,
    private readonly life: LifeState,
    private readonly log: DecisionLog,
    private readonly show: () => void,
  ) {}

  /** Both at once; `runId` as of plans. Answers when both are over. */
  async both(markets: ArbitrageMarkets, amountBase: Decimal, runId: string | null): Promise<void> {
    await Promise.all([this.leg(markets, 'buy', 'buying', amountBase, runId), this.leg(markets, 'sell', 'selling', amountBase, runId)]);
  }

  /** Until neither leg is ahead: the other follows while that pays, and then what is ahead is taken back or left to be handed over. */
  async balance(markets: ArbitrageMarkets, stop: () => StopDecision | null): Promise<Balance> {
    let unwound = false;
    let refused = 0;
    for (let fruitless = 0; fruitless < LIMITS.maxFruitlessExits; ) {
      const { aheadOn } = this.book.pnl();
      if (aheadOn === null) return unwound ? 'unwound' : 'balanced';
      const [ahead, behind] = aheadOn === 'BUY' ? (['buying', 'selling'] as const) : (['selling', 'buying'] as const);
      const [following, back] = [this.book.tradableExcess(behind), this.book.tradableExcess(ahead)];
      // Dust on both markets is a normal end.
      if (following.isZero() && back.isZero()) return unwound ? 'unwound' : 'balanced';
      if (stop()?.keepPosition === true) return 'ahead';
      const follows: boolean = stop() === null && !unwound && refused <= LIMITS.maxRetries && !following.isZero() && (await this.pays(markets, behind, following));
      if (!follows && (back.isZero() || (stop() === null && this.config.onFailedLeg === 'hand_over'))) return 'ahead';
      unwound ||= !follows;
      const before = this.book.pnl().excessBase;
      if (follows) await this.leg(markets, behind === 'selling' ? 'sell' : 'buy', behind, following, null);
      else await this.leg(markets, 'unwind', ahead, back, null);
      const nothing = this.book.pnl().excessBase.equals(before);
      if (follows) refused = nothing ? refused + 1 : 0;
      else fruitless = nothing ? fruitless + 1 : 0;
      // One leg is ahead meanwhile: what may still pay is tried at short pauses.
      if (nothing) await sleep(follows ? Math.min(FIRST_PAUSE_MS * 2 ** refused, LAST_FOLLOW_PAUSE_MS) : Math.min(FIRST_PAUSE_MS * 2 ** fruitless, LAST_PAUSE_MS));
    }
    return 'ahead';
  }

  /** Whether the leg that is behind, taken at the prices of now, still leaves a profit after fees. */
  private async pays(markets: ArbitrageMarkets, behind: 'buying' | 'selling', amountBase: Decimal): Promise<boolean> {
    const now = await readSpread(spreadPlan(this.config, markets, amountBase));
    if (now === null) return false;
    const { bought } = this.book.fillsOn('buying');
    const { sold } = this.book.fillsOn('selling');
    const prices = {
      buyPriceQuote: behind === 'buying' ? decimal(now.buyPriceQuote) : bought.filledQuote.dividedBy(bought.filledBase),
      sellPriceQuote: behind === 'selling' ? decimal(now.sellPriceQuote) : sold.filledQuote.dividedBy(sold.filledBase),
      rate: decimal(now.rate),
    };
    const profit = spreadProfit(prices, takerCosts(markets));
    this.log.add('one leg is behind', { behind, amount_base: toDecimalString(amountBase), profit_now: profit.toDecimalPlaces(8).toFixed() });
    return profit.greaterThan(ZERO);
  }

  private async leg(markets: ArbitrageMarkets, kind: ArbitrageLegKind, on: 'buying' | 'selling', amountBase: Decimal, runId: string | null): Promise<void> {
    this.counters[kind] += 1;
    // What takes back trades against the market's leg.
    const side = (on === 'buying') === (kind !== 'unwind') ? 'BUY' : 'SELL';
    const plan = legPlan(this.config, markets, { kind, counter: this.counters[kind], on, side, amountBase }, runId);
    this.log.add(`${plan.path.path} decided`, { side, amount_base: toDecimalString(amountBase), connector: plan.connector });
    const entry = { on, leg: await this.legs.start(plan) };
    this.book.legs.push(entry);
    this.show();
    let ended: Leg = entry.leg;
    while (ended.state.kind !== 'ended') {
      const leg = ended;
      await condition(() => isOver(leg));
      if (leg.state.kind !== 'lost') break;
      ended = await this.restarts.restart(leg);
      entry.leg = ended;
    }
    if (ended.state.kind !== 'ended') return;
    const { end, totals } = ended.state.result;
    if (totals.fillCount === 0) this.failures += 1;
    if (end.kind === 'failed' || end.kind === 'insufficientBalance') noteError(this.life, end.message);
    this.log.add(`${plan.path.path} ${end.kind}`, { filled_base: totals.filledBase, filled_quote: totals.filledQuote });
    this.show();
  }
}
