import { describe, expect, it } from 'vitest';
import { exitUrgency } from '../../src/domain/exit-urgency.js';
import { decimal } from '../../src/domain/money.js';
import { positionOf, simplePosition } from './position-fixtures.js';
import { NO_FILLS } from '../../src/domain/fills.js';

describe('the urgency of an exit', () => {
  const long = simplePosition('BUY', '100', '1');
  const short = simplePosition('SELL', '100', '1');
  const stop = decimal('0.02');

  it('is the loss past the stop', () => {
    expect(exitUrgency(stop, long, decimal('97'))).toBeCloseTo(0.01, 12);
    expect(exitUrgency(stop, short, decimal('105'))).toBeCloseTo(0.03, 12);
    expect(exitUrgency(stop, long, decimal('103'))).toBeCloseTo(-0.05, 12);
  });

  it('puts the exit farther past its stop first, on both sides', () => {
    const urgencies = ['98', '97.9', '95', '60'].map((price) => exitUrgency(stop, long, decimal(price)));
    expect(urgencies).toEqual([...urgencies].sort((a, b) => a - b));
    expect(exitUrgency(stop, short, decimal('110'))).toBeGreaterThan(exitUrgency(stop, short, decimal('103')));
  });

  it('never puts an exit without a stop before one whose stop was crossed', () => {
    expect(exitUrgency(null, long, decimal('50'))).toBe(0);
    expect(exitUrgency(null, long, decimal('110'))).toBeCloseTo(-0.1, 12);
  });

  it('is nothing without a price or a position', () => {
    expect(exitUrgency(stop, long, null)).toBe(0);
    expect(exitUrgency(stop, positionOf('BUY', NO_FILLS), decimal('100'))).toBe(0);
  });
});
