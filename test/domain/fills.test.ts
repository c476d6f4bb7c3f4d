import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addTotals,
  EMPTY_LEDGER,
  recordFill,
  totalsFromRecord,
  totalsRecord,
  unvaluedFees,
  valueFee,
  valueLateFee,
  type Fill,
  type OrderLedger,
} from '../../src/domain/fills.js';
import { decimal, Decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { feeOf, fillIn, fillOf, MARKET, rulesAndFills, rulesOf, totalsOf } from './market-fixtures.js';
import { compare, plus, rational, times, type Rational } from './rational.js';

/** The last is a name every object already has. */
const ASSETS = ['BTC', 'USDT', 'BNB', 'KCS', 'constructor'];

function ledgerOf(fills: readonly Fill[]): OrderLedger {
  return fills.reduce((ledger, fill) => recordFill(ledger, fill, MARKET), EMPTY_LEDGER);
}

/** Cuts one fill at whole units of 18 digits, its fees with it; the parts are traded at other times. */
function cut(fill: Fill, weights: readonly number[]): readonly Fill[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = (amount: Decimal, index: number): Decimal => {
    const before = weights.slice(0, index).reduce((sum, weight) => sum + weight, 0);
    const mark = (weight: number): Decimal => amount.times(weight).dividedBy(total).toDecimalPlaces(24);
    return mark(before + (weights[index] ?? 0)).minus(mark(before));
  };
  return weights.map((_, index) => ({
    tradeId: `${fill.tradeId}/${index}`,
    priceQuote: fill.priceQuote,
    amountBase: share(fill.amountBase, index),
    fees: fill.fees.map((fee) => ({ ...fee, amount: share(fee.amount, index) })),
    atMs: fill.atMs,
  }));
}

describe('totals of fills', () => {
  it('are the same to the last digit however a fill is cut, shuffled and repeated', () => {
    const scenario = rulesAndFills(ASSETS, { minLength: 1, maxLength: 4 }).chain(({ fills }) =>
      fc
        .tuple(...fills.map((fill) => fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 }).map((weights) => cut(fill, weights))))
        .map((parts) => parts.flat())
        .chain((parts) => fc.record({ fills: fc.constant(fills), parts: fc.shuffledSubarray([...parts, ...parts.slice(0, 3)], { minLength: parts.length + Math.min(3, parts.length) }) })),
    );
    fc.assert(
      fc.property(scenario, ({ fills, parts }) => {
        const { fillCount: _whole, ...whole } = totalsRecord(totalsOf(fills));
        const { fillCount, ...inParts } = totalsRecord(ledgerOf(parts).totals);
        expect(inParts).toEqual(whole);
        expect(fillCount).toBe(new Set(parts.map((part) => part.tradeId)).size);
      }),
      { numRuns: 300 },
    );
  });

  it('are the exact sums of the fills', () => {
    fc.assert(
      fc.property(rulesAndFills(ASSETS, { minLength: 1, maxLength: 8 }), ({ fills }) => {
        const totals = totalsOf(fills);
        const sum = (terms: readonly Rational[]): Rational => terms.reduce(plus, rational(0));
        const fees = fills.flatMap((fill) => fill.fees.map((fee) => ({ ...fee, price: fill.priceQuote })));
        const inQuote = fees.filter((fee) => fee.asset === 'USDT').map((fee) => rational(fee.amount));
        const inBase = fees.filter((fee) => fee.asset === 'BTC');
        expect(compare(rational(totals.filledBase), sum(fills.map((fill) => rational(fill.amountBase))))).toBe(0);
        expect(compare(rational(totals.filledQuote), sum(fills.map((fill) => times(rational(fill.amountBase), rational(fill.priceQuote)))))).toBe(0);
        expect(compare(rational(totals.feesBase), sum(inBase.map((fee) => rational(fee.amount))))).toBe(0);
        expect(compare(rational(totals.feesQuote), sum([...inQuote, ...inBase.map((fee) => times(rational(fee.amount), rational(fee.price)))]))).toBe(0);
        for (const asset of ASSETS) {
          const paid = sum(fees.filter((fee) => fee.asset === asset).map((fee) => rational(fee.amount)));
          expect(compare(rational(Object.hasOwn(totals.feesByAsset, asset) ? (totals.feesByAsset[asset] ?? ZERO) : ZERO), paid)).toBe(0);
        }
        expect(totals.firstFillAtMs).toBe(Math.min(...fills.map((fill) => fill.atMs)));
        expect(totals.lastFillAtMs).toBe(Math.max(...fills.map((fill) => fill.atMs)));
      }),
    );
  });

  it('add up over any partition, in either order', () => {
    fc.assert(
      fc.property(rulesAndFills(ASSETS, { minLength: 0, maxLength: 8 }), fc.nat(8), ({ fills }, at) => {
        const [left, right] = [totalsOf(fills.slice(0, at)), totalsOf(fills.slice(at))];
        expect(totalsRecord(addTotals(left, right))).toEqual(totalsRecord(totalsOf(fills)));
        expect(totalsRecord(addTotals(right, left))).toEqual(totalsRecord(totalsOf(fills)));
      }),
    );
  });

  it('survive the way through text, which reads the same whatever the order of the fills was', () => {
    fc.assert(
      fc.property(rulesAndFills(ASSETS, { minLength: 0, maxLength: 5 }), ({ fills }) => {
        const record = totalsRecord(totalsOf(fills));
        expect(totalsRecord(totalsFromRecord(JSON.parse(JSON.stringify(record))))).toEqual(record);
        expect(JSON.stringify(totalsRecord(totalsOf([...fills].reverse())))).toBe(JSON.stringify(record));
      }),
    );
  });

  it('are those worked out by hand', () => {
    // 0.3 at 60000 and 0.2 at 60010: 18000 + 12002. Fees 0.0003 BTC = 18, 12.002 USDT, 0.01 BNB told as 6.1.
    const totals = totalsOf([
      fillOf('60000', '0.3', [['BTC', '0.0003']]),
      fillOf('60010', '0.2', [['USDT', '12.002'], ['BNB', '0.01', '6.1']]),
    ]);
    expect(totalsRecord(totals)).toMatchObject({
      filledBase: '0.5',
      filledQuote: '30002',
      feesBase: '0.0003',
      feesQuote: '36.102',
      feesByAsset: { BTC: '0.0003', USDT: '12.002', BNB: '0.01' },
      fillCount: 2,
    });
  });
});

describe('the value of a fee', () => {
  it.each([
    ['USDT', '1.5', '1.5'],
    ['BTC', '0.001', '60.01'],
    ['USDT', '-0.2', '-0.2'],
  ])('%s %s at 60010 is %s', (asset, amount, value) => {
    const valued = valueFee({ asset, amount: decimal(amount) }, { priceQuote: decimal('60010') }, MARKET);
    expect(valued === null ? null : toDecimalString(valued)).toBe(value);
  });

  it('is unknown for a third asset', () => {
    expect(valueFee({ asset: 'BNB', amount: decimal('1') }, { priceQuote: decimal('60010') }, MARKET)).toBeNull();
  });

  it('comes from the fee itself when it says so, and from the fill otherwise', () => {
    const told = totalsOf([fillOf('60000', '1', [['BTC', '0.001', '59']])]);
    expect(toDecimalString(told.feesQuote)).toBe('59');
    expect(toDecimalString(told.feesBase)).toBe('0.001');
  });
});

describe('a ledger', () => {
  it('counts each trade once and answers itself for a repeat', () => {
    fc.assert(
      fc.property(rulesAndFills(ASSETS, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(7), { maxLength: 30 }), ({ fills }, repeats) => {
        const once = ledgerOf(fills);
        let ledger = once;
        for (const index of repeats) ledger = recordFill(ledger, fills[index % fills.length] as Fill, MARKET);
        expect(ledger).toBe(once);
        expect([...once.tradeIds.keys()]).toEqual(fills.map((fill) => fill.tradeId));
        expect(once.tradeIds.size).toBe(fills.length);
      }),
    );
  });

  it('never changes: any earlier version can be continued, as if the later ones did not exist', () => {
    const rules = rulesOf();
    const steps = fc.array(fc.record({ from: fc.nat(), fill: fc.nat(11), value: fc.boolean() }), { maxLength: 60 });
    const scenario = fc.record({ fills: fc.array(fillIn(rules, ASSETS), { minLength: 12, maxLength: 12 }), steps });
    fc.assert(
      fc.property(scenario, ({ fills, steps: taken }) => {
        const versions: { readonly ledger: OrderLedger; readonly ids: readonly string[]; readonly valued: readonly string[] }[] = [{ ledger: EMPTY_LEDGER, ids: [], valued: [] }];
        for (const step of taken) {
          const from = versions[step.from % versions.length] as (typeof versions)[number];
          const fill = fills[step.fill] as Fill;
          if (step.value) {
            const due = from.ids.includes(fill.tradeId) && !from.valued.includes(fill.tradeId) && fill.fees.some((fee) => fee.asset === 'BNB');
            const valued = due ? [...from.valued, fill.tradeId] : from.valued;
            versions.push({ ledger: valueLateFee(from.ledger, fill.tradeId, 'BNB', new Decimal(1)), ids: from.ids, valued });
          } else {
            const ids = from.ids.includes(fill.tradeId) ? from.ids : [...from.ids, fill.tradeId];
            versions.push({ ledger: recordFill(from.ledger, fill, MARKET), ids, valued: from.valued });
          }
        }
        for (const { ledger, ids, valued } of versions) {
          const counted = fills.filter((fill) => ids.includes(fill.tradeId));
          expect([...ledger.tradeIds.keys()]).toEqual(ids);
          for (const fill of fills) expect(ledger.tradeIds.has(fill.tradeId)).toBe(ids.includes(fill.tradeId));
          const { feesQuote, ...expected } = totalsRecord(totalsOf(counted));
          expect(totalsRecord(ledger.totals)).toEqual({ ...expected, feesQuote: toDecimalString(decimal(feesQuote).plus(valued.length)) });
          const waiting = counted.filter((fill) => !valued.includes(fill.tradeId)).flatMap((fill) => fill.fees).filter((fee) => fee.asset === 'BNB');
          const sum = waiting.reduce((amount, fee) => amount.plus(fee.amount), ZERO);
          expect(toDecimalString(unvaluedFees(ledger)['BNB'] ?? ZERO)).toBe(toDecimalString(sum));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('ends at the same totals whether a third-asset fee is valued with its fill or later, in any order, however often told', () => {
    const rules = rulesOf();
    const fill = fc
      .record({ fill: fillIn(rules, ['BTC', 'USDT']), thirds: fc.array(feeOf(['BNB', 'KCS']), { maxLength: 3 }) })
      .map(({ fill: plain, thirds }) => ({ ...plain, fees: [...plain.fees, ...thirds] }));
    const price = { BNB: new Decimal('612.34'), KCS: new Decimal('0.0123') };
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 6 }).chain((fills) => fc.record({ fills: fc.constant(fills), told: fc.shuffledSubarray([...fills, ...fills], { minLength: fills.length * 2 }) })), ({ fills, told }) => {
        const third = (asset: string): asset is 'BNB' | 'KCS' => asset === 'BNB' || asset === 'KCS';
        const atOnce = ledgerOf(fills.map((one) => ({ ...one, fees: one.fees.map((fee) => ({ ...fee, valueQuote: third(fee.asset) ? fee.amount.times(price[fee.asset]) : null })) })));
        let late = ledgerOf(fills);
        for (const one of told) {
          for (const asset of ['BNB', 'KCS'] as const) {
            const amount = one.fees.filter((fee) => fee.asset === asset).reduce((sum, fee) => sum.plus(fee.amount), ZERO);
            late = valueLateFee(late, one.tradeId, asset, amount.times(price[asset]));
          }
        }
        expect(totalsRecord(late.totals)).toEqual(totalsRecord(atOnce.totals));
        expect(unvaluedFees(late)).toEqual({});
        expect(unvaluedFees(atOnce)).toEqual({});
      }),
    );
  });

  it('says what waits for a value, and takes one only for what waits', () => {
    const fill = fillOf('60000', '0.1', [['BNB', '0.01'], ['BNB', '0.02'], ['USDT', '1']]);
    const ledger = recordFill(EMPTY_LEDGER, fill, MARKET);
    expect(toDecimalString(ledger.totals.feesQuote)).toBe('1');
    expect(Object.entries(unvaluedFees(ledger)).map(([asset, amount]) => [asset, toDecimalString(amount)])).toEqual([['BNB', '0.03']]);
    expect(valueLateFee(ledger, 'another trade', 'BNB', decimal('9'))).toBe(ledger);
    expect(valueLateFee(ledger, fill.tradeId, 'USDT', decimal('9'))).toBe(ledger);
    const valued = valueLateFee(ledger, fill.tradeId, 'BNB', decimal('18.3'));
    expect(toDecimalString(valued.totals.feesQuote)).toBe('19.3');
    expect(unvaluedFees(valued)).toEqual({});
    expect(valueLateFee(valued, fill.tradeId, 'BNB', decimal('18.3'))).toBe(valued);
    expect(toDecimalString(ledger.totals.feesQuote)).toBe('1');
  });
});
