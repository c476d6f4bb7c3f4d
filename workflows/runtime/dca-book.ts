import type { MarketReading } from '../../src/contract/activities.js';
import { dcaTermsRecord, type DcaExecutorConfig } from '../../src/contract/executor-config.js';
import type { BarrierRecord } from '../../src/contract/order-plan.js';
import { dcaBarriers } from '../../src/domain/dca/dca-barriers.js';
import { dcaCustomInfo } from '../../src/domain/dca/dca-custom-info.js';
import type { DcaLevelProgress } from '../../src/domain/dca/dca-progress.js';
import { dcaTerms, type DcaTerms } from '../../src/domain/dca/dca-terms.js';
import type { DcaPlan } from '../../src/domain/dca/plan-dca.js';
import { decimal } from '../../src/domain/money.js';
import { EntryExitBook, retriesOf, unvaluedFeesOf } from './entry-exit-book.js';
import type { FundingBook } from './funding-book.js';
import { heldOrders } from './held-orders.js';
import { legOpenOrders, legTotals, type Leg } from './position-legs.js';
import type { LifeState } from './report-base.js';

/** The book of a DCA: an entry for each level, at the place of its level. */
export class DcaBook extends EntryExitBook<DcaExecutorConfig> {
  readonly terms: DcaTerms;
  private plan: DcaPlan | null = null;

  constructor(config: DcaExecutorConfig, funding: FundingBook) {
    super(config, funding);
    this.terms = dcaTerms(dcaTermsRecord(config));
  }

  opened(reading: MarketReading, plan: DcaPlan): void {
    this.openedAt(reading);
    this.plan = plan;
  }

  /** Throws before there is a plan: nothing is to be protected then. */
  barriers(entries: readonly Leg[]): BarrierRecord {
    return dcaBarriers(this.planned, this.levels(entries), this.entryTotals(entries, []));
  }

  get planned(): DcaPlan {
    if (this.plan === null) throw new Error('the DCA is not planned yet');
    return this.plan;
  }

  levels(entries: readonly Leg[]): readonly DcaLevelProgress[] {
    return this.planned.levels.map(({ index }) => progressOf(entries[index] ?? null));
  }

  protected override ownMemo(entries: readonly Leg[]): Readonly<Record<string, string>> {
    if (this.plan === null) return {};
    const levels = this.levels(entries);
    const count = (kind: DcaLevelProgress['kind']): string => String(levels.filter((level) => level.kind === kind).length);
    return { levels_waiting: count('waiting'), levels_out: count('out'), levels_done: count('done') };
  }

  protected customInfo(life: LifeState, entries: readonly Leg[], exits: readonly Leg[]): Readonly<Record<string, unknown>> {
    const { config, plan } = this;
    const own = { level_id: config.levelId, open_orders: this.openOrders(entries, exits), unvalued_fees: unvaluedFeesOf([...entries, ...exits]) };
    if (plan === null) return { side: config.side, ...own };
    const fired = this.firstTrigger(exits)?.trailingTriggerFraction ?? null;
    const progress = {
      levels: this.levels(entries),
      entry: this.entryTotals(entries, exits),
      exits: this.exitTotals(exits),
      trailingTrigger: fired === null ? null : decimal(fired),
      end: life.closeType === null ? null : { closeType: life.closeType, atMs: life.closedAtMs ?? 0 },
    };
    const orders = {
      currentRetries: retriesOf([...entries, ...exits]),
      orderIds: this.orderIds(entries, exits),
      heldPositionOrders: life.hold === null ? [] : heldOrders(config.pair, life.hold.orders),
    };
    return { ...dcaCustomInfo(plan, progress, orders), ...own, ...(this.rules?.contract === 'perpetual' ? this.funding.customInfo() : {}) };
  }
}

function progressOf(entry: Leg | null): DcaLevelProgress {
  if (entry === null) return { kind: 'waiting' };
  const totals = legTotals(entry);
  switch (entry.state.kind) {
    case 'running':
      return totals.fillCount === 0 && legOpenOrders(entry).length === 0 ? { kind: 'waiting' } : { kind: 'out', totals };
    case 'lost':
      return { kind: 'done', totals, refusal: entry.state.message };
    case 'ended': {
      const { end } = entry.state.result;
      return { kind: 'done', totals, refusal: end.kind === 'insufficientBalance' || end.kind === 'failed' ? end.message : null };
    }
  }
}
