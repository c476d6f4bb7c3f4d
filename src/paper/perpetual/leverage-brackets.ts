import { Decimal, ZERO } from '../matching/exact-decimal.js';

/** One step of the maintenance scale: notionals from floor (inclusive) to cap (exclusive), in the settle asset. */
export interface LeverageBracket {
  readonly maxLeverage: number;
  readonly notionalFloorQuote: Decimal;
  readonly notionalCapQuote: Decimal;
  /** Fraction of the notional that must remain as margin. */
  readonly maintenanceRate: Decimal;
  /** Subtracted from notional times rate, so that the margin does not jump where brackets meet. */
  readonly cumulativeQuote: Decimal;
}

export type BracketStep = readonly [maxLeverage: number, notionalCap: string, maintenanceRate: string];

/** Builds the scale from its steps; the cumulative amounts follow from continuity. @throws Error when steps do not rise. */
export function buildBrackets(steps: readonly BracketStep[]): LeverageBracket[] {
  const brackets: LeverageBracket[] = [];
  for (const [maxLeverage, cap, rate] of steps) {
    const previous = brackets.at(-1);
    const floor = previous?.notionalCapQuote ?? ZERO;
    const notionalCapQuote = new Decimal(cap);
    const maintenanceRate = new Decimal(rate);
    const rises = notionalCapQuote.gt(floor) && (previous === undefined || maintenanceRate.gt(previous.maintenanceRate));
    const falls = previous === undefined || maxLeverage < previous.maxLeverage;
    if (!rises || !falls) throw new Error(`leverage bracket ${maxLeverage}x up to ${cap}: caps and rates must rise, leverage must fall`);
    const cumulativeQuote =
      previous === undefined
        ? ZERO
        : previous.cumulativeQuote.plus(floor.times(maintenanceRate.minus(previous.maintenanceRate)));
    brackets.push({ maxLeverage, notionalFloorQuote: floor, notionalCapQuote, maintenanceRate, cumulativeQuote });
  }
  return brackets;
}

export function bracketOf(brackets: readonly LeverageBracket[], notionalQuote: Decimal): LeverageBracket {
  const found = brackets.find((bracket) => notionalQuote.lt(bracket.notionalCapQuote)) ?? brackets.at(-1);
  if (found === undefined) throw new Error('a contract needs at least one leverage bracket');
  return found;
}

/** Maintenance margin of a position: notional * rate - cumulative, with the bracket the notional lies in. */
export function maintenanceMargin(brackets: readonly LeverageBracket[], notionalQuote: Decimal): Decimal {
  const bracket = bracketOf(brackets, notionalQuote);
  return notionalQuote.times(bracket.maintenanceRate).minus(bracket.cumulativeQuote);
}

/** Largest notional that may be held at a leverage: the cap of the highest bracket that allows it. */
export function maxNotional(brackets: readonly LeverageBracket[], leverage: number): Decimal {
  return brackets.reduce((most, bracket) => (bracket.maxLeverage >= leverage ? bracket.notionalCapQuote : most), ZERO);
}

export function maxLeverage(brackets: readonly LeverageBracket[]): number {
  return brackets[0]?.maxLeverage ?? 1;
}
