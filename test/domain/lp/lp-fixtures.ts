import type { LpEvidence } from '../../../src/domain/lp/decide-lp.js';
import { NO_GAS } from '../../../src/domain/lp/lp-gas.js';
import type { LpDeposit, LpHolding } from '../../../src/domain/lp/lp-pnl.js';
import { lpTerms, type LpTerms, type LpTermsRecord } from '../../../src/domain/lp/lp-terms.js';
import { decimal } from '../../../src/domain/money.js';

export const depositOf = (base: string, quote: string, price: string): LpDeposit => ({
  amountBase: decimal(base),
  amountQuote: decimal(quote),
  priceQuote: decimal(price),
});

export const holdingOf = (base: string, quote: string, feeBase = '0', feeQuote = '0'): LpHolding => ({
  amountBase: decimal(base),
  amountQuote: decimal(quote),
  feeBase: decimal(feeBase),
  feeQuote: decimal(feeQuote),
});

export const termsOf = (changes: Partial<LpTermsRecord> = {}): LpTerms =>
  lpTerms({
    upperLimitPriceQuote: null,
    lowerLimitPriceQuote: null,
    takeProfit: null,
    stopLoss: null,
    timeLimitMs: null,
    aboveRangeMs: null,
    belowRangeMs: null,
    keepPosition: false,
    ...changes,
  });

/** In range at 100, one base and 100 quote deposited at 100, nothing gained or lost. */
export const evidenceOf = (changes: Partial<LpEvidence> = {}): LpEvidence => ({
  priceQuote: decimal('100'),
  tick: 0,
  side: 'in',
  deposit: depositOf('1', '100', '100'),
  holding: holdingOf('1', '100'),
  gas: NO_GAS,
  openedAtMs: 1_000_000,
  outOfRange: null,
  nowMs: 1_060_500,
  ...changes,
});
