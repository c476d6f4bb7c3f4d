import { condition, sleep } from '@temporalio/workflow';
import type { TwapExecutorConfig } from '../../src/contract/executor-config.js';
import { LIMITS } from '../../src/domain/limits.js';
import { Decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';
import type { LegRestarts } from './leg-restarts.js';
import { isOver, type Leg, type Legs } from './position-legs.js';
import { noteError, type LifeState } from './report-base.js';
import { firstRunId } from './session-call.js';
import type { TwapBook } from './twap-book.js';
import { closePlan } from './twap-plans.js';

const FIRST_PAUSE_MS = 500;

/** Closes at market what a stopped TWAP has filled, once every slice has confirmed that it trades no more. */
export class TwapExits {
  /** The order that closes now. */
  current: Leg | null = null;

  constructor(
    private readonly config: TwapExecutorConfig,
    private readonly book: TwapBook,
    private readonly legs: Legs,
    private readonly restarts: LegRestarts,
    private readonly life: LifeState,
    private readonly log: DecisionLog,
    private readonly show: () => void,
  ) {}

  /** Until nothing tradable is open, or attempts in a row closed nothing; what is left then is to be handed over. */
  async flatten(): Promise<void> {
    let fruitless = 0;
    for (let counter = 1; fruitless < LIMITS.maxFruitlessExits; counter += 1) {
      const openBase = this.book.openBase();
      if (!openBase.greaterThan(ZERO)) return;
      if (fruitless > 0) await sleep(FIRST_PAUSE_MS * 2 ** fruitless);
      const { maxAmountBase } = this.book.planned.closing;
      const before = this.book.exits.filledBase;
      await this.close(counter, maxAmountBase === null ? openBase : Decimal.min(openBase, maxAmountBase));
      fruitless = this.book.exits.filledBase.greaterThan(before) ? 0 : fruitless + 1;
    }
  }

  private async close(counter: number, amountBase: Decimal): Promise<void> {
    this.log.add(`exit ${counter} decided`, { amount_base: toDecimalString(amountBase) });
    let exit = await this.legs.start(closePlan(this.config, this.book.planned.record, counter, amountBase, firstRunId()));
    while (exit.state.kind !== 'ended') {
      this.current = exit;
      const leg = exit;
      await condition(() => isOver(leg));
      if (leg.state.kind === 'lost') exit = await this.restarts.restart(leg);
    }
    this.current = null;
    const { result } = exit.state;
    this.book.add({ kind: 'exit', number: counter, side: exit.plan.side }, result);
    this.legs.forget(exit);
    if (result.end.kind === 'failed' || result.end.kind === 'insufficientBalance') noteError(this.life, result.end.message);
    this.log.add(`exit ${counter} ${result.end.kind}`, { filled_base: result.totals.filledBase, filled_quote: result.totals.filledQuote });
    this.show();
  }
}
