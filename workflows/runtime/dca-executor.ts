import { workflowInfo } from '@temporalio/workflow';
import type { MarketReading } from '../../src/contract/activities.js';
import { AmendmentRefused } from '../../src/contract/amendment.js';
import type { DcaExecutorConfig } from '../../src/contract/executor-config.js';
import type { BarrierRecord, OrderPlan } from '../../src/contract/order-plan.js';
import { planDca, type DcaPlan } from '../../src/domain/dca/plan-dca.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { toDecimalString } from '../../src/domain/money.js';
import { openContract } from './contract-calls.js';
import { DcaBook } from './dca-book.js';
import { dcaExitPlan, levelPlan } from './dca-plans.js';
import { GuardedPosition } from './guarded-position.js';
import { isOver, type Leg } from './position-legs.js';
import { noteError } from './report-base.js';
import { failureText, firstRunId, readMarketFirst } from './session-call.js';

/** A position built in levels: an entry order for each, and one exit for all that they fill. */
export class DcaExecutor extends GuardedPosition<DcaExecutorConfig, DcaBook> {
  private readonly notedLevels = new Set<number>();
  /** What the exit of now was told last; they change with the levels when the stop loss refers to the last one. */
  private toldBarriers = '';
  private changes = 0;

  constructor(config: DcaExecutorConfig) {
    super(config, (funding) => new DcaBook(config, funding));
    this.listen({ current: () => this.config, propose: refuseAmendment, dearer: () => null, apply: () => undefined });
  }

  async run(): Promise<void> {
    this.life.status = 'RUNNING';
    const { timeLimitAtMs } = this.book.terms;
    if (timeLimitAtMs !== null && Date.now() >= timeLimitAtMs) return this.finish('EXPIRED', 'REFUSED', 'the time limit was over before the start');
    this.show();
    const opening = await this.prepare();
    if (typeof opening === 'string') return this.finish('FAILED', 'REFUSED', opening);
    if (this.stop.decision !== null) return this.finish('EARLY_STOP', 'STOPPED', null);
    await this.open(opening.reading, opening.plan);
    await this.untilClosed(opening.reading);
    await this.conclude(opening.reading);
  }

  /** Rules of the market and levels by them; a text refuses. */
  private async prepare(): Promise<{ readonly reading: MarketReading; readonly plan: DcaPlan } | string> {
    const reading = await readMarketFirst(this.config, this.config.pair, this.watchOwner).catch((error: unknown) => failureText(error));
    if (typeof reading === 'string') return reading;
    const planning = planDca(this.book.terms, marketRules(reading.rules));
    if (planning.kind === 'refused') {
      const { field, value, rule } = planning.refusal;
      return `${field}: ${value} is not allowed, it ${rule}`;
    }
    this.isPerpetual = reading.rules.contract === 'perpetual';
    const unset = this.isPerpetual ? await openContract(this.config, this.log, this.watchOwner) : null;
    return unset ?? { reading, plan: planning.plan };
  }

  private async open(reading: MarketReading, plan: DcaPlan): Promise<void> {
    this.book.opened(reading, plan);
    const runId = firstRunId();
    const bounds = plan.terms.activationBounds.map(toDecimalString);
    const levels = plan.levels.map(({ amountBase, priceQuote }) => `${toDecimalString(amountBase)} at ${toDecimalString(priceQuote)}`);
    this.log.add('levels planned', { side: this.config.side, mode: this.config.mode, levels: levels.join(', ').slice(0, 1_000), run: workflowInfo().runId });
    this.exits.push(await this.legs.start(this.exitPlan(reading, 1, runId)));
    this.entries.push(...(await Promise.all(plan.levels.map((level) => this.legs.start(levelPlan(this.config, reading, level, bounds, runId))))));
    this.log.add('legs started');
    if (this.stop.decision !== null) this.applyStop(this.stop.decision);
    this.onLegs();
  }

  protected exitPlan(reading: MarketReading, counter: number, runId: string | null): OrderPlan {
    const barriers = this.book.barriers(this.entries);
    this.toldBarriers = JSON.stringify(barriers);
    return dcaExitPlan(this.config, reading, this.book.planned.levels, barriers, counter, runId);
  }

  protected noteLegs(): void {
    for (const [index, entry] of this.entries.entries()) this.noteLevel(index, entry);
    const exit = this.exits.at(-1);
    if (exit !== undefined && !isOver(exit)) this.bringExitUpToDate(exit);
  }

  /** Once, when a level is over: what was bought of it, or why nothing was. */
  private noteLevel(index: number, entry: Leg): void {
    if (!isOver(entry) || this.notedLevels.has(index)) return;
    this.notedLevels.add(index);
    const end = entry.state.kind === 'ended' ? entry.state.result.end : null;
    const level = this.book.levels(this.entries)[index];
    const refusal = level?.kind === 'done' ? level.refusal : null;
    this.log.add(`level ${index} ${end?.kind ?? 'lost'}`, {
      filled_base: level?.kind === 'done' ? toDecimalString(level.totals.filledBase) : '0',
      ...(refusal === null ? {} : { refusal }),
      ...this.book.levelTexts(this.entries, this.exits),
    });
    if (refusal !== null) noteError(this.life, `level ${index}: ${refusal}`);
  }

  /** One change at a time is told, numbered, so that what fired is judged by what it had heard. */
  protected bringExitUpToDate(exit: Leg): void {
    const barriers = this.book.barriers(this.entries);
    const now = JSON.stringify(barriers);
    if (now === this.toldBarriers) return;
    this.toldBarriers = now;
    this.changes += 1;
    this.book.told(this.changes, barriers);
    this.tell(exit, barriers);
  }

  private tell(exit: Leg, barriers: BarrierRecord): void {
    void this.legs.command(exit, { kind: 'amend', reason: 'levels were filled', sequence: this.changes, changes: { barriers, exchangeStop: null, closing: null } });
  }
}

function refuseAmendment(): never {
  throw new AmendmentRefused('type', 'dca_executor', 'takes no amendments: stop it and create another');
}
