import { describe, expect, it } from 'vitest';
import { NO_MARKS, markPrices, type MarkPrices } from '../../src/domain/mark-price.js';
import { decimal, toDecimalString } from '../../src/domain/money.js';

function best(bid: string | null, ask: string | null): { bidQuote: ReturnType<typeof decimal> | null; askQuote: ReturnType<typeof decimal> | null } {
  return { bidQuote: bid === null ? null : decimal(bid), askQuote: ask === null ? null : decimal(ask) };
}

function after(...frames: readonly (readonly [string | null, string | null])[]): readonly [string | null, string | null] {
  const { bidMarkQuote, askMarkQuote } = frames.reduce<MarkPrices>((marks, [bid, ask]) => markPrices(best(bid, ask), marks), NO_MARKS);
  return [bidMarkQuote === null ? null : toDecimalString(bidMarkQuote), askMarkQuote === null ? null : toDecimalString(askMarkQuote)];
}

describe('mark prices', () => {
  it('are the best prices while both sides have orders', () => {
    expect(after(['100', '101'])).toEqual(['100', '101']);
    expect(after(['100', '101'], ['90', '91'])).toEqual(['90', '91']);
  });

  it('keep the last price of a side that ran empty', () => {
    expect(after(['100', '101'], [null, '105'])).toEqual(['100', '105']);
    expect(after(['100', '101'], ['95', null])).toEqual(['95', '101']);
    expect(after(['100', '101'], [null, null])).toEqual(['100', '101']);
  });

  it('are moved to the worse by the other side, and stay there', () => {
    expect(after(['100', '101'], [null, '98'])).toEqual(['98', '98']);
    expect(after(['100', '101'], [null, '98'], [null, '103'])).toEqual(['98', '103']);
    expect(after(['100', '101'], ['104', null])).toEqual(['104', '104']);
    expect(after(['100', '101'], ['104', null], ['90', null])).toEqual(['90', '104']);
  });

  it('come back with the first order of the side', () => {
    expect(after(['100', '101'], [null, '98'], ['99', '99.5'])).toEqual(['99', '99.5']);
  });

  it('are not made of the other side alone', () => {
    expect(after([null, '101'])).toEqual([null, '101']);
    expect(after([null, null])).toEqual([null, null]);
  });
});
