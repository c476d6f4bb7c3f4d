import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FILLS, totalsRecord } from '../../src/domain/fills.js';
import { summarizeHeldPosition } from '../../src/domain/held-position-summary.js';
import { applyHeldOrder, FLAT_POSITION, heldPositionFromRecord, heldPositionRecord, type HeldOrder, type HeldPosition } from '../../src/domain/held-position.js';
import { decimal, Decimal, toDecimalString, ZERO } from '../../src/domain/money.js';
import { feeOf, fillOf, multipleOf, totalsOf } from './market-fixtures.js';
import { anySide } from './position-fixtures.js';
import { compare, minus, over, plus, rational, times, within, type Rational } from './rational.js';

function heldAfter(orders: readonly HeldOrder[]): HeldPosition {
  return orders.reduce(applyHeldOrder, FLAT_POSITION);
}

function orderOf(side: 'BUY' | 'SELL', priceQuote: string, amountBase: string, fees: Parameters<typeof fillOf>[2] = []): HeldOrder {
  return { side, totals: totalsOf([fillOf(priceQuote, amountBase, fees)]) };
}

function summary(orders: readonly HeldOrder[], mid: string | null): Record<string, string | null> {
  const shown = Object.entries(summarizeHeldPosition(heldAfter(orders), mid === null ? null : decimal(mid)));
  return Object.fromEntries(shown.map(([name, value]: [string, Decimal | string | null]) => [name, value instanceof Decimal ? toDecimalString(value) : value]));
}

function ordersWith(assets: readonly string[]): fc.Arbitrary<readonly HeldOrder[]> {
  const fill = fc.record({
    price: multipleOf(decimal('0.01'), 10n ** 6n),
    // Small numbers as well, so that orders meet exactly.
    amount: fc.oneof(multipleOf(decimal('0.00001'), 10n ** 8n), multipleOf(decimal('1'), 4n)),
    fees: fc.array(feeOf(assets).map((fee) => ({ ...fee, amount: fee.amount.times('0.00001') })), { maxLength: 2 }),
  });
  const order = fc.record({ side: anySide, fills: fc.array(fill, { minLength: 1, maxLength: 3 }) });
  return fc.array(
    order.map(({ side, fills }) => ({ side, totals: totalsOf(fills.map(({ price, amount, fees }) => ({ ...fillOf(price.toFixed(), amount.toFixed()), fees }))) })),
    { maxLength: 12 },
  );
}

/** Running average cost by the book, in whole-number fractions. */
function averageCost(orders: readonly HeldOrder[]): { readonly net: Rational; readonly average: Rational; readonly realized: Rational } {
  let [net, average, realized] = [rational(0), rational(0), rational(0)];
  for (const { side, totals } of orders) {
    const buys = side === 'BUY';
    const filled = rational(totals.filledBase);
    const fee = rational(totals.feesBase);
    const base = buys ? minus(filled, fee) : plus(filled, fee);
    const price = over(rational(totals.filledQuote), filled);
    const long = compare(net, rational(0)) > 0;
    const size = long ? net : minus(rational(0), net);
    if (size.numerator === 0n) average = price;
    else if (long === buys) average = over(plus(times(average, size), times(price, base)), plus(size, base));
    else {
      const matched = compare(base, size) < 0 ? base : size;
      const gain = times(minus(price, average), matched);
      realized = long ? plus(realized, gain) : minus(realized, gain);
      if (compare(base, size) === 0) average = rational(0);
      if (compare(base, size) > 0) average = price;
    }
    net = buys ? plus(net, base) : minus(net, base);
  }
  return { net, average, realized };
}

const CLOSE = rational('0.00000000000000000001');

describe('a held position', () => {
  it('is running average cost, order by order', () => {
    fc.assert(
      fc.property(ordersWith(['USDT', 'BTC', 'BNB']), (orders) => {
        const held = heldAfter(orders);
        const { net, average, realized } = averageCost(orders);
        expect(compare(rational(held.netBase), net)).toBe(0);
        expect(within(rational(held.realizedPnlQuote), realized, CLOSE)).toBe(true);
        const cost = times(average, rational(held.netBase.abs()));
        expect(within(rational(held.openCostQuote), cost, CLOSE)).toBe(true);
        if (held.netBase.isZero()) expect(held.openCostQuote.isZero()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never gains or loses a digit: realised and unrealised are the cash that moved', () => {
    fc.assert(
      fc.property(ordersWith(['USDT']), multipleOf(decimal('0.01'), 10n ** 6n), (orders, mid) => {
        const { realized_pnl_quote, unrealized_pnl_quote, global_pnl_quote } = summarizeHeldPosition(heldAfter(orders), mid);
        let [cash, base, fees] = [ZERO, ZERO, ZERO];
        for (const { side, totals } of orders) {
          const sign = side === 'BUY' ? -1 : 1;
          cash = cash.plus(totals.filledQuote.times(sign));
          base = base.minus(totals.filledBase.times(sign));
          fees = fees.plus(totals.feesQuote);
        }
        const worth = cash.plus(base.times(mid));
        expect(toDecimalString(realized_pnl_quote.plus(unrealized_pnl_quote ?? NaN))).toBe(toDecimalString(worth));
        expect(toDecimalString(global_pnl_quote ?? new Decimal(NaN))).toBe(toDecimalString(worth.minus(fees)));
      }),
      { numRuns: 500 },
    );
  });

  it('counts a fee in base once: less is held, and what it was worth is a fee', () => {
    const scenario = fc.record({
      buys: fc.array(fc.tuple(multipleOf(decimal('0.01'), 10n ** 6n), multipleOf(decimal('0.01'), 10n ** 6n)), { minLength: 1, maxLength: 4 }),
      mid: multipleOf(decimal('0.01'), 10n ** 6n),
    });
    fc.assert(
      fc.property(scenario, ({ buys, mid }) => {
        const orders = buys.map(([price, amount]) => orderOf('BUY', price.toFixed(), amount.toFixed(), [['BTC', amount.times('0.001').toFixed()]]));
        const { global_pnl_quote, net_amount_base } = summarizeHeldPosition(heldAfter(orders), mid);
        const bought = buys.reduce((sum, [, amount]) => sum.plus(amount), ZERO);
        const paid = buys.reduce((sum, [price, amount]) => sum.plus(price.times(amount)), ZERO);
        expect(toDecimalString(net_amount_base)).toBe(toDecimalString(bought.times('0.999')));
        expect(toDecimalString(global_pnl_quote ?? new Decimal(NaN))).toBe(toDecimalString(bought.times('0.999').times(mid).minus(paid)));
      }),
    );
  });

  it('mirrors: with every side turned, P&L turns its sign and nothing else', () => {
    fc.assert(
      fc.property(ordersWith(['USDT']), multipleOf(decimal('0.01'), 10n ** 6n), (orders, mid) => {
        const held = summarizeHeldPosition(heldAfter(orders), mid);
        const turned = summarizeHeldPosition(heldAfter(orders.map(({ side, totals }) => ({ side: side === 'BUY' ? 'SELL' : 'BUY', totals }))), mid);
        expect(toDecimalString(turned.net_amount_base)).toBe(toDecimalString(held.net_amount_base.negated()));
        expect(toDecimalString(turned.realized_pnl_quote)).toBe(toDecimalString(held.realized_pnl_quote.negated()));
        expect(turned.buy_breakeven_price).toEqual(held.sell_breakeven_price);
        expect(toDecimalString(turned.matched_amount_base)).toBe(toDecimalString(held.matched_amount_base));
        expect(toDecimalString(turned.cum_fees_quote)).toBe(toDecimalString(held.cum_fees_quote));
      }),
    );
  });

  it('goes through text and on, in bounded length', () => {
    fc.assert(
      fc.property(ordersWith(['USDT', 'BTC']), fc.nat(12), (orders, at) => {
        const before = heldPositionRecord(heldAfter(orders.slice(0, at)));
        const resumed = orders.slice(at).reduce(applyHeldOrder, heldPositionFromRecord(JSON.parse(JSON.stringify(before))));
        expect(heldPositionRecord(resumed)).toEqual(heldPositionRecord(heldAfter(orders)));
        for (const text of Object.values(before)) expect(text).toMatch(/^-?\d{1,20}(\.\d{1,30})?$/);
      }),
    );
  });

  it('keeps its books: bought less sold is held, each matched unit left both sides', () => {
    fc.assert(
      fc.property(ordersWith(['USDT', 'BTC']), (orders) => {
        const held = heldAfter(orders);
        expect(toDecimalString(held.boughtBase.minus(held.soldBase))).toBe(toDecimalString(held.netBase));
        expect(toDecimalString(held.matchedBase)).toBe(toDecimalString(Decimal.min(held.boughtBase, held.soldBase)));
        expect(toDecimalString(held.volumeQuote)).toBe(toDecimalString(orders.reduce((sum, { totals }) => sum.plus(totals.filledQuote), ZERO)));
        expect(toDecimalString(held.feesQuote)).toBe(toDecimalString(orders.reduce((sum, { totals }) => sum.plus(totals.feesQuote), ZERO)));
      }),
    );
  });
});

describe('a held position, worked out by hand', () => {
  const bought = [orderOf('BUY', '100', '2', [['USDT', '0.2']]), orderOf('BUY', '106', '1', [['USDT', '0.106']])];

  it('long: 2 at 100 and 1 at 106 cost 102 each', () => {
    expect(summary(bought, '105')).toEqual({
      position_side: 'LONG',
      buy_amount_base: '3',
      buy_amount_quote: '306',
      sell_amount_base: '0',
      sell_amount_quote: '0',
      net_amount_base: '3',
      matched_amount_base: '0',
      unmatched_amount_base: '3',
      realized_pnl_quote: '0',
      cum_fees_quote: '0.306',
      volume_traded_quote: '306',
      buy_breakeven_price: '102',
      sell_breakeven_price: null,
      breakeven_price_after_fees: '102.102',
      current_price: '105',
      unrealized_pnl_quote: '9',
      funding_quote: '0',
      global_pnl_quote: '8.694',
    });
  });

  it('partly sold: 1 at 110 realises 8, the average stays', () => {
    expect(summary([...bought, orderOf('SELL', '110', '1')], '102')).toMatchObject({
      net_amount_base: '2', buy_amount_quote: '204', matched_amount_base: '1', realized_pnl_quote: '8', buy_breakeven_price: '102', breakeven_price_after_fees: '98.153', unrealized_pnl_quote: '0', volume_traded_quote: '416',
    });
  });

  it('turned: 5 sold at 100 lose 6 on three, two are short at 100', () => {
    expect(summary([...bought, orderOf('SELL', '100', '5')], '97')).toMatchObject({
      position_side: 'SHORT', net_amount_base: '-2', buy_amount_base: '0', sell_amount_base: '2', sell_amount_quote: '200', matched_amount_base: '3', unmatched_amount_base: '2',
      realized_pnl_quote: '-6', buy_breakeven_price: null, sell_breakeven_price: '100', breakeven_price_after_fees: '96.847', unrealized_pnl_quote: '6',
    });
  });

  it('closed: nothing is left, and a price is not needed', () => {
    expect(summary([...bought, orderOf('SELL', '110', '3', [['USDT', '0.33']])], null)).toMatchObject({
      position_side: 'FLAT', net_amount_base: '0', realized_pnl_quote: '24', cum_fees_quote: '0.636', buy_breakeven_price: null, sell_breakeven_price: null, breakeven_price_after_fees: null, current_price: null, unrealized_pnl_quote: '0', global_pnl_quote: '23.364',
    });
  });

  it('open without a price: unknown, not 0', () => {
    expect(summary(bought, null)).toMatchObject({ unrealized_pnl_quote: null, global_pnl_quote: null });
  });

  it('bought with a fee in base: the net amount is held, at the price paid', () => {
    expect(summary([orderOf('BUY', '100', '1', [['BTC', '0.001']])], '100')).toMatchObject({
      net_amount_base: '0.999', buy_amount_quote: '99.9', buy_breakeven_price: '100', cum_fees_quote: '0.1', volume_traded_quote: '100', global_pnl_quote: '-0.1',
    });
  });

  it('an order without fills changes nothing', () => {
    const held = heldAfter(bought);
    expect(applyHeldOrder(held, { side: 'SELL', totals: NO_FILLS })).toBe(held);
    expect(totalsRecord(NO_FILLS).fillCount).toBe(0);
  });
});
