import { condition, sleep, workflowInfo } from '@temporalio/workflow';
import type { MarketReading } from '../../src/contract/activities.js';
import { AmendmentRefused, amendPosition, type AmendedField } from '../../src/contract/amendment.js';
import type { PositionExecutorConfig } from '../../src/contract/executor-config.js';
import type { OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import type { PlanChanges } from '../../src/domain/session/amended-plan.js';
import { decimal, toDecimalString } from '../../src/domain/money.js';
import { amendmentEvidence, mayCostMore } from './amend-request.js';
import { openContract } from './contract-calls.js';
import { GuardedPosition } from './guarded-position.js';
import { dustAfterFee, entryTerms, quantise, type Quantised } from './order-planning.js';
import { PositionBook } from './position-book.js';
import { isOver, type Leg } from './position-legs.js';
import { barrierRecord, entryPlan, exchangeStopRefusal, exitPlan, watchesRestingTargets } from './position-plans.js';
import { failureText, firstRunId, readMarket, readMarketFirst } from './session-call.js';

/** A position from entry to report. */
export class PositionExecutor extends GuardedPosition<PositionExecutorConfig, PositionBook> {
  private entryNoted = false;
  private readonly targetsNoted = new Set<number>();
  private stopMovedNoted = false;
  private reading: MarketReading | null = null;
  private amendments = 0;
  /** The config each exit was planned with. */
  private planned: PositionExecutorConfig;

  constructor(config: PositionExecutorConfig) {
    super(config, (funding) => new PositionBook(config, funding));
    this.planned = config;
    this.listen({ current: () => this.config, propose: (amendment) => this.propose(amendment), dearer: (amended) => this.dearer(amended), apply: (amended, sequence, changed) => this.amended(amended, sequence, changed) });
  }

  private get entry(): Leg | null {
    return this.entries[0] ?? null;
  }

  async run(): Promise<void> {
    this.life.status = 'RUNNING';
    const { timeLimitAtMs } = barrierRecord(this.config);
    if (timeLimitAtMs !== null && Date.now() >= timeLimitAtMs) return this.finish('EXPIRED', 'REFUSED', 'the time limit was over before the start');
    this.show();
    const opening = await this.prepare();
    if (typeof opening === 'string') return this.finish('FAILED', 'REFUSED', opening);
    if (opening === null || this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
    await this.open(opening.reading, opening.sized, opening.entryPriceQuote);
    await this.untilClosed(opening.reading);
    await this.conclude(opening.reading);
  }

  /** Rules, entry price and quantised amount; a text refuses, null means stopped while waiting for a price. */
  private async prepare(): Promise<{ reading: MarketReading; sized: Quantised; entryPriceQuote: string } | string | null> {
    for (let pauseMs = 500; this.stop.decision === null; pauseMs = Math.min(pauseMs * 2, 60_000)) {
      const read = pauseMs === 500 ? readMarketFirst : readMarket;
      const reading = await read(this.config, this.config.pair, this.watchOwner).catch((error: unknown) => failureText(error));
      if (typeof reading === 'string') return reading;
      const best = this.config.side === 'BUY' ? reading.bidQuote : reading.askQuote;
      const entryPriceQuote = this.config.entryPriceQuote ?? best;
      if (entryPriceQuote !== null) {
        this.onAttention('EMPTY_BOOK', null);
        const strategy = this.config.tripleBarrier.openOrderType;
        const sized = quantise(reading, { side: this.config.side, strategy, amountBase: this.config.amountBase, priceQuote: entryPriceQuote });
        const refusal = 'message' in sized ? sized.message : dustAfterFee(reading, this.config.side, sized, entryPriceQuote);
        if (refusal !== null || 'message' in sized) return refusal;
        const unkept = exchangeStopRefusal(this.config, reading);
        if (unkept !== null) return unkept;
        this.isPerpetual = reading.rules.contract === 'perpetual';
        const unset = this.isPerpetual ? await openContract(this.config, this.log, this.watchOwner) : null;
        if (unset !== null) return unset;
        return { reading, sized, entryPriceQuote };
      }
      this.onAttention('EMPTY_BOOK', 'the book has no price to enter at');
      await Promise.race([sleep(pauseMs), condition(() => this.stop.decision !== null)]);
    }
    return null;
  }

  private async open(reading: MarketReading, sized: Quantised, entryPriceQuote: string): Promise<void> {
    this.book.opened(reading, entryPriceQuote);
    const runId = firstRunId();
    this.log.add('position planned', { side: this.config.side, amount_base: toDecimalString(sized.amountBase), entry_price_quote: entryPriceQuote, run: workflowInfo().runId });
    if (watchesRestingTargets(this.config)) this.log.add('targets are watched, not resting', { why: 'the stop at the exchange holds the same base' });
    this.exits.push(await this.legs.start(this.exitPlan(reading, 1, runId)));
    this.entries.push(await this.legs.start(entryPlan(this.config, reading, sized, entryPriceQuote, runId)));
    this.log.add('legs started');
    this.reading = reading;
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    this.onLegs();
  }

  protected exitPlan(reading: MarketReading, counter: number, runId: string | null): OrderPlan {
    this.planned = this.config;
    return exitPlan(this.config, reading, counter, runId);
  }

  protected bringExitUpToDate(): void {
    // Amended while the leg was being started: the one before it was told.
    if (this.planned !== this.config) this.amendExit();
  }

  protected noteLegs(): void {
    const { entry } = this;
    if (entry === null) return;
    this.noteEntry(entry);
    this.noteTargets();
  }

  /** Once for each target that is filled, and for the stop it moves. */
  private noteTargets(): void {
    const states = this.book.targets(this.entries, this.exits);
    for (const [index, state] of states.entries()) {
      if (state.state !== 'filled' || this.targetsNoted.has(index)) continue;
      this.targetsNoted.add(index);
      this.log.add(`target ${index + 1} filled`, { amount_base: state.amount_base, distance: state.distance });
    }
    if (this.stopMovedNoted || !this.book.stopMoved(this.entries, this.exits)) return;
    this.stopMovedNoted = true;
    this.log.add('the stop moved to the entry plus fees', { after_target: String(this.config.tripleBarrier.breakevenAfterTarget), ...this.book.levelTexts(this.entries, this.exits) });
  }

  /** Once, when the entry is over: what was bought, and the levels that protect it. */
  private noteEntry(entry: Leg): void {
    if (this.entryNoted || !isOver(entry)) return;
    this.entryNoted = true;
    const end = entry.state.kind === 'ended' ? entry.state.result.end.kind : 'lost';
    this.log.add(`entry ${end}`, { filled_base: toDecimalString(this.book.entryBase(this.entries, this.exits)), ...this.book.levelTexts(this.entries, this.exits) });
    for (const [index, state] of this.book.targets(this.entries, this.exits).entries()) {
      if (state.merged_into === null) continue;
      this.log.add(`target ${index + 1} is closed with target ${state.merged_into}`, { why: 'its share is less than the exchange trades', share: state.share });
    }
  }

  private propose(amendment: unknown): PositionExecutorConfig {
    const { entry, reading } = this;
    if (entry === null || reading === null) throw new AmendmentRefused('status', this.life.status, 'is too early: the position is not planned yet');
    if (this.life.status !== 'RUNNING' || this.stop.decision !== null) throw new AmendmentRefused('status', 'SHUTTING_DOWN', 'is too late: the position is closing');
    const config = amendPosition(this.config, amendment, isOver(entry));
    const filled = this.book.entryBase(this.entries, this.exits);
    if (decimal(config.amountBase).lessThan(filled)) throw new AmendmentRefused('amount', config.amountBase, `must be at least what is executed, ${toDecimalString(filled)}`);
    const sized = this.sizedEntry(config, entry, reading);
    if ('message' in sized) throw new AmendmentRefused('amendment', amendment, `is against the rules of the market: ${sized.message}`);
    return config;
  }

  /** The entry is told of its amount and price, the exit of its barriers; each hears only what concerns it. */
  private amended(config: PositionExecutorConfig, sequence: number, changed: readonly AmendedField[]): void {
    const { entry } = this;
    const before = this.config;
    const changes = this.termsOf(config);
    this.config = config;
    this.amendments = sequence;
    this.book.amended(config);
    this.log.add('amended', amendmentEvidence(sequence, changed));
    const entryChanged = before.amountBase !== config.amountBase || before.entryPriceQuote !== config.entryPriceQuote;
    if (entryChanged && entry !== null && changes !== null) {
      void this.legs.command(entry, { kind: 'amend', reason: `amendment ${sequence}`, sequence, changes });
    }
    if (before.tripleBarrier !== config.tripleBarrier || before.closing !== config.closing) this.amendExit();
    this.show();
  }

  private amendExit(): void {
    const exit = this.exits.at(-1);
    if (exit === undefined) return;
    const barriers = barrierRecord(this.config);
    this.book.told(this.amendments, barriers);
    void this.legs.command(exit, { kind: 'amend', reason: `amendment ${this.amendments}`, sequence: this.amendments, changes: { barriers, exchangeStop: this.config.tripleBarrier.exchangeStop, closing: this.config.closing } });
  }

  private dearer(config: PositionExecutorConfig): { readonly path: OrderPath; readonly changes: PlanChanges } | null {
    const [before, after] = [this.termsOf(this.config), this.termsOf(config)];
    if (this.entry === null || isOver(this.entry) || before === null || after === null || !mayCostMore(before, after)) return null;
    return { path: this.entry.plan.path, changes: after };
  }

  /** The terms of the entry as the market takes them. */
  private termsOf(config: PositionExecutorConfig): PlanChanges | null {
    const sized = this.entry === null || this.reading === null ? null : this.sizedEntry(config, this.entry, this.reading);
    return sized === null || 'message' in sized ? null : entryTerms(sized);
  }

  private sizedEntry(config: PositionExecutorConfig, entry: Leg, reading: MarketReading): ReturnType<typeof quantise> {
    return quantise(reading, { side: config.side, strategy: config.tripleBarrier.openOrderType, amountBase: config.amountBase, priceQuote: config.entryPriceQuote ?? entry.plan.priceQuote });
  }
}
