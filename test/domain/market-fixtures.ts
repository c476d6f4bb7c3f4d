import fc from 'fast-check';
import { addFill, NO_FILLS, type Fill, type FillFee, type FillTotals } from '../../src/domain/fills.js';
import { marketRules, type MarketRules } from '../../src/domain/market-rules.js';
import { decimal, Decimal } from '../../src/domain/money.js';

export const MARKET = { base: 'BTC', quote: 'USDT' } as const;

export function rulesOf(changes: Partial<Parameters<typeof marketRules>[0]> = {}): MarketRules {
  return marketRules({
    pair: 'BTC-USDT',
    ...MARKET,
    contract: 'spot',
    supportsStop: true,
    amountStepBase: '0.00001',
    priceTickQuote: '0.01',
    minAmountBase: '0.00001',
    maxAmountBase: null,
    minNotionalQuote: '5',
    makerFeeFraction: '0.001',
    takerFeeFraction: '0.001',
    ...changes,
  });
}

let lastTradeId = 0;

export function fillOf(priceQuote: string, amountBase: string, fees: readonly (readonly [asset: string, amount: string, valueQuote?: string])[] = []): Fill {
  lastTradeId += 1;
  return {
    tradeId: `t${lastTradeId}`,
    priceQuote: decimal(priceQuote),
    amountBase: decimal(amountBase),
    fees: fees.map(([asset, amount, valueQuote]): FillFee => ({ asset, amount: decimal(amount), valueQuote: valueQuote === undefined ? null : decimal(valueQuote) })),
    atMs: 1_700_000_000_000 + lastTradeId,
  };
}

export function totalsOf(fills: readonly Fill[]): FillTotals {
  return fills.reduce<FillTotals>((totals, fill) => addFill(totals, fill, MARKET), NO_FILLS);
}

/** Steps and ticks that are powers of ten, and some that are not. */
export const anyRules: fc.Arbitrary<MarketRules> = fc
  .record({
    amountStepBase: fc.constantFrom('1', '0.1', '0.00001', '0.00000001', '0.000000000000000001', '0.003', '25'),
    priceTickQuote: fc.constantFrom('1', '0.01', '0.00000001', '0.05', '0.0025', '0.3'),
  })
  .map(rulesOf);

/** A whole number of steps from outside the range a double holds as well. */
export function multipleOf(step: Decimal, most = 10n ** 12n): fc.Arbitrary<Decimal> {
  return fc.bigInt({ min: 1n, max: most }).map((count) => step.times(new Decimal(count.toString())));
}

export function feeOf(assets: readonly string[]): fc.Arbitrary<FillFee> {
  return fc.record({
    asset: fc.constantFrom(...assets),
    // A rebate now and then.
    amount: fc.bigInt({ min: -1_000_000n, max: 100_000_000n }).map((units) => new Decimal(units.toString()).times('0.00000001')),
    valueQuote: fc.constant(null),
  });
}

export function fillIn(rules: MarketRules, assets: readonly string[]): fc.Arbitrary<Fill> {
  return fc
    .record({
      id: fc.uuid(),
      priceQuote: multipleOf(rules.priceTickQuote, 10n ** 8n),
      amountBase: multipleOf(rules.amountStepBase, 10n ** 10n),
      fees: fc.array(feeOf(assets), { maxLength: 2 }),
      atMs: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
    })
    .map(({ id, ...fill }) => ({ tradeId: id, ...fill }));
}

/** Rules with fills under them. */
export function rulesAndFills(assets: readonly string[], sizes: { readonly minLength: number; readonly maxLength: number }): fc.Arbitrary<{ readonly rules: MarketRules; readonly fills: readonly Fill[] }> {
  return anyRules.chain((rules) => fc.record({ rules: fc.constant(rules), fills: fc.array(fillIn(rules, assets), sizes) }));
}
