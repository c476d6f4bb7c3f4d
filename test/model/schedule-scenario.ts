import type { Barriers } from '../../src/domain/barriers.js';
import type { OrderType, Side } from '../../src/domain/enumerations.js';
import type { ExchangeStop } from '../../src/domain/exchange-stop-price.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { marketRules, type MarketRules } from '../../src/domain/market-rules.js';
import { Decimal } from '../../src/domain/money.js';
import type { Target } from '../../src/domain/targets.js';
import type { SessionPlan } from '../../src/domain/session/session-plan.js';
import type { DecisionTape } from './decision-tape.js';
import { drawChaser, drawStrategy, drawTiming } from './model-chaser.js';
import type { ClosingTerms } from '../../src/domain/session/close-escalation.js';
import { drawClosing } from './model-closing.js';
import { AMOUNT_STEP, PRICE_TICK, baseOfLots, quoteOfTicks } from './model-units.js';

export const START_MS = 1_700_000_000_000;
export const MIDDLE_TICKS = 1000;

/** What the exchange charges, in millionths. `received`: base when buying, quote when selling. */
export interface FeeTerms {
  readonly kind: 'none' | 'received' | 'quote' | 'third';
  readonly millionths: number;
  /** Third asset: its value comes with the fill, later, or never. */
  readonly value: 'atOnce' | 'late' | 'never';
}

export interface Scenario {
  readonly kind: 'order' | 'position';
  readonly side: Side;
  readonly amountLots: number;
  readonly limits: RuleNumbers;
  readonly rules: MarketRules;
  readonly fees: FeeTerms;
  readonly barriers: Barriers;
  readonly exchangeStop: ExchangeStop | null;
  /** Of the entry or plain order. */
  readonly workPlan: SessionPlan;
  /** Of the exits. */
  readonly closing: ClosingTerms | null;
  readonly chaosSteps: number;
}

export interface RuleNumbers {
  readonly minLots: number;
  readonly maxLots: number | null;
  /** In lots x ticks. */
  readonly minLotTicks: number;
}

const FRACTIONS = [null, '0.01', '0.02', '0.05'] as const;
const ORDER_TYPES = ['MARKET', 'LIMIT', 'LIMIT_MAKER'] as const;
const DISTANCES = ['0.004', '0.008', '0.012', '0.02', '0.04'] as const;
const SHARES: readonly [readonly string[], ...(readonly string[])[]] = [['0.5', '0.5'], ['0.333', '0.333', '0.334'], ['0.1', '0.6', '0.3'], ['0.25', '0.25'], ['0.6'], ['0.2', '0.3', '0.4', '0.1']];
const STOP_DISTANCES = ['0.006', '0.015', '0.03'] as const;
const ACTIVATIONS = ['0.005', '0.01', '0.02'] as const;
const DELTAS = ['0.002', '0.005', '0.015'] as const;
const BOUNDS = [[], [], [], [], [], ['0.004'], ['0.01', '0.003']] as const;
const decimals = new Map<string, Decimal>();

export function drawScenario(tape: DecisionTape): Scenario {
  const kind = tape.pick(3) === 0 ? 'order' : 'position';
  const side: Side = tape.of(['BUY', 'SELL']);
  const strategy = drawStrategy(tape, kind);
  const limits = { minLots: tape.of([1, 2, 4]), maxLots: tape.of([null, null, 9]), minLotTicks: tape.of([0, 3000, 5500]) };
  const amountLots = Math.max(limits.minLots, 6) + tape.pick(18);
  const awayTicks = tape.pick(14) - 8;
  const rules = rulesOf(limits);
  const bounds = tape.of(BOUNDS).map(fraction);
  const workPlan: SessionPlan = {
    role: kind === 'order' ? 'order' : 'entry',
    rules,
    side,
    amountBase: baseOfLots(amountLots),
    strategy,
    priceQuote: strategy === 'LIMIT_CHASER' ? null : quoteOfTicks(MIDDLE_TICKS + (side === 'BUY' ? awayTicks : -awayTicks)),
    chaser: strategy === 'LIMIT_CHASER' ? drawChaser(tape) : null,
    activationBounds: bounds,
    maxRetries: tape.of([10, 10, 3, 0]),
    guarded: kind === 'position',
    arm: null,
    timing: drawTiming(tape),
  };
  const fees = drawFees(tape);
  const exchangeStop = kind === 'position' && tape.pick(3) === 1 ? { distanceFraction: fraction(tape.of(STOP_DISTANCES)), triggeredBy: 'last' as const } : null;
  const barriers = watched(drawBarriers(tape), exchangeStop !== null && tape.pick(4) > 0);
  return { kind, side, amountLots, limits, rules, fees, barriers, exchangeStop, workPlan, closing: drawClosing(tape), chaosSteps: 3 + tape.pick(27) };
}

/** Plan of exit `counter`; from the second on it follows earlier ones. */
export function exitPlan(scenario: Scenario, counter: number): SessionPlan {
  return {
    ...scenario.workPlan,
    role: 'exit',
    side: oppositeSide(scenario.side),
    amountBase: null,
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    activationBounds: [],
    guarded: false,
    arm: { barriers: scenario.barriers, exchangeStop: scenario.exchangeStop, entrySide: scenario.side, activationBounds: scenario.workPlan.activationBounds, hasPredecessors: counter > 1, closing: scenario.closing },
  };
}

function drawBarriers(tape: DecisionTape): Barriers {
  const takeProfitOrderType: OrderType = tape.of(ORDER_TYPES);
  const stop = tape.of(FRACTIONS);
  const profit = tape.of(FRACTIONS);
  const targets = tape.pick(2) === 1 ? drawTargets(tape) : [];
  return {
    stopLossFraction: stop === null ? null : fraction(stop),
    takeProfitFraction: profit === null || targets.length > 0 ? null : fraction(profit),
    takeProfitOrderType,
    targets,
    breakevenAfterTarget: targets.length > 0 && tape.pick(2) === 1 ? 1 + tape.pick(targets.length) : null,
    trailingStop: tape.pick(3) === 0 ? { activationFraction: fraction(tape.of(ACTIVATIONS)), deltaFraction: fraction(tape.of(DELTAS)) } : null,
    timeLimitAtMs: tape.chance(300) ? START_MS + 1000 + tape.pick(25_000) : null,
  };
}

/** What a plan does beside a stop at the exchange: nothing rests that would lock the same base. */
function watched(barriers: Barriers, isWatched: boolean): Barriers {
  if (!isWatched) return barriers;
  return { ...barriers, takeProfitOrderType: 'MARKET', targets: barriers.targets.map((target) => ({ ...target, orderType: 'MARKET' })) };
}

/** Nearest first, of any kind each; their shares make up all of the position, or leave a part to the other barriers. */
function drawTargets(tape: DecisionTape): readonly Target[] {
  const shares = tape.of(SHARES);
  const from = tape.pick(DISTANCES.length - shares.length + 1);
  return shares.map((share, index) => ({ distanceFraction: fraction(DISTANCES[from + index] ?? '0.05'), shareFraction: fraction(share), orderType: tape.of(ORDER_TYPES) }));
}

function drawFees(tape: DecisionTape): FeeTerms {
  const kind: FeeTerms['kind'] = tape.of(['none', 'received', 'quote', 'third']);
  return { kind, millionths: kind === 'none' ? 0 : tape.of([1000, 750, 30_000]), value: kind === 'third' ? tape.of(['atOnce', 'late', 'never']) : 'atOnce' };
}

const knownRules = new Map<string, MarketRules>();

function rulesOf(limits: RuleNumbers): MarketRules {
  const key = `${limits.minLots}/${limits.maxLots}/${limits.minLotTicks}`;
  const known = knownRules.get(key);
  if (known !== undefined) return known;
  const rules = marketRules({
    pair: 'AAA-QQQ',
    base: 'AAA',
    quote: 'QQQ',
    contract: 'spot',
    supportsStop: true,
    amountStepBase: AMOUNT_STEP,
    priceTickQuote: PRICE_TICK,
    minAmountBase: String(limits.minLots / 1000),
    maxAmountBase: limits.maxLots === null ? null : String(limits.maxLots / 1000),
    minNotionalQuote: new Decimal(`${limits.minLotTicks}e-5`).toFixed(),
    makerFeeFraction: '0',
    takerFeeFraction: '0.004',
  });
  knownRules.set(key, rules);
  return rules;
}

function fraction(text: string): Decimal {
  const known = decimals.get(text);
  if (known !== undefined) return known;
  const made = new Decimal(text);
  decimals.set(text, made);
  return made;
}
