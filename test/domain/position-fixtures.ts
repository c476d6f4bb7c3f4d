import fc from 'fast-check';
import type { Barriers } from '../../src/domain/barriers.js';
import { sideSign, type OrderType, type Side } from '../../src/domain/enumerations.js';
import { type FillTotals } from '../../src/domain/fills.js';
import type { MarketRules } from '../../src/domain/market-rules.js';
import { decimal, Decimal } from '../../src/domain/money.js';
import type { ProtectedPosition } from '../../src/domain/net-pnl.js';
import type { Target } from '../../src/domain/targets.js';
import { fillOf, multipleOf, rulesAndFills, rulesOf, totalsOf } from './market-fixtures.js';
import { floorTo, minus, over, rational, times, type Rational } from './rational.js';

export const anySide = fc.constantFrom<('BUY' | 'SELL')[]>('BUY', 'SELL');

export function barriersOf(changes: Partial<Record<'stop' | 'take' | 'activation' | 'delta', string>> & { readonly timeLimitAtMs?: number; readonly takeType?: OrderType } = {}): Barriers {
  const read = (text: string | undefined): Decimal | null => (text === undefined ? null : decimal(text));
  const activationFraction = read(changes.activation);
  const deltaFraction = read(changes.delta);
  return {
    stopLossFraction: read(changes.stop),
    takeProfitFraction: read(changes.take),
    takeProfitOrderType: changes.takeType ?? 'MARKET',
    targets: [],
    breakevenAfterTarget: null,
    trailingStop: activationFraction === null || deltaFraction === null ? null : { activationFraction, deltaFraction },
    timeLimitAtMs: changes.timeLimitAtMs ?? null,
  };
}

export function positionOf(entrySide: Side, totals: FillTotals, rules: MarketRules = rulesOf()): ProtectedPosition {
  return { entrySide, totals, rules };
}

/** One entry fill, fee in quote. */
export function simplePosition(entrySide: Side, priceQuote: string, amountBase: string, feeQuote = '0'): ProtectedPosition {
  return positionOf(entrySide, totalsOf([fillOf(priceQuote, amountBase, [['USDT', feeQuote]])]));
}

const anyFraction = fc.bigInt({ min: 1n, max: 500_000n }).map((units) => new Decimal(units.toString()).times('0.000001'));

/** Parts of a position in thousandths: all of it, or less. */
const SHARES: readonly (readonly number[])[] = [[500, 500], [333, 333, 334], [1, 999], [100, 200], [700], [1000], [250, 250, 250, 250]];

export function anyTargets(shares: readonly number[]): fc.Arbitrary<Target[]> {
  const terms = fc.record({ gap: fc.integer({ min: 1, max: 100_000 }), orderType: fc.constantFrom<OrderType[]>('MARKET', 'LIMIT', 'LIMIT_MAKER') });
  return fc.array(terms, { minLength: shares.length, maxLength: shares.length }).map((drawn) => {
    let units = 0;
    return drawn.map(({ gap, orderType }, index) => {
      units += gap;
      return { distanceFraction: new Decimal(units).times('0.000001'), shareFraction: new Decimal(shares[index] ?? 0).dividedBy(1000), orderType };
    });
  });
}

export const anyBarriers: fc.Arbitrary<Barriers> = fc
  .record({
    stopLossFraction: fc.option(anyFraction, { freq: 4 }),
    takeProfitFraction: fc.option(anyFraction, { freq: 4 }),
    takeProfitOrderType: fc.constantFrom<OrderType[]>('MARKET', 'MARKET', 'LIMIT', 'LIMIT_MAKER'),
    targets: fc.oneof({ weight: 2, arbitrary: fc.constant<Target[]>([]) }, { weight: 1, arbitrary: fc.constantFrom(...SHARES).chain(anyTargets) }),
    breakevenAfterTarget: fc.option(fc.integer({ min: 1, max: 4 })),
    trailingStop: fc.option(fc.record({ activationFraction: fc.oneof(anyFraction, fc.constant(new Decimal(0))), deltaFraction: anyFraction }), { freq: 4 }),
    timeLimitAtMs: fc.option(fc.integer({ min: 1, max: 1000 })),
  })
  .map((barriers) => (barriers.targets.length === 0 ? { ...barriers, breakevenAfterTarget: null } : { ...barriers, takeProfitFraction: null }));

/** Positions of any size under any rules, with fees in base, quote and a third asset. */
export const anyPosition: fc.Arbitrary<ProtectedPosition> = fc
  .record({ side: anySide, market: rulesAndFills(['BTC', 'USDT', 'BNB'], { minLength: 0, maxLength: 5 }) })
  .map(({ side, market }) => positionOf(side, totalsOf(market.fills), market.rules));

/**
 * Positions whose net P&L at a price on the tick is a short decimal, with barriers set to exactly that: the entry price
 * divides a power of ten, the fee is a share of the notional.
 */
export const exactlyAtLevel: fc.Arbitrary<{ readonly position: ProtectedPosition; readonly barriers: Barriers; readonly prices: readonly Decimal[] }> = fc
  .record({
    side: anySide,
    entry: fc.constantFrom('100', '50', '200', '12.5', '1000', '0.8', '64'),
    amount: multipleOf(decimal('0.01'), 10n ** 6n),
    feeFraction: fc.constantFrom('0', '0.001', '0.00075', '-0.0001'),
    ticks: fc.record({ stop: fc.integer({ min: 1, max: 40 }), take: fc.integer({ min: 1, max: 40 }), activation: fc.integer({ min: 1, max: 40 }), delta: fc.integer({ min: 1, max: 20 }) }),
  })
  .map(({ side, entry, amount, feeFraction, ticks }) => {
    const entryPrice = decimal(entry);
    const tick = entryPrice.dividedBy(100);
    const rules = rulesOf({ amountStepBase: '0.01', priceTickQuote: tick.toFixed() });
    const fee = entryPrice.times(amount).times(feeFraction);
    const position = positionOf(side, totalsOf([fillOf(entry, amount.toFixed(), [['USDT', fee.toFixed()]])]), rules);
    const priceAt = (offset: number): Decimal => entryPrice.plus(tick.times(sideSign(side) * offset));
    const netAt = (offset: number): Decimal => tick.times(offset).dividedBy(entryPrice).minus(feeFraction);
    const barriers: Barriers = {
      stopLossFraction: netAt(-ticks.stop).negated(),
      takeProfitFraction: netAt(ticks.take),
      takeProfitOrderType: 'MARKET',
      targets: [],
      breakevenAfterTarget: null,
      trailingStop: { activationFraction: netAt(ticks.activation), deltaFraction: tick.times(ticks.delta).dividedBy(entryPrice) },
      timeLimitAtMs: null,
    };
    const offsets = [-ticks.stop, ticks.take, ticks.activation, ticks.activation + 1, ticks.activation + 1 - ticks.delta];
    const prices = offsets.flatMap((offset) => [offset - 1, offset, offset + 1]).map(priceAt);
    return { position, barriers, prices };
  });

/** The live net P&L fraction by the definition, in whole-number fractions; null while nothing can be closed. */
export function netFraction(position: ProtectedPosition, exitPriceQuote: Decimal): Rational | null {
  const { totals, rules, entrySide } = position;
  const filled = rational(totals.filledBase);
  const long = entrySide === 'BUY';
  const closable = long ? floorTo(minus(filled, rational(totals.feesBase)), rational(rules.amountStepBase)) : filled;
  if (closable.numerator <= 0n) return null;
  const average = over(rational(totals.filledQuote), filled);
  const gain = minus(rational(exitPriceQuote), average);
  const trade = times(long ? gain : minus(rational(0), gain), closable);
  return over(minus(trade, rational(totals.feesQuote)), times(closable, average));
}

