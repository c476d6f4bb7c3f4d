import type { Barriers } from '../../src/domain/barriers.js';
import type { ExecutionStrategy, OrderType, Side } from '../../src/domain/enumerations.js';
import { oppositeSide } from '../../src/domain/enumerations.js';
import { marketRules, type MarketRules } from '../../src/domain/market-rules.js';
import { Decimal } from '../../src/domain/money.js';
import { SESSION_TIMING, type SessionPlan } from '../../src/domain/session/session-plan.js';
import type { DecisionTape } from './decision-tape.js';
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
  /** Of the entry or plain order. */
  readonly workPlan: SessionPlan;
  readonly chaosSteps: number;
}

export interface RuleNumbers {
  readonly minLots: number;
  readonly maxLots: number | null;
  /** In lots x ticks. */
  readonly minLotTicks: number;
}

const FRACTIONS = [null, '0.01', '0.02', '0.05'] as const;
const ACTIVATIONS = ['0.005', '0.01', '0.02'] as const;
const DELTAS = ['0.002', '0.005', '0.015'] as const;
const BOUNDS = [[], [], [], [], [], ['0.004'], ['0.01', '0.003']] as const;
const decimals = new Map<string, Decimal>();

export function drawScenario(tape: DecisionTape): Scenario {
  const kind = tape.pick(3) === 0 ? 'order' : 'position';
  const side: Side = tape.of(['BUY', 'SELL']);
  const strategy: ExecutionStrategy = tape.of(['MARKET', 'LIMIT', 'LIMIT_MAKER']);
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
    priceQuote: quoteOfTicks(MIDDLE_TICKS + (side === 'BUY' ? awayTicks : -awayTicks)),
    activationBounds: bounds,
    maxRetries: tape.of([10, 10, 3, 0]),
    guarded: kind === 'position',
    arm: null,
    timing: SESSION_TIMING,
  };
  return { kind, side, amountLots, limits, rules, fees: drawFees(tape), barriers: drawBarriers(tape), workPlan, chaosSteps: 3 + tape.pick(27) };
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
    activationBounds: [],
    guarded: false,
    arm: { barriers: scenario.barriers, entrySide: scenario.side, activationBounds: scenario.workPlan.activationBounds, hasPredecessors: counter > 1 },
  };
}

function drawBarriers(tape: DecisionTape): Barriers {
  const takeProfitOrderType: OrderType = tape.of(['MARKET', 'LIMIT', 'LIMIT_MAKER']);
  const stop = tape.of(FRACTIONS);
  const profit = tape.of(FRACTIONS);
  return {
    stopLossFraction: stop === null ? null : fraction(stop),
    takeProfitFraction: profit === null ? null : fraction(profit),
    takeProfitOrderType,
    targets: [],
    breakevenAfterTarget: null,
    trailingStop: tape.pick(3) === 0 ? { activationFraction: fraction(tape.of(ACTIVATIONS)), deltaFraction: fraction(tape.of(DELTAS)) } : null,
    timeLimitAtMs: tape.chance(300) ? START_MS + 1000 + tape.pick(25_000) : null,
  };
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
    takerFeeFraction: '0',
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
