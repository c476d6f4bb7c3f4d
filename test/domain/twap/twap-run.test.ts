import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FILLS, addFill, type FillTotals } from '../../../src/domain/fills.js';
import { LIMITS } from '../../../src/domain/limits.js';
import { checkOrder, floorAmount, makerPrice, type MarketRules } from '../../../src/domain/market-rules.js';
import { decimal, Decimal, exactly } from '../../../src/domain/money.js';
import { nextSlices, twapWakeAtMs, type SliceToSend } from '../../../src/domain/twap/next-slices.js';
import { planTwap } from '../../../src/domain/twap/plan-twap.js';
import { slotsLeft } from '../../../src/domain/twap/slice-schedule.js';
import { twapTotals, unassignedQuote } from '../../../src/domain/twap/twap-accounts.js';
import { twapCustomInfo } from '../../../src/domain/twap/twap-custom-info.js';
import { applyTwapEvent, type TwapEvent } from '../../../src/domain/twap/twap-events.js';
import { newTwapState, twapStateFromRecord, twapStateRecord, type TwapState } from '../../../src/domain/twap/twap-state.js';
import { twapTerms, type CatchUpPolicy, type TwapTerms } from '../../../src/domain/twap/twap-terms.js';
import { fillOf, MARKET, rulesOf } from '../market-fixtures.js';
import { anyTwapCase, termsOf } from './twap-fixtures.js';

const START = 1_000_000;

/** A plan that runs: keeps what was sent and filled beside the state, and passes the state through its record each time. */
class Run {
  state: TwapState;
  nowMs = START;
  readonly sent = new Map<number, SliceToSend & { sequence: number; totals: FillTotals; ended: boolean }>();
  finished = false;

  constructor(readonly terms: TwapTerms, readonly rules: MarketRules, public mid: Decimal | null) {
    this.state = newTwapState(terms, START);
  }

  apply(event: TwapEvent): void {
    const applied = applyTwapEvent(this.terms, this.rules, this.state, event);
    const record = twapStateRecord(applied);
    this.state = twapStateFromRecord(JSON.parse(JSON.stringify(record)) as typeof record);
    expect(twapStateRecord(this.state)).toEqual(record);
  }

  decide(): readonly SliceToSend[] {
    const decision = nextSlices(this.terms, this.rules, this.state, this.mid, this.nowMs);
    this.apply({ kind: 'decided', nowMs: this.nowMs, decision });
    for (const slice of decision.send) {
      expect(this.sent.has(slice.number)).toBe(false);
      this.sent.set(slice.number, { ...slice, sequence: 0, totals: NO_FILLS, ended: false });
    }
    if (decision.finished) {
      this.finished = true;
      this.apply({ kind: 'ended', nowMs: this.nowMs, midQuote: this.mid, exits: NO_FILLS, fundingQuote: decimal('0') });
    }
    return decision.send;
  }

  report(number: number, amountBase: Decimal | null, price: Decimal, ended: { readonly refusal: string | null } | null): void {
    const slice = this.sent.get(number);
    if (slice === undefined) throw new Error(`slice ${number} was never sent`);
    if (amountBase !== null) slice.totals = addFill(slice.totals, fillOf(price.toFixed(), amountBase.toFixed()), MARKET);
    slice.sequence += 1;
    slice.ended = ended !== null;
    const report = { number, sequence: slice.sequence, totals: slice.totals, ended };
    this.apply({ kind: 'reported', report });
    const before = twapStateRecord(this.state);
    this.apply({ kind: 'reported', report });
    expect(twapStateRecord(this.state)).toEqual(before);
  }

  fill(number: number): void {
    const slice = this.sent.get(number);
    if (slice === undefined || this.mid === null) throw new Error(`slice ${number} cannot fill`);
    this.report(number, slice.amountBase.minus(slice.totals.filledBase), slice.priceQuote ?? this.mid, { refusal: null });
  }

  at(seconds: number): readonly SliceToSend[] {
    this.nowMs = START + seconds * 1000;
    return this.decide();
  }
}

const run = (changes: Parameters<typeof termsOf>[0] = {}, rules = rulesOf()): Run => new Run(termsOf(changes), rules, decimal('100'));
const quotes = (sent: readonly SliceToSend[]): readonly string[] => sent.map(({ plannedQuote }) => plannedQuote.toFixed());

/** Sends and fills what is due at these seconds. */
function filledAt(twap: Run, seconds: readonly number[]): readonly (readonly string[])[] {
  return seconds.map((second) => {
    const sent = twap.at(second);
    for (const { number } of sent) twap.fill(number);
    return quotes(sent);
  });
}

describe('catching up, worked out by hand', () => {
  // Slots at 0, 10, 20, 30 of 25 quote; nobody acts from 5 to 25: slot 10 is over at 20, slot 20 still on time.
  it('stretch puts what was missed behind the last slot', () => {
    const twap = run();
    expect(filledAt(twap, [0, 25, 30])).toEqual([['25'], ['25'], ['25']]);
    expect(twapWakeAtMs(twap.terms, twap.state)).toBe(START + 40_000);
    expect(filledAt(twap, [40, 40])).toEqual([['25'], []]);
    expect(twap.state.phase).toMatchObject({ kind: 'ended', closeType: 'POSITION_HOLD', outcome: 'COMPLETED' });
  });

  it('skip drops its share and says so', () => {
    const twap = run({ catchUp: 'skip' });
    expect(filledAt(twap, [0, 25, 30, 31])).toEqual([['25'], ['25'], ['25'], []]);
    expect(twap.state.missed).toMatchObject({ skipped: 1, stretched: 0, burst: 0 });
    expect(twap.state.missed.skippedQuote.toFixed()).toBe('25');
    expect(twap.state.phase).toMatchObject({ kind: 'ended', closeType: 'POSITION_HOLD', outcome: 'PARTIAL' });
  });

  it('burst sends it with the slice that is due', () => {
    const twap = run({ catchUp: 'burst' });
    expect(filledAt(twap, [0, 25, 30, 31])).toEqual([['25'], ['50'], ['25'], []]);
    expect(twap.state.phase).toMatchObject({ kind: 'ended', outcome: 'COMPLETED' });
  });

  it.each<[CatchUpPolicy, readonly (readonly string[])[]]>([
    // Back at 100: all three are over.
    ['stretch', [['25'], ['25'], [], ['25'], ['25'], []]],
    ['skip', [['25'], [], [], [], [], []]],
    ['burst', [['25'], ['75'], [], [], [], []]],
  ])('after an outage beyond the end, %s', (catchUp, expected) => {
    const twap = run({ catchUp });
    expect(filledAt(twap, [0, 100, 100, 110, 120, 120])).toEqual(expected);
    expect(twap.finished).toBe(true);
  });

  it.each<CatchUpPolicy>(['stretch', 'burst'])('%s trades all of it however late every timer is', (catchUp) => {
    const twap = run({ catchUp });
    filledAt(twap, [0]);
    // A timer of the server can be a second late, which may be a whole interval.
    for (let wakes = 0; !twap.finished && wakes < 12; wakes += 1) {
      twap.nowMs = Math.max(twapWakeAtMs(twap.terms, twap.state) ?? 0, twap.nowMs) + 10_050;
      for (const { number } of twap.decide()) twap.fill(number);
      if (twapWakeAtMs(twap.terms, twap.state) === null) twap.decide();
    }
    expect(twap.finished).toBe(true);
    expect(twap.state.phase).toMatchObject({ kind: 'ended', outcome: 'COMPLETED' });
  });

  it('does nothing but wait while mid is unknown', () => {
    const twap = run();
    twap.mid = null;
    expect(twap.at(0)).toEqual([]);
    expect(twapWakeAtMs(twap.terms, twap.state)).toBe(START);
    twap.mid = decimal('100');
    expect(quotes(twap.at(3))).toEqual(['25']);
  });
});

describe('sizing, worked out by hand', () => {
  it('counts open orders before anybody acknowledged them', () => {
    const twap = run();
    expect([quotes(twap.at(0)), quotes(twap.at(10)), quotes(twap.at(20)), quotes(twap.at(30))]).toEqual([['25'], ['25'], ['25'], ['25']]);
    expect([...twap.sent.values()].reduce((sum, slice) => sum.plus(slice.amountBase), new Decimal(0)).toFixed()).toBe('1');
  });

  it('spreads what a slice left short over the slots to come', () => {
    const twap = run();
    const [first] = twap.at(0);
    twap.report(first?.number ?? -1, decimal('0.1'), decimal('100'), { refusal: null });
    // 100 - 10 = 90 over three.
    expect(quotes(twap.at(10))).toEqual(['30']);
    expect(twap.state.done[0]?.shortQuote.toFixed()).toBe('15');
  });

  it('shrinks what follows a slice that cost more than its share', () => {
    const twap = run();
    const [first] = twap.at(0);
    twap.report(first?.number ?? -1, decimal('0.25'), decimal('112'), { refusal: null });
    expect(quotes(twap.at(10))).toEqual(['24']);
  });

  it('sends nothing below the minimum and keeps the share for the next slot', () => {
    const twap = run({ totalAmountQuote: '20' });
    twap.mid = decimal('99.99');
    // 5 / 99.99 = 0.05000500: 0.05 at 99.99 is 4.9995.
    expect(twap.at(0)).toEqual([]);
    expect(twap.state.lastBreach).toBe('notionalQuote 4.9995 must be at least 5 USDT');
    expect(quotes(twap.at(10))).toEqual([`6.${'6'.repeat(30)}`]);
  });

  it('trades a last slice that was refused again, not for ever, and waits for none that is open', () => {
    const twap = run({ totalDurationMs: 0 });
    let attempts = 0;
    for (let second = 0; second < 1000 && !twap.finished; second += 5) {
      for (const { number } of twap.at(second)) {
        attempts += 1;
        expect(twap.decide()).toEqual([]);
        expect(twap.finished).toBe(false);
        twap.report(number, null, decimal('100'), { refusal: 'amountBase 1 must be at most 0.5' });
      }
    }
    expect(attempts).toBe(LIMITS.maxRetries + 1);
    expect(twap.state.phase).toMatchObject({ kind: 'ended', closeType: 'FAILED', outcome: 'FAILED' });
  });
});

describe('a maker', () => {
  const maker = { mode: 'MAKER', limitOrderBufferFraction: '0.01', orderResubmissionMs: 4_000 } as const;

  it('is placed anew for what is left once it rested longer than its time, its fills kept', () => {
    const twap = run(maker);
    const [first] = twap.at(0);
    twap.report(first?.number ?? -1, decimal('0.05'), decimal('99'), null);
    twap.at(4);
    expect(twap.state.open[0]?.withdrawing).toBe(false);
    expect(twapWakeAtMs(twap.terms, twap.state)).toBe(START + 4_001);
    twap.at(4.001);
    expect(twap.state.open[0]?.withdrawing).toBe(true);
    twap.report(first?.number ?? -1, null, decimal('99'), { refusal: null });
    // 25 - 0.05 * 99 = 20.05
    expect(twap.at(4.002).map(({ slot, origin, plannedQuote, amountBase }) => [slot, origin, plannedQuote.toFixed(), amountBase.toFixed()])).toEqual([[0, 'resubmitted', '20.05', '0.2005']]);
    expect(quotes(twap.at(8))).toEqual([]);
  });

  it('that filled while it was withdrawn is not placed anew', () => {
    const twap = run(maker);
    const [first] = twap.at(0);
    twap.at(5);
    twap.fill(first?.number ?? -1);
    expect(twap.at(6)).toEqual([]);
  });

  it('that was refused is not placed anew: its share goes to the slots to come', () => {
    const twap = run(maker);
    const [first] = twap.at(0);
    twap.at(5);
    twap.report(first?.number ?? -1, null, decimal('99'), { refusal: 'refused' });
    expect(twap.at(6)).toEqual([]);
    expect(quotes(twap.at(10))).toEqual([`33.${'3'.repeat(30)}`]);
  });

  it('of the last slot does not end before it has filled', () => {
    const twap = run({ ...maker, orderResubmissionMs: null });
    for (const second of [0, 10, 20, 30, 1000]) twap.at(second);
    expect([twap.state.open.length, twap.finished]).toEqual([4, false]);
    expect(twapWakeAtMs(twap.terms, twap.state)).toBe(null);
    for (const { number } of [...twap.sent.values()]) twap.fill(number);
    twap.at(1000);
    expect(twap.finished).toBe(true);
  });
});

describe('the end', () => {
  it('fixes the P&L at the mid of that moment', () => {
    const twap = run({ totalDurationMs: 0 });
    filledAt(twap, [0]);
    twap.mid = decimal('110');
    twap.at(1);
    if (twap.state.phase.kind !== 'ended') throw new Error('not ended');
    const { pnl } = twap.state.phase;
    expect([pnl.markPriceQuote?.toFixed(), pnl.netPnlQuote.toFixed(), pnl.netPnlFraction.toFixed(), pnl.openBase.toFixed()]).toEqual(['110', '10', '0.1', '1']);
    twap.apply({ kind: 'ended', nowMs: twap.nowMs + 1, midQuote: decimal('1'), exits: NO_FILLS, fundingQuote: decimal('0') });
    if (twap.state.phase.kind !== 'ended') throw new Error('not ended');
    expect(twap.state.phase.pnl.netPnlQuote.toFixed()).toBe('10');
  });

  it.each([
    [true, '0.1', 'POSITION_HOLD'],
    [true, null, 'EARLY_STOP'],
    [false, '0.1', 'EARLY_STOP'],
  ] as const)('of a stop with keep_position %s and %s filled is %s, once the open slice has confirmed', (keepPosition, filled, closeType) => {
    const twap = run();
    const [first] = twap.at(0);
    twap.apply({ kind: 'stopped', keepPosition });
    expect(twap.at(1)).toEqual([]);
    expect([twap.state.open[0]?.withdrawing, twap.finished]).toEqual([true, false]);
    twap.report(first?.number ?? -1, filled === null ? null : decimal(filled), decimal('100'), { refusal: null });
    twap.at(100);
    expect(twap.state.phase).toMatchObject({ kind: 'ended', closeType, outcome: 'STOPPED' });
    expect(twap.sent.size).toBe(1);
  });

  it('has every key of the reference in custom_info', () => {
    const twap = run();
    filledAt(twap, [0]);
    const info = twapCustomInfo(twap.terms, twap.rules, twap.state, { currentRetries: 2, orderIds: ['a'], heldPositionOrders: [] });
    expect(info).toMatchObject({ side: 'BUY', current_position_average_price: '100', filled_amount_base: '0.25', filled_amount_quote: '25', current_retries: 2, max_retries: 10, order_ids: ['a'], held_position_orders: [] });
    expect(info['slices']).toMatchObject([{ number: 0, slot: 0, planned_quote: '25', sent_base: '0.25', filled_quote: '25', short_quote: '0', done: true }]);
  });
});

describe('under random rules, outages and fills', () => {
  const anyStep = fc.record({ waitMs: fc.oneof(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 0, max: 60_000 })), midPermille: fc.option(fc.integer({ min: 700, max: 1400 }), { freq: 8 }), actions: fc.array(fc.integer({ min: 0, max: 999 }), { maxLength: 4 }) });

  /** What was sent and is not out any more counts by its fills, the rest in full. */
  function committed(twap: Run, midAtSend: ReadonlyMap<number, Decimal>): Decimal {
    return [...twap.sent.values()].reduce((sum, slice) => exactly.sum(sum, slice.ended ? slice.totals.filledQuote : exactly.product(slice.amountBase, slice.priceQuote ?? midAtSend.get(slice.number) ?? new Decimal(NaN))), new Decimal(0));
  }

  function act(twap: Run, draw: number, midAtSend: ReadonlyMap<number, Decimal>): void {
    const open = [...twap.sent.values()].filter(({ ended }) => !ended);
    const slice = open[draw % Math.max(open.length, 1)];
    if (slice === undefined) return;
    const left = slice.amountBase.minus(slice.totals.filledBase);
    const part = floorAmount(twap.rules, left.times(draw).dividedBy(1000));
    const price = slice.priceQuote ?? midAtSend.get(slice.number) ?? decimal('1');
    const withdrawing = twap.state.open.find(({ number }) => number === slice.number)?.withdrawing === true;
    if (draw % 7 === 0) return twap.report(slice.number, null, price, { refusal: draw % 2 === 0 ? 'refused' : null });
    if (draw % 3 === 0) return twap.report(slice.number, left.isZero() ? null : left, price, { refusal: null });
    twap.report(slice.number, part.isZero() ? null : part, price, withdrawing ? { refusal: null } : null);
  }

  it('never trades more than planned, changes nothing that was added, and accounts for every slice', () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(anyTwapCase, fc.array(anyStep, { maxLength: 25 }), ({ rules, record, mid }, steps) => {
        const terms = twapTerms(record);
        if (planTwap(terms, rules, mid).kind === 'refused') return;
        const twap = new Run(terms, rules, mid);
        const midAtSend = new Map<number, Decimal>();
        const decide = (): void => {
          for (const slice of twap.decide()) {
            if (twap.mid !== null) midAtSend.set(slice.number, twap.mid);
            expect(checkOrder(rules, { amountBase: slice.amountBase, priceQuote: slice.priceQuote ?? makerPrice(rules, 'BUY', twap.mid ?? mid) })).toBeNull();
          }
          expect(committed(twap, midAtSend).lessThanOrEqualTo(terms.totalAmountQuote)).toBe(true);
          for (const slice of [...twap.state.done, ...twap.state.open]) expect(slice).toMatchObject({ plannedQuote: twap.sent.get(slice.number)?.plannedQuote, amountBase: twap.sent.get(slice.number)?.amountBase });
          expect(twap.state.doneSum.count + twap.state.open.length).toBe(twap.sent.size);
        };
        decide();
        for (const { waitMs, midPermille, actions } of steps) {
          twap.nowMs += waitMs;
          twap.mid = midPermille === null ? null : mid.times(midPermille).dividedBy(1000);
          for (const draw of actions) act(twap, draw, midAtSend);
          decide();
        }
        // From here on everything fills: the plan must come to its end by its own wake times.
        twap.mid = mid;
        for (let round = 0; !twap.finished && round < 300; round += 1) {
          for (const { number, ended } of [...twap.sent.values()]) {
            const slice = twap.sent.get(number);
            if (!ended && slice !== undefined) twap.report(number, slice.amountBase.equals(slice.totals.filledBase) ? null : slice.amountBase.minus(slice.totals.filledBase), slice.priceQuote ?? midAtSend.get(number) ?? mid, { refusal: null });
          }
          twap.nowMs = Math.max(twap.nowMs, twapWakeAtMs(terms, twap.state) ?? 0);
          decide();
        }
        const { state } = twap;
        if (state.phase.kind !== 'ended') throw new Error(`not ended: ${JSON.stringify(twapStateRecord(state))}`);
        const key = `${terms.catchUp} ${state.phase.outcome}`;
        ends.set(key, (ends.get(key) ?? 0) + 1);
        expect([state.open.length, state.replacements.length, slotsLeft(state.schedule)]).toEqual([0, 0, 0]);
        const filled = twapTotals(state).filledQuote;
        expect(filled.equals([...twap.sent.values()].reduce((sum, slice) => exactly.sum(sum, slice.totals.filledQuote), new Decimal(0)))).toBe(true);
        expect(exactly.sum(filled, state.missed.skippedQuote, unassignedQuote(terms, state)).equals(terms.totalAmountQuote)).toBe(true);
        expect(state.doneSum.plannedQuote.equals(exactly.sum(filled, state.doneSum.shortQuote))).toBe(true);
        if (state.missed.skipped > 0) expect(state.phase.outcome).not.toBe('COMPLETED');
      }),
      { numRuns: 150 },
    );
    for (const end of ['skip COMPLETED', 'skip PARTIAL', 'stretch COMPLETED', 'burst COMPLETED']) expect(ends.get(end) ?? 0).toBeGreaterThan(0);
  });
});
