import type { WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareIntents } from './compare-intents.js';
import type { Intent } from './intent.js';
import { recordedHistories, recordedIntents, withPlantedChange, type RecordedHistory } from './recorded-history.js';
import { replay, replayBundle, replayWithIntentCheck, type Plant } from './replay.js';

const histories = recordedHistories();
let bundle: WorkflowBundle;

beforeAll(async () => {
  bundle = await replayBundle();
});

function named(name: string): RecordedHistory {
  const found = histories.find((history) => history.name === name);
  if (found === undefined) throw new Error(`no history ${name}`);
  return found;
}

it('has every behaviour it is meant to keep', () => {
  const behaviours = ['take-profit', 'stop-loss', 'early-stop', 'hold', 'targets', 'exchange-stop', 'perpetual'];
  const expected = [...behaviours.flatMap((behaviour) => [`position-${behaviour}`, `entry-${behaviour}`, `exit-${behaviour}`]), 'order-market', 'order-limit-cancelled', 'order-limit-amended', 'order-chaser', 'order-perpetual', 'twap-taker', 'twap-maker', 'twap-early-stop', 'dca-stop-loss', 'dca-hold', 'grid-stop-loss', 'grid-hold', 'grid-continued', 'level-stop-loss', 'arbitrage-completed', 'arbitrage-unwound', ...['hedged', 'hold'].flatMap((behaviour) => [`xemm-${behaviour}`, `maker-${behaviour}`, `hedge-${behaviour}`])];
  expect(histories.map(({ name }) => name).sort()).toEqual(expected.sort());
  const closeTypes = histories.filter(({ name }) => /^(?:position|order|twap|dca|grid|xemm|arbitrage)-/.test(name)).map((history) => [history.name, resultOf(history).close_type]);
  expect(Object.fromEntries(closeTypes)).toEqual({
    'position-take-profit': 'TAKE_PROFIT',
    'position-stop-loss': 'STOP_LOSS',
    'position-early-stop': 'EARLY_STOP',
    'position-hold': 'POSITION_HOLD',
    'position-targets': 'STOP_LOSS',
    'position-exchange-stop': 'EARLY_STOP',
    'position-perpetual': 'TAKE_PROFIT',
    'order-market': 'POSITION_HOLD',
    'order-limit-amended': 'POSITION_HOLD',
    'order-chaser': 'POSITION_HOLD',
    'order-perpetual': 'POSITION_HOLD',
    'order-limit-cancelled': 'EARLY_STOP',
    'twap-taker': 'POSITION_HOLD',
    'twap-maker': 'POSITION_HOLD',
    'twap-early-stop': 'EARLY_STOP',
    'dca-stop-loss': 'STOP_LOSS',
    'dca-hold': 'POSITION_HOLD',
    'grid-stop-loss': 'STOP_LOSS',
    'grid-hold': 'POSITION_HOLD',
    'grid-continued': 'EARLY_STOP',
    'arbitrage-completed': 'COMPLETED',
    'arbitrage-unwound': 'FAILED',
    'xemm-hedged': 'COMPLETED',
    'xemm-hold': 'POSITION_HOLD',
  });
});

function resultOf(history: RecordedHistory): { readonly close_type?: unknown } {
  const result = recordedIntents(history).find(({ kind }) => kind === 'result');
  return (JSON.parse(result?.args ?? '[{}]') as [{ close_type?: unknown }])[0];
}

it.each(histories.map((history) => [history.name, history] as const))('%s: the code wants what it wanted', async (_name, history) => {
  expect(recordedIntents(history).length).toBeGreaterThan(1);
  expect(await replayWithIntentCheck(bundle, history)).toEqual([]);
});

interface CodePlant {
  readonly what: string;
  readonly plant: Plant;
  /** History in which it shows, and the field it shows in. */
  readonly shows: readonly [history: string, field: string];
}

const CODE_PLANTS: readonly CodePlant[] = [
  {
    what: 'price of a level',
    plant: { file: 'runtime/grid-levels.ts', from: 'entryPriceQuote: toDecimalString(priceQuote),', to: "entryPriceQuote: '1'," },
    shows: ['grid-stop-loss', 'config.entryPriceQuote'],
  },
  {
    what: 'bounds of the exit of a grid',
    plant: { file: 'runtime/grid-plans.ts', from: 'timeLimitAtMs: terms.timeLimitAtMs }', to: 'timeLimitAtMs: 1 }' },
    shows: ['grid-hold', 'plan.arm.barriers.timeLimitAtMs'],
  },
  {
    what: 'amount',
    plant: { file: 'runtime/position-plans.ts', from: 'amountBase: amountText(sized.amountBase),', to: "amountBase: '999'," },
    shows: ['position-take-profit', 'plan.amountBase'],
  },
  {
    what: 'side',
    plant: { file: 'runtime/order-planning.ts', from: 'side: oppositeSide(config.side),', to: 'side: oppositeSide(oppositeSide(config.side)),' },
    shows: ['position-stop-loss', 'plan.side'],
  },
  {
    what: 'price',
    plant: { file: 'runtime/order-executor.ts', from: 'priceQuote: amountText(sized.priceQuote),', to: "priceQuote: amountText(sized.priceQuote) === null ? null : '1'," },
    shows: ['order-limit-cancelled', 'args[0].priceQuote'],
  },
  {
    what: 'side of a slice',
    plant: { file: 'runtime/twap-plans.ts', from: 'side: config.side,', to: "side: 'SELL'," },
    shows: ['twap-taker', 'plan.side'],
  },
  {
    what: 'profit that is asked for',
    plant: { file: 'runtime/arbitrage-plans.ts', from: 'minProfitabilityFraction: config.minProfitabilityFraction,', to: "minProfitabilityFraction: '-1'," },
    shows: ['arbitrage-completed', 'minProfitabilityFraction'],
  },
  {
    what: 'refusals of a leg',
    plant: { file: 'runtime/arbitrage-plans.ts', from: 'maxRetries: 0,', to: 'maxRetries: 7,' },
    shows: ['arbitrage-unwound', 'plan.maxRetries'],
  },
  {
    what: 'band of a quote',
    plant: { file: 'runtime/xemm-plans.ts', from: 'minFraction: decimal(config.minProfitabilityFraction),', to: "minFraction: decimal('-1')," },
    shows: ['xemm-hedged', 'plan.peg.minFraction'],
  },
  {
    what: 'account of a hedge',
    plant: { file: 'runtime/xemm-plans.ts', from: '...config.hedge,', to: '' },
    shows: ['xemm-hold', 'plan.connector'],
  },
  {
    what: 'level',
    plant: { file: 'runtime/position-plans.ts', from: 'stopLossFraction: tripleBarrier.stopLossFraction,', to: 'stopLossFraction: null,' },
    shows: ['position-hold', 'plan.arm.barriers.stopLossFraction'],
  },
];

describe('another text in the code', () => {
  let planted: WorkflowBundle;

  // All in one bundle: each shows in a field of its own, and a bundle takes two seconds of a core.
  beforeAll(async () => {
    planted = await replayBundle(CODE_PLANTS.map(({ plant }) => plant));
  });

  it.each(CODE_PLANTS)('$what: a plain replay passes, and the intent check names it', async ({ shows: [name, field] }) => {
    const found = compareIntents(recordedIntents(named(name)), await replay(planted, named(name)));
    expect(found.join('\n')).toContain(`${field} is `);
  });
});

interface HistoryPlant {
  readonly what: string;
  readonly history: string;
  readonly kind: Intent['kind'];
  readonly from: string;
  readonly to: string;
  readonly names: string;
}

const HISTORY_PLANTS: readonly HistoryPlant[] = [
  { what: 'amount of a plan', history: 'entry-take-profit', kind: 'activity', from: '"amountBase":"0.01"', to: '"amountBase":"0.02"', names: 'args[0].amountBase is "0.02"' },
  { what: 'side of a plan', history: 'exit-stop-loss', kind: 'activity', from: '"side":"BUY"', to: '"side":"SELL"', names: 'args[0].side is "SELL"' },
  { what: 'price of a plan', history: 'order-limit-cancelled', kind: 'activity', from: '"priceQuote":"50000"', to: '"priceQuote":"50001"', names: 'args[0].priceQuote is "50001"' },
  { what: 'level of a plan', history: 'exit-hold', kind: 'activity', from: '"stopLossFraction":"0.02"', to: '"stopLossFraction":"0.2"', names: 'args[0].arm.barriers.stopLossFraction is "0.2"' },
  { what: 'plan of a child', history: 'position-early-stop', kind: 'child', from: '"maxRetries":10', to: '"maxRetries":11', names: 'args[0].plan.maxRetries is 11' },
  { what: 'command to a leg', history: 'position-early-stop', kind: 'signal', from: '"kind":"fire"', to: '"kind":"cancel"', names: 'args[0].kind is "cancel"' },
  { what: 'command to a session', history: 'exit-early-stop', kind: 'activity', from: '"kind":"fire"', to: '"kind":"cancel"', names: 'args[1].kind is "cancel"' },
  { what: 'P&L of a recorded report', history: 'position-stop-loss', kind: 'local', from: '"net_pnl_quote":"-', to: '"net_pnl_quote":"-1', names: 'args[0].report.net_pnl_quote' },
  { what: 'answer of a leg', history: 'entry-hold', kind: 'result', from: '"filledBase":"0.01"', to: '"filledBase":"0.1"', names: 'args[0].totals.filledBase is "0.1"' },
];

describe.each(HISTORY_PLANTS)('another $what in the history', ({ history, kind, from, to, names }) => {
  it('fails the intent check, which names it, and passes a plain replay', async () => {
    const planted = withPlantedChange(named(history), kind, from, to);
    expect(await replayWithIntentCheck(bundle, planted)).toEqual([expect.stringContaining(names)]);
  });
});

it('an intent that only one of the two has is a difference', async () => {
  const history = named('position-hold');
  const without = { ...history, history: { events: history.history.events.filter((event) => event.markerRecordedEventAttributes === undefined) } };
  const intents = await replay(bundle, history);
  const found = compareIntents(recordedIntents(without), intents);
  expect(found).toContain('local 1 (readOwnMarket): only the code has it');
});
