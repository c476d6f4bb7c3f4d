import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridInventory, gridTotals, isGridTradable } from '../../../src/domain/grid/grid-inventory.js';
import { gridMetrics } from '../../../src/domain/grid/grid-metrics.js';
import { gridStateFromRecord, gridStateRecord, isLive } from '../../../src/domain/grid/grid-state.js';
import { decimal, Decimal } from '../../../src/domain/money.js';
import { plannedGrid } from './grid-fixtures.js';
import { SimulatedChildren } from './simulated-children.js';

type Step =
  | { readonly kind: 'decide'; readonly midCents: number; readonly passMs: number }
  | { readonly kind: 'fill'; readonly pick: number; readonly percent: number }
  | { readonly kind: 'confirm'; readonly pick: number }
  | { readonly kind: 'deliver'; readonly pick: number; readonly twice: boolean };

const pick = fc.nat({ max: 100 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('decide' as const), midCents: fc.integer({ min: 9_000, max: 11_000 }), passMs: fc.nat({ max: 1_500 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('fill' as const), pick, percent: fc.integer({ min: 1, max: 100 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('confirm' as const), pick }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deliver' as const), pick, twice: fc.boolean() }) },
);

const anyGrid = fc.record({
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  feeIn: fc.constantFrom('base' as const, 'quote' as const),
  maxOpenOrders: fc.integer({ min: 1, max: 10 }),
  maxOrdersPerBatch: fc.option(fc.integer({ min: 1, max: 4 })),
  orderFrequencyMs: fc.constantFrom(0, 1_000),
  activationBoundsFraction: fc.constantFrom(null, '0.03', '0.001'),
  steps: fc.array(anyStep, { minLength: 10, maxLength: 60 }),
  keepPosition: fc.boolean(),
  latePercent: fc.constantFrom(0, 30, 100),
});
type Drawn = typeof anyGrid extends fc.Arbitrary<infer T> ? T : never;

/** Carries a schedule out and checks after each decision what must hold at any time. */
function carryOut({ side, feeIn, steps, maxOpenOrders, maxOrdersPerBatch, orderFrequencyMs, activationBoundsFraction }: Drawn): SimulatedChildren {
  const plan = plannedGrid({ side, maxOpenOrders, maxOrdersPerBatch, orderFrequencyMs, activationBoundsFraction });
  const world = new SimulatedChildren(plan, feeIn);
  const opened = new Set<string>();
  for (const step of steps) {
    if (step.kind === 'fill') world.fill(step.pick, step.percent);
    else if (step.kind === 'confirm') world.confirm(step.pick);
    else if (step.kind === 'deliver') world.deliver(step.pick, step.twice);
    else {
      world.nowMs += step.passMs;
      const before = world.live();
      const { lastOpenAtMs } = world.state;
      const { open } = world.decide(new Decimal(step.midCents).dividedBy(100));
      for (const { levelIndex, cycle } of open) {
        expect(before.some((child) => child.levelIndex === levelIndex), `level ${levelIndex} is open`).toBe(false);
        expect(opened.has(`${levelIndex}/${cycle}`), `L${levelIndex}/${cycle} again`).toBe(false);
        opened.add(`${levelIndex}/${cycle}`);
      }
      expect(open.length).toBeLessThanOrEqual(maxOrdersPerBatch ?? maxOpenOrders);
      // Null: no batch yet, or an entry that came to nothing cut the pause short.
      if (open.length > 0 && lastOpenAtMs !== null) expect(world.nowMs - lastOpenAtMs).toBeGreaterThanOrEqual(orderFrequencyMs);
      expect(world.live().filter(({ stage }) => stage.kind === 'entry').length).toBeLessThanOrEqual(maxOpenOrders);
      expect(world.state.levels.filter((level) => level.kind === 'entryOut').length).toBeLessThanOrEqual(maxOpenOrders);
      expect(gridInventory(plan, world.state).costQuote.lessThanOrEqualTo(plan.terms.totalAmountQuote)).toBe(true);
    }
  }
  return world;
}

/** Stops the grid and delivers everything until it is settled; answers what it handed over, or left. */
function stopAndSettle(world: SimulatedChildren, { keepPosition, latePercent }: Drawn): { readonly handedOver: Decimal | null; readonly residue: Decimal | null } {
  world.apply({ kind: 'stopped', closeType: keepPosition ? 'POSITION_HOLD' : 'EARLY_STOP', keepPosition, byCaller: true });
  for (let round = 0; round < 10; round += 1) {
    const decision = world.decide(decimal('99'));
    expect(decision.open).toEqual([]);
    world.endAll(decision, latePercent);
    while (world.queue.length > 0) world.deliver(round * 7, false);
    const settle = world.decide(decimal('99')).settle;
    if (settle?.kind === 'closeNet') world.closeNet(settle.amountBase, decimal('99'));
    else if (settle?.kind === 'handOver') {
      world.apply({ kind: 'settled', handedOver: true });
      return { handedOver: settle.base, residue: null };
    } else if (settle?.kind === 'nothingOpen') {
      world.apply({ kind: 'settled', handedOver: false });
      return { handedOver: null, residue: settle.residueBase };
    }
  }
  throw new Error(`does not settle: ${JSON.stringify(world.state.phase)}`);
}

describe('under random schedules', () => {
  it('never more entries out than allowed, no level twice, and at the end flat or handed over to the last decimal', () => {
    let traded = 0;
    let roundTrips = 0;
    let handovers = 0;
    fc.assert(
      fc.property(anyGrid, (drawn) => {
        const world = carryOut(drawn);
        const { handedOver, residue } = stopAndSettle(world, drawn);
        const net = drawn.side === 'BUY' ? world.base : world.base.negated();
        expect((handedOver ?? residue)?.toFixed()).toBe(net.toFixed());
        expect(world.state.levels.some(isLive)).toBe(false);
        expect(world.live()).toEqual([]);
        expect(world.state.phase.kind).toBe('ended');
        if (handedOver === null) expect(isGridTradable(world.plan, gridInventory(world.plan, world.state))).toBe(false);
        traded += world.children.filter(({ entry }) => entry.fillCount > 0).length;
        roundTrips += world.state.ledger.roundTrips;
        handovers += handedOver === null ? 0 : 1;
      }),
      { numRuns: 150 },
    );
    // Schedules in which nothing happens prove nothing.
    expect(traded).toBeGreaterThan(150);
    expect(roundTrips).toBeGreaterThan(2);
    expect(handovers).toBeGreaterThan(20);
  });

  it('net P&L is what the account gained, at any mid price and before and after the close', () => {
    fc.assert(
      fc.property(anyGrid, fc.integer({ min: 5_000, max: 20_000 }), (drawn, midCents) => {
        const world = carryOut(drawn);
        while (world.queue.length > 0) world.deliver(world.queue.length - 1, false);
        const mid = new Decimal(midCents).dividedBy(100);
        const gained = (): Decimal => world.quote.plus(world.base.times(mid));
        const close = (value: Decimal): boolean => value.abs().lessThan('1e-20');
        const running = gridMetrics(world.plan, world.state, mid);
        expect(close(running.netPnlQuote.minus(gained())), running.netPnlQuote.minus(gained()).toFixed()).toBe(true);
        expect(running.netPnlQuote.equals(running.realizedPnlQuote.plus(running.positionPnlQuote))).toBe(true);
        stopAndSettle(world, { ...drawn, keepPosition: false });
        const ended = gridMetrics(world.plan, world.state, mid);
        expect(close(ended.netPnlQuote.minus(gained()))).toBe(true);
        const { entry, exits } = gridTotals(world.state);
        expect(ended.feesQuote.toFixed()).toBe(entry.feesQuote.plus(exits.feesQuote).toFixed());
        expect(ended.volumeQuote.toFixed()).toBe(entry.filledQuote.plus(exits.filledQuote).toFixed());
      }),
      { numRuns: 100 },
    );
  });

  it('a state that went through its record decides the same', () => {
    fc.assert(
      fc.property(anyGrid, (drawn) => {
        const world = carryOut(drawn);
        const copy = gridStateFromRecord(JSON.parse(JSON.stringify(gridStateRecord(world.state))) as ReturnType<typeof gridStateRecord>);
        expect(copy).toEqual(world.state);
      }),
      { numRuns: 30 },
    );
  });
});
