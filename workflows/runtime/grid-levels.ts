import { CancellationScope, getExternalWorkflowHandle, sleep, startChild } from '@temporalio/workflow';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import { levelWorkflowId } from '../../src/contract/grid-levels.js';
import type { LevelCommand } from '../../src/contract/messages.js';
import { marketKey } from '../../src/contract/search-attributes.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import { toDecimalString, type Decimal } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';
import { isGone } from './leg-voice.js';
import { levelCommandSignal, type LevelInput } from './level-position.js';
import { noteError, type LifeState } from './report-base.js';

/** A round trip of a level, as its child is started. */
export interface LevelTrip {
  readonly levelIndex: number;
  readonly cycle: number;
  /** Of the last report of it that counted: a child that is started again goes on from there. */
  readonly sequence: number;
  readonly priceQuote: Decimal;
  readonly amountBase: Decimal;
  readonly takeProfitPriceQuote: Decimal;
}

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;

/** The position children of a grid, one for each round trip: started, commanded, and started again when somebody ended one. */
export class GridLevels {
  private underWay = 0;
  private readonly restarts = new Map<string, number>();

  constructor(
    private readonly config: GridExecutorConfig,
    private readonly life: LifeState,
    private readonly log: DecisionLog,
    /** A child has ended without a report. */
    private readonly lost: (levelIndex: number, cycle: number) => void,
  ) {}

  /** True while something is on its way to a child: it would not leave a run that is over. */
  get busy(): boolean {
    return this.underWay > 0;
  }

  /** One that runs already (after a reset) is asked what it has told; one that is over is taken up again. */
  async start(rules: MarketRulesRecord, trip: LevelTrip): Promise<void> {
    if (await this.startAs(rules, trip, 'REJECT_DUPLICATE')) return;
    if (!(await this.command(trip.levelIndex, trip.cycle, { kind: 'tell', reason: 'the grid was reset' }))) await this.startAs(rules, trip, 'ALLOW_DUPLICATE');
  }

  /** The same round trip under the same ids: its legs are adopted, and what they sent is found. */
  async restart(rules: MarketRulesRecord, trip: LevelTrip): Promise<void> {
    const id = levelWorkflowId(this.config.id, trip.levelIndex, trip.cycle);
    const count = this.restarts.get(id) ?? 0;
    this.restarts.set(id, count + 1);
    if (count > 0) await sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.min(count, 10), LAST_PAUSE_MS));
    this.log.add('a lost level is taken up again', { level: trip.levelIndex, cycle: trip.cycle });
    noteError(this.life, `the workflow of level ${trip.levelIndex} was lost`);
    await this.startAs(rules, trip, 'ALLOW_DUPLICATE');
  }

  /** False when that child is gone. */
  async command(levelIndex: number, cycle: number, command: LevelCommand): Promise<boolean> {
    this.underWay += 1;
    try {
      const id = levelWorkflowId(this.config.id, levelIndex, cycle);
      await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(id).signal(levelCommandSignal, command));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    } finally {
      this.underWay -= 1;
    }
  }

  private async startAs(rules: MarketRulesRecord, trip: LevelTrip, workflowIdReusePolicy: 'REJECT_DUPLICATE' | 'ALLOW_DUPLICATE'): Promise<boolean> {
    const { config } = this;
    const { levelIndex, cycle } = trip;
    const workflowId = levelWorkflowId(config.id, levelIndex, cycle);
    this.underWay += 1;
    try {
      const handle = await startChild('position', {
        workflowId,
        args: [levelInput(config, rules, trip)],
        parentClosePolicy: 'ABANDON',
        workflowIdReusePolicy,
        cancellationType: 'ABANDON',
        searchAttributes: { ExecutorRole: ['leg'], ExecutorType: ['position_executor'], ControllerId: [config.controllerId], Markets: [marketKey(config.connector, config.pair, config.account)] },
        memo: { root: JSON.stringify({ id: config.id, createdAtMs: config.createdAtMs, connector: config.connector, account: config.account }) },
        staticSummary: `level ${levelIndex} of a grid, round trip ${cycle}: ${config.side} ${toDecimalString(trip.amountBase)} at ${toDecimalString(trip.priceQuote)}`,
      });
      void handle.result().catch(() => this.lost(levelIndex, cycle));
      return true;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError')) throw error;
      return false;
    } finally {
      this.underWay -= 1;
    }
  }
}

function levelInput(config: GridExecutorConfig, rules: MarketRulesRecord, { levelIndex, cycle, sequence, priceQuote, amountBase, takeProfitPriceQuote }: LevelTrip): LevelInput {
  const { controllerId, account, connector, pair, side, leverage, openOrderType, takeProfitOrderType, createdAtMs } = config;
  return {
    kind: 'level',
    rules,
    sequence,
    config: {
      type: 'position_executor',
      id: levelWorkflowId(config.id, levelIndex, cycle),
      createdAtMs,
      controllerId,
      account,
      connector,
      pair,
      levelId: `L${levelIndex}`,
      leverage,
      side,
      amountBase: toDecimalString(amountBase),
      entryPriceQuote: toDecimalString(priceQuote),
      tripleBarrier: {
        stopLossFraction: null,
        // Where the take profit rests stands in `level`; that there is one, here.
        takeProfitFraction: config.takeProfitFraction ?? '0.01',
        trailingStop: null,
        timeLimitSeconds: null,
        openOrderType,
        takeProfitOrderType,
        targets: [],
        breakevenAfterTarget: null,
        exchangeStop: null,
        stopLossOrderType: 'MARKET',
        timeLimitOrderType: 'MARKET',
      },
      closing: null,
      activationBounds: [],
      level: { gridId: config.id, gridCreatedAtMs: createdAtMs, levelIndex, cycle, takeProfitPriceQuote: toDecimalString(takeProfitPriceQuote) },
    },
  };
}
