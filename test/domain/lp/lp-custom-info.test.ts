import { expect, it } from 'vitest';
import { lpCustomInfo, type LpView } from '../../../src/domain/lp/lp-custom-info.js';
import { bookGas, NO_GAS } from '../../../src/domain/lp/lp-gas.js';
import { decimal } from '../../../src/domain/money.js';
import { depositOf, holdingOf } from './lp-fixtures.js';

/** The keys existing clients read. */
const REFERENCE_KEYS = [
  'side', 'state', 'position_address', 'current_price', 'lower_price', 'upper_price', 'base_amount', 'quote_amount', 'base_fee', 'quote_fee',
  'fees_earned_quote', 'total_value_quote', 'unrealized_pnl_quote', 'position_rent', 'position_rent_refunded', 'tx_fee', 'out_of_range_seconds',
  'initial_base_amount', 'initial_quote_amount', 'filled_amount_base', 'filled_amount_quote', 'held_position_orders',
];

const view = (changes: Partial<LpView> = {}): LpView => ({
  side: 3,
  state: 'OUT_OF_RANGE',
  positionAddress: '7',
  currentPriceQuote: decimal('110'),
  bounds: { lowerPriceQuote: decimal('94.649'), upperPriceQuote: decimal('105.443') },
  configured: { amountBase: decimal('2'), amountQuote: decimal('200') },
  deposit: depositOf('1', '100', '100'),
  holding: holdingOf('0.9', '120', '0.01', '1'),
  gas: bookGas(NO_GAS, decimal('0.002'), null),
  outOfRange: { side: 'above', sinceMs: 1_000_000, sideSinceMs: 1_000_000 },
  nowMs: 1_060_500,
  heldPositionOrders: [],
  transactions: { approve: [], open: ['0xab'], close: [], swap: [] },
  trigger: null,
  ...changes,
});

it('has every key of the reference, and tells transactions and missing gas beside them', () => {
  const info = lpCustomInfo(view());
  for (const key of REFERENCE_KEYS) expect(Object.keys(info), key).toContain(key);
  expect(info).toMatchObject({
    current_price: '110',
    fees_earned_quote: '2.1',
    total_value_quote: '219',
    unrealized_pnl_quote: '21.1',
    out_of_range_seconds: 60,
    initial_base_amount: '1',
    filled_amount_quote: '120',
    tx_fee: '0.002',
    tx_fee_quote: '0',
    gas_excluded: true,
    divergence_quote: '9',
    tx_hashes: { open: ['0xab'] },
  });
  expect(JSON.parse(JSON.stringify(info))).toEqual(info);
});

it('tells the configured amounts until the position is open, and no price as none', () => {
  const info = lpCustomInfo(view({ deposit: null, positionAddress: null, currentPriceQuote: null, outOfRange: null, state: 'OPENING' }));
  expect(info).toMatchObject({ current_price: null, initial_base_amount: '2', initial_quote_amount: '200', unrealized_pnl_quote: '0', out_of_range_seconds: null, entry_price: null });
});
