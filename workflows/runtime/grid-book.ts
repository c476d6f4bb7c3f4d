import { INVENTORY_MEMO, inventoryMemo } from '../../src/contract/cut-executor.js';
import { gridTermsRecord, type GridExecutorConfig } from '../../src/contract/executor-config.js';
import type { LevelTold, OpenOrder } from '../../src/contract/messages.js';
import { positionSideOf } from '../../src/contract/position-side.js';
import type { ExecutorReport, HoldRecord } from '../../src/contract/report.js';
import type { OrderRecord, SessionResult } from '../../src/contract/session-result.js';
import { oppositeSide, type Side } from '../../src/domain/enumerations.js';
import { addTotals, totalsFromRecord, totalsRecord, type FillTotals } from '../../src/domain/fills.js';
import { gridCustomInfo } from '../../src/domain/grid/grid-custom-info.js';
import { applyGridEvent, type GridEvent } from '../../src/domain/grid/grid-events.js';
import { gridInventory, gridTotals } from '../../src/domain/grid/grid-inventory.js';
import { gridMetrics } from '../../src/domain/grid/grid-metrics.js';
import type { GridPlan } from '../../src/domain/grid/grid-plan.js';
import { gridStateFromRecord, gridStateRecord, isLive, newGridState, type GridState } from '../../src/domain/grid/grid-state.js';
import { gridTerms, type GridTerms } from '../../src/domain/grid/grid-terms.js';
import { planGrid } from '../../src/domain/grid/plan-grid.js';
import { marketRules, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal, exactly, toDecimalString, ZERO, type Decimal } from '../../src/domain/money.js';
import type { DecisionLog } from './decisions.js';
import { foldOrders } from './fold-orders.js';
import type { GridCarry } from './grid-carry.js';
import type { GridFunding } from './grid-funding.js';
import { heldOrders } from './held-orders.js';
import { attentionText, buildReport, type LifeState, type ReportMoney } from './report-base.js';

interface Planned {
  readonly record: MarketRulesRecord;
  readonly plan: GridPlan;
}

/** The state of a grid and its money: every round trip and every closing order counted once. Bounded: of the orders the latest. */
export class GridBook {
  readonly terms: GridTerms;
  /** The level of the last refused entry said so. */
  shortOfFunds = false;
  liquidated = false;
  retries: number;
  private planning: Planned | null = null;
  private current: GridState | null = null;
  private orders: readonly OrderRecord[];
  private netCloses = 0;
  private readonly unvalued: Record<string, string>;

  constructor(private readonly config: GridExecutorConfig, readonly funding: GridFunding, carried: GridCarry | null) {
    this.terms = gridTerms(gridTermsRecord(config));
    this.orders = carried?.orders ?? [];
    this.retries = carried?.retries ?? 0;
    this.unvalued = { ...carried?.unvaluedFees };
    if (carried === null) return;
    const refusal = this.begin(carried.rules, decimal(carried.midQuote));
    if (refusal !== null) throw new Error(`the levels cannot be generated again: ${refusal}`);
    this.current = gridStateFromRecord(carried.state);
    this.netCloses = this.current.netClose.sequence;
  }

  /** Generates the levels; a text refuses. */
  begin(record: MarketRulesRecord, midQuote: Decimal): string | null {
    const planning = planGrid(this.terms, marketRules(record), midQuote);
    if (planning.kind === 'refused') {
      const { field, value, rule } = planning.refusal;
      return `${field}: ${value} is not allowed, it ${rule}`;
    }
    this.planning = { record, plan: planning.plan };
    this.current = newGridState(planning.plan);
    return null;
  }

  get isPlanned(): boolean {
    return this.planning !== null;
  }

  /** Throws before there is a plan. */
  get planned(): Planned {
    if (this.planning === null) throw new Error('a grid has no market before its plan');
    return this.planning;
  }

  get state(): GridState {
    if (this.current === null) throw new Error('a grid has no state before its plan');
    return this.current;
  }

  get isPerpetual(): boolean {
    return this.planning?.record.contract === 'perpetual';
  }

  /** Events of before the plan change nothing. */
  apply(event: GridEvent): void {
    if (this.planning !== null && this.current !== null) this.current = applyGridEvent(this.planning.plan, this.current, event);
  }

  /** Takes what a level told. False when that is known already. */
  hear(told: LevelTold, nowMs: number): boolean {
    const level = this.current?.levels[told.levelIndex];
    const planned = this.planning?.plan.levels[told.levelIndex];
    if (level === undefined || planned === undefined || !isLive(level) || level.cycle !== told.cycle || told.sequence <= level.sequence) return false;
    const { levelIndex, cycle, sequence, ended } = told;
    const entry = totalsFromRecord(told.entry);
    // A child that was taken up again has not heard of its legs yet.
    if (ended === null && entry.fillCount < level.entry.fillCount) return false;
    const through = !told.entryOut && entry.fillCount > 0;
    const stage = ended !== null ? { kind: 'ended' as const, refused: ended.refusal !== null } : through ? { kind: 'takeProfitOut' as const, priceQuote: planned.takeProfitPriceQuote } : { kind: 'entryOut' as const };
    this.apply({ kind: 'reported', nowMs, report: { levelIndex, cycle, sequence, entry, exits: totalsFromRecord(told.exits), stage } });
    if (ended === null) return true;
    this.shortOfFunds = ended.insufficientBalance;
    this.liquidated ||= ended.liquidated;
    this.count(ended.retries, ended.orders, ended.unvaluedFees);
    return true;
  }

  /** Counts an exit that has ended. Once for each. */
  closed(result: SessionResult): void {
    this.count(result.retries, result.orders, result.unvaluedFees);
    this.liquidated ||= result.orders.some(({ purpose }) => purpose === 'liquidation');
    if (result.totals.fillCount === 0) return;
    this.netCloses += 1;
    this.apply({ kind: 'netCloseSent' });
    this.apply({ kind: 'netCloseReported', sequence: this.netCloses, totals: totalsFromRecord(result.totals), ended: true });
  }

  private count(retries: number, orders: readonly OrderRecord[], unvalued: Readonly<Record<string, string>>): void {
    this.retries += retries;
    this.orders = foldOrders([...this.orders, ...orders.filter(({ totals }) => totals.fillCount > 0)]);
    for (const [asset, amount] of Object.entries(unvalued)) this.unvalued[asset] = toDecimalString(exactly.sum(decimal(this.unvalued[asset] ?? '0'), decimal(amount)));
  }

  /** Opened and not closed, dust included. */
  openBase(): Decimal {
    return this.planning === null || this.current === null ? ZERO : gridInventory(this.planning.plan, this.current).base;
  }

  /** All that was traded, one sum for each side. */
  hold(): HoldRecord {
    const { connector, account, pair, side, id } = this.config;
    const { entry, exits } = gridTotals(this.state);
    const orders = [sumOrder(id, side, entry), sumOrder(id, oppositeSide(side), exits)].filter(({ totals }) => totals.fillCount > 0);
    return { connector, account, pair, positionSide: positionSideOf(this.planned.record, side, 'OPEN'), orders, fundingQuote: toDecimalString(this.funding.totalQuote) };
  }

  report(life: LifeState, log: DecisionLog, openOrders: readonly OpenOrder[], nowMs: number): ExecutorReport {
    return buildReport(this.config, life, this.money(life, openOrders), log, nowMs);
  }

  /** While it runs what is open stands at its cost. */
  private money(life: LifeState, openOrders: readonly OpenOrder[]): ReportMoney {
    const { config } = this;
    if (this.planning === null || this.current === null) {
      return { netPnlQuote: ZERO, netPnlFraction: ZERO, feesQuote: ZERO, volumeQuote: ZERO, residueBase: ZERO, isTrading: false, orders: [], customInfo: { side: config.side, level_id: config.levelId } };
    }
    const { plan } = this.planning;
    const metrics = gridMetrics(plan, this.current, null);
    const netPnlQuote = exactly.sum(metrics.netPnlQuote, this.funding.totalQuote);
    const filled = this.orders.filter(({ totals }) => totals.fillCount > 0);
    const lists = { filledOrders: heldOrders(config.pair, filled), heldPositionOrders: life.hold === null ? [] : heldOrders(config.pair, life.hold.orders), failedOrders: [], canceledOrders: [], fillEvents: [] };
    const isFlat = life.closedAtMs !== null && life.hold === null;
    return {
      netPnlQuote,
      netPnlFraction: metrics.volumeQuote.isZero() ? ZERO : netPnlQuote.dividedBy(metrics.volumeQuote),
      feesQuote: metrics.feesQuote,
      volumeQuote: metrics.volumeQuote,
      residueBase: isFlat ? metrics.inventory.base : ZERO,
      isTrading: !metrics.volumeQuote.isZero(),
      orders: this.orders,
      customInfo: {
        ...gridCustomInfo(plan, this.current, null, lists),
        level_id: config.levelId,
        round_trips: this.current.ledger.roundTrips,
        open_orders: openOrders,
        order_ids: this.orders.map(({ clientOrderId }) => clientOrderId),
        current_retries: this.retries,
        unvalued_fees: this.unvalued,
        ...(this.isPerpetual ? this.funding.customInfo() : {}),
      },
    };
  }

  /** Flat strings for lists and for clients that read no workflow. */
  memo(life: LifeState): Readonly<Record<string, string>> {
    const { config, current } = this;
    if (current === null) return { config: JSON.stringify(config), attention: attentionText(life) };
    const { entry, exits } = gridTotals(current);
    const { ledger, netClose } = current;
    const positionSide = positionSideOf(this.planned.record, config.side, 'OPEN');
    const closed = addTotals(ledger.exits, addTotals(netClose.ended, netClose.current));
    const counts = current.levels.reduce((sum, { kind }) => ({ ...sum, [kind]: (sum[kind] ?? 0) + 1 }), {} as Record<string, number>);
    return {
      config: JSON.stringify(config),
      entry_totals: JSON.stringify(totalsRecord(entry)),
      exit_totals: JSON.stringify(totalsRecord(exits)),
      // Levels at work tell their own fills, were this executor gone.
      [INVENTORY_MEMO]: inventoryMemo([
        { side: config.side, totals: totalsRecord(ledger.entry), positionSide },
        { side: oppositeSide(config.side), totals: totalsRecord(closed), positionSide },
      ]),
      levels: Object.entries(counts).map(([kind, count]) => `${kind} ${count}`).join(', '),
      round_trips: String(ledger.roundTrips),
      open_base: toDecimalString(this.openBase()),
      ...(this.isPerpetual ? { funding_quote: toDecimalString(this.funding.totalQuote) } : {}),
      attention: attentionText(life),
    };
  }

  carry(): Pick<GridCarry, 'rules' | 'midQuote' | 'state' | 'orders' | 'retries' | 'funding' | 'unvaluedFees'> {
    const { record, plan } = this.planned;
    return { rules: record, midQuote: toDecimalString(plan.midQuote), state: gridStateRecord(this.state), orders: this.orders, retries: this.retries, funding: this.funding.record(), unvaluedFees: this.unvalued };
  }
}

function sumOrder(id: string, side: Side, totals: FillTotals): OrderRecord {
  const record = totalsRecord(totals);
  return { clientOrderId: `${id}/${side}`, exchangeOrderId: null, purpose: 'work', side, type: 'LIMIT', amountBase: record.filledBase, priceQuote: null, state: 'sum of all levels', totals: record };
}
