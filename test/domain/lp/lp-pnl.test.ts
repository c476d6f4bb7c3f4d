import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookGas, NO_GAS, priceGas } from '../../../src/domain/lp/lp-gas.js';
import { lpPnl } from '../../../src/domain/lp/lp-pnl.js';
import { lpReportFigures } from '../../../src/domain/lp/lp-report.js';
import { closeOutTrade, holdTrade, netChange } from '../../../src/domain/lp/net-change.js';
import { decimal, Decimal, exactly, toDecimalString } from '../../../src/domain/money.js';
import { depositOf, holdingOf } from './lp-fixtures.js';

const text = (value: Decimal): string => toDecimalString(value);

describe('profit and loss', () => {
  it('is counted from the price of the deposit', () => {
    expect(text(lpPnl(depositOf('1', '100', '100'), holdingOf('0.9', '120', '0.01', '1'), decimal('110'), NO_GAS).netPnlQuote)).toBe('21.1');
    expect(text(lpPnl(depositOf('2', '50', '100'), holdingOf('2', '50'), decimal('100'), NO_GAS).initialQuote)).toBe('250');
  });

  it('pays gas, and says when it cannot', () => {
    const at = (gas: typeof NO_GAS) => lpPnl(depositOf('1', '100', '100'), holdingOf('1.1', '90', '0.01', '1'), decimal('100'), gas);
    expect([text(at(NO_GAS).netPnlQuote), text(at(NO_GAS).netPnlFraction)]).toEqual(['2', '0.01']);
    expect(text(at(bookGas(NO_GAS, decimal('0.5'), decimal('1'))).netPnlQuote)).toBe('1.5');
    const unpriced = bookGas(bookGas(NO_GAS, decimal('0.001'), decimal('500')), decimal('0.002'), null);
    expect(at(unpriced)).toMatchObject({ gasExcluded: true });
    // Gas without a rate costs nothing here, and never its own number in quote.
    expect(text(at(unpriced).netPnlQuote)).toBe('1.5');
    expect(text(unpriced.gasNative)).toBe('0.003');
    expect(text(at(priceGas(unpriced, decimal('500'))).netPnlQuote)).toBe('0.5');
    expect(at(priceGas(unpriced, decimal('500'))).gasExcluded).toBe(false);
  });

  it('is nothing without a deposit or a price, but for gas that was lost', () => {
    const failed = lpPnl(null, holdingOf('0', '0'), decimal('100'), NO_GAS);
    expect([text(failed.netPnlQuote), text(failed.netPnlFraction)]).toEqual(['0', '0']);
    expect(text(lpPnl(null, holdingOf('0', '0'), decimal('100'), bookGas(NO_GAS, decimal('0.01'), decimal('100'))).netPnlQuote)).toBe('-1');
    for (const price of [null, decimal('0')]) {
      expect(lpPnl(depositOf('1', '100', '100'), holdingOf('1', '100'), price, NO_GAS)).toMatchObject({ priced: false, netPnlQuote: decimal('0') });
    }
  });

  it('of the scenario: what the range cost against holding, and what the fees brought', () => {
    const pnl = lpPnl(depositOf('9.641937573765790506', '1000', '100'), holdingOf('12.513683', '715.044965', '0.059942010840570614', '5.130786'), decimal('98.46'), NO_GAS);
    expect(pnl.divergenceQuote.toFixed(1)).toBe('-2.2');
    expect(pnl.feesEarnedQuote.toFixed(2)).toBe('11.03');
    expect(text(exactly.sum(pnl.divergenceQuote, pnl.hodlQuote))).toBe(text(pnl.valueQuote));
  });

  it('goes to the controller with what is kept', () => {
    const pnl = lpPnl(depositOf('1', '100', '100'), holdingOf('0.9', '120', '0.01', '1'), decimal('110'), NO_GAS);
    expect(lpReportFigures(pnl, false)).toEqual({ net_pnl_quote: '21.1', net_pnl_pct: '0.1055', fees_paid_quote: '0', filled_amount_quote: '200' });
    expect(lpReportFigures(pnl, true)).toMatchObject({ net_pnl_quote: '0', net_pnl_pct: '0', filled_amount_quote: '200' });
  });
});

describe('the net change', () => {
  const trade = (base: string, quote: string) => holdTrade({ netBase: decimal(base), netQuote: decimal(quote) }, decimal('100'));

  it('is traded back when it is worth it', () => {
    const short = netChange(depositOf('1', '0', '100'), holdingOf('0.4', '0', '0.1'));
    expect(text(short.netBase)).toBe('-0.5');
    expect(closeOutTrade(short)).toEqual({ side: 'BUY', amountBase: decimal('0.5') });
    expect(closeOutTrade(netChange(depositOf('1000', '0', '1'), holdingOf('1400', '0', '25')))).toEqual({ side: 'SELL', amountBase: decimal('425') });
    for (const tiny of ['0', '0.000001', '-0.000001']) expect(closeOutTrade({ netBase: decimal(tiny), netQuote: decimal('5') })).toBeNull();
    expect(closeOutTrade({ netBase: decimal('0.0000011'), netQuote: decimal('0') })).not.toBeNull();
  });

  it('or kept as one trade', () => {
    const kept = (deposited: readonly [string, string], returned: readonly [string, string]) =>
      holdTrade(netChange(depositOf(...deposited, '100'), holdingOf(...returned)), decimal('100'));
    expect(kept(['5', '500'], ['5.5', '450'])).toMatchObject({ side: 'BUY', amountBase: decimal('0.5'), amountQuote: decimal('50'), priceQuote: decimal('100') });
    expect(kept(['1', '100'], ['1.51', '40.5'])).toMatchObject({ side: 'BUY', amountBase: decimal('0.51'), amountQuote: decimal('59.5') });
    expect(trade('-2', '210')).toMatchObject({ side: 'SELL', amountBase: decimal('2'), amountQuote: decimal('210'), priceQuote: decimal('105') });
  });

  it('of one token alone, or of both in one direction, keeps its sign beside the trade', () => {
    expect(trade('0.5', '0')).toMatchObject({ side: 'BUY', amountQuote: decimal('50'), besideQuote: decimal('50') });
    expect(trade('-0.5', '0')).toMatchObject({ side: 'SELL', amountQuote: decimal('50'), besideQuote: decimal('-50') });
    expect(trade('0', '-3')).toMatchObject({ amountBase: decimal('0'), amountQuote: decimal('0'), besideQuote: decimal('-3') });
    expect(trade('0.5', '10')).toMatchObject({ side: 'BUY', priceQuote: decimal('100'), besideQuote: decimal('60') });
    expect(trade('0.0001', '-0.0001')).toBeNull();
    expect(trade('0', '0')).toBeNull();
  });

  it('is what the trade and what stands beside it sum to', () => {
    const amount = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((value) => new Decimal(value).dividedBy(1000));
    fc.assert(
      fc.property(amount, amount, (netBase, netQuote) => {
        const kept = holdTrade({ netBase, netQuote }, decimal('7'));
        if (kept === null || kept.amountBase.isZero()) return;
        const sign = kept.side === 'BUY' ? 1 : -1;
        expect(text(kept.amountBase.times(sign))).toBe(text(netBase));
        const flow = kept.amountQuote.times(-sign).plus(kept.besideQuote);
        expect(flow.minus(netQuote).abs().lessThanOrEqualTo('0.0001')).toBe(true);
      }),
    );
  });
});
