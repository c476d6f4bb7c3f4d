import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyBook } from '../../src/paper/exchange/market-intake.js';
import { printTrade } from '../../src/paper/exchange/administration.js';
import { cancelOrder } from '../../src/paper/exchange/order-cancel.js';
import { Rejection } from '../../src/paper/exchange/rejection.js';
import { Decimal } from '../../src/paper/matching/exact-decimal.js';
import { isOpen, remainingBase } from '../../src/paper/matching/order.js';
import { setLeverage, setMarginMode, setPositionMode } from '../../src/paper/perpetual/account-settings.js';
import { placeConditional } from '../../src/paper/perpetual/conditional-entry.js';
import { amendContractOrder } from '../../src/paper/perpetual/contract-amend.js';
import { setContract } from '../../src/paper/perpetual/contract-control.js';
import { placeContractOrder } from '../../src/paper/perpetual/contract-order-entry.js';
import { ContractRejection } from '../../src/paper/perpetual/contract-rejection.js';
import { settleFunding } from '../../src/paper/perpetual/funding.js';
import { isCrossLiquidatable, isIsolatedLiquidatable } from '../../src/paper/perpetual/margin.js';
import { type PerpetualExchange, onlyReduces } from '../../src/paper/perpetual/perpetual-exchange.js';
import { closableBase } from '../../src/paper/perpetual/reduce-only.js';
import { snapshot } from './exchange-fixture.js';
import { BTC, contractOrder, openTestPerpetuals } from './perpetual-fixture.js';

const ACCOUNTS = ['alice', 'bob'] as const;
const SIDES = ['both', 'long', 'short'] as const;
const MIDDLE = 60_000;

type Action =
  | { readonly kind: 'order'; readonly who: number; readonly side: 'buy' | 'sell'; readonly lots: number; readonly offset: number | null; readonly force: 'GTC' | 'IOC' | 'FOK' | 'GTX'; readonly reduceOnly: boolean }
  | { readonly kind: 'cancel' | 'amend'; readonly who: number; readonly pick: number; readonly lots: number; readonly offset: number }
  | { readonly kind: 'book' | 'print' | 'mark'; readonly offset: number; readonly lots: number }
  | { readonly kind: 'funding'; readonly rate: number }
  | { readonly kind: 'leverage'; readonly who: number; readonly leverage: number }
  | { readonly kind: 'isolate'; readonly who: number; readonly isolated: boolean }
  | { readonly kind: 'conditional'; readonly who: number; readonly side: 'buy' | 'sell'; readonly lots: number; readonly offset: number; readonly stop: boolean; readonly close: boolean };

const who = fc.integer({ min: 0, max: 1 });
const side = fc.constantFrom('buy' as const, 'sell' as const);
const lots = fc.integer({ min: 1, max: 900 });
const offset = fc.integer({ min: -4_000, max: 4_000 });
const wide = fc.integer({ min: -25_000, max: 30_000 });

const traded = fc.record({
  kind: fc.constant('order' as const),
  who,
  side,
  lots,
  offset: fc.option(fc.integer({ min: -300, max: 300 })),
  force: fc.constantFrom('GTC' as const, 'GTC' as const, 'IOC' as const, 'FOK' as const, 'GTX' as const),
  reduceOnly: fc.boolean(),
});
const changed = fc.record({ kind: fc.constantFrom('cancel' as const, 'amend' as const), who, pick: fc.nat(20), lots, offset: fc.integer({ min: -300, max: 300 }) });
const moved = fc.record({ kind: fc.constantFrom('book' as const, 'print' as const, 'mark' as const), offset: fc.oneof(offset, wide), lots });
const settings: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('funding' as const), rate: fc.integer({ min: -75, max: 75 }) }),
  fc.record({ kind: fc.constant('leverage' as const), who, leverage: fc.constantFrom(1, 5, 20, 75, 125) }),
  fc.record({ kind: fc.constant('isolate' as const), who, isolated: fc.boolean() }),
  fc.record({ kind: fc.constant('conditional' as const), who, side, lots, offset, stop: fc.boolean(), close: fc.boolean() }),
);
const market: fc.Arbitrary<Action> = fc.oneof({ arbitrary: traded, weight: 6 }, { arbitrary: changed, weight: 2 }, { arbitrary: moved, weight: 4 }, { arbitrary: settings, weight: 3 });

const modes = fc.record({ isolated: fc.boolean(), hedged: fc.boolean() });

/** Settings that only an account without anything open can choose. */
function begin(perpetuals: PerpetualExchange, { isolated, hedged }: { readonly isolated: boolean; readonly hedged: boolean }): void {
  for (const name of ACCOUNTS) if (isolated) setMarginMode(perpetuals, name, BTC, 'isolated');
  if (hedged) setPositionMode(perpetuals, 'bob', true);
}

const price = (distance: number): Decimal => new Decimal(Math.max(MIDDLE + distance, 1_000));
const amount = (count: number): Decimal => new Decimal('0.001').times(count);

function act(perpetuals: PerpetualExchange, action: Action): void {
  const { state } = perpetuals;
  const pair = state.pair(BTC);
  switch (action.kind) {
    case 'order': {
      const limit = action.offset === null ? null : price(action.offset).toFixed();
      const name = ACCOUNTS[action.who]!;
      const sides = perpetuals.account(name).hedged
        ? { positionSide: action.lots % 2 === 0 ? 'long' : 'short', reduceOnly: false } as const
        : { positionSide: 'both', reduceOnly: action.reduceOnly } as const;
      const more = { timeInForce: action.offset === null ? 'GTC' : action.force, ...sides } as const;
      placeContractOrder(perpetuals, contractOrder(name, action.side, amount(action.lots).toFixed(), limit, more));
      return;
    }
    case 'cancel':
    case 'amend': {
      const account = ACCOUNTS[action.who]!;
      const open = state.openOrders.of(account, BTC);
      const order = open[action.pick % Math.max(open.length, 1)];
      if (order === undefined) return;
      const identity = { account, symbol: BTC, orderId: order.orderId, clientOrderId: undefined };
      if (action.kind === 'cancel') cancelOrder(state, { ...identity, cancelClientOrderId: 'cancel' });
      else amendContractOrder(perpetuals, { ...identity, side: order.side, priceQuote: price(action.offset), amountBase: amount(action.lots) });
      return;
    }
    case 'book': {
      const [bid, ask] = [price(action.offset), price(action.offset).plus('0.1')];
      const size = amount(action.lots).toFixed();
      applyBook(state, pair, snapshot([[bid.toFixed(), size], [bid.minus(50).toFixed(), '5']], [[ask.toFixed(), size], [ask.plus(50).toFixed(), '5']]));
      return;
    }
    case 'print':
      printTrade(state, pair, { priceQuote: price(action.offset), amountBase: amount(action.lots), buyerIsMaker: undefined });
      return;
    case 'mark':
      setContract(perpetuals, perpetuals.market(BTC), { markQuote: action.lots % 3 === 0 ? null : price(action.offset) });
      return;
    case 'funding':
      setContract(perpetuals, perpetuals.market(BTC), { fundingRate: new Decimal(action.rate).div(10_000) });
      settleFunding(perpetuals, perpetuals.market(BTC));
      return;
    case 'leverage':
      setLeverage(perpetuals, ACCOUNTS[action.who]!, BTC, action.leverage);
      return;
    case 'isolate':
      setMarginMode(perpetuals, ACCOUNTS[action.who]!, BTC, action.isolated ? 'isolated' : 'cross');
      return;
    case 'conditional':
      placeConditional(perpetuals, {
        account: ACCOUNTS[action.who]!,
        symbol: BTC,
        clientId: `conditional-${perpetuals.conditionals.nextId}`,
        side: action.side,
        positionSide: perpetuals.account(ACCOUNTS[action.who]!).hedged ? (action.lots % 3 === 0 ? 'long' : 'short') : 'both',
        type: action.stop ? 'stop_market' : 'take_profit_market',
        timeInForce: 'GTC',
        priceQuote: null,
        amountBase: action.close ? new Decimal(0) : amount(action.lots),
        triggerQuote: price(action.offset),
        workingType: action.lots % 2 === 0 ? 'mark_price' : 'contract_price',
        reduceOnly: false,
        closePosition: action.close,
      });
  }
}

/** Refusals change nothing and are part of the game; anything else is a fault. */
function attempt(perpetuals: PerpetualExchange, action: Action): void {
  try {
    act(perpetuals, action);
  } catch (error) {
    if (!(error instanceof ContractRejection) && !(error instanceof Rejection)) throw error;
  }
}

const sum = (values: readonly Decimal[]): Decimal => values.reduce((total, value) => total.plus(value), new Decimal(0));

function checkBooks(perpetuals: PerpetualExchange, name: string): void {
  const { state } = perpetuals;
  const account = perpetuals.account(name);
  const incomes = perpetuals.queries.incomes({ account: name, symbol: undefined, type: undefined, fromMs: undefined, toMs: undefined, limit: 10_000 });
  expect(account.wallet('USDT').toFixed()).toBe(sum(incomes.map(({ amount: income }) => income)).toFixed());
  const trades = state.ledger.queries.trades({ account: name, limit: 10_000 });
  for (const side of SIDES) {
    const ofSide = trades.filter((trade) => perpetuals.queries.withDetails(trade).contract?.positionSide === side);
    const signed = ofSide.map((trade) => trade.amountBase.times(trade.side === 'buy' ? 1 : -1));
    expect(account.position(BTC, side).amountBase.toFixed()).toBe(sum(signed).toFixed());
  }
  const entryCostQuote = sum(SIDES.map((side) => account.position(BTC, side).entryCostQuote));
  const cash = sum(trades.map((trade) => trade.amountQuote.times(trade.side === 'buy' ? -1 : 1)));
  const realized = sum(incomes.filter(({ type }) => type === 'REALIZED_PNL').map(({ amount: income }) => income));
  expect(realized.toFixed()).toBe(cash.plus(entryCostQuote).toFixed());
  const fees = sum(incomes.filter(({ type }) => type === 'COMMISSION').map(({ amount: income }) => income));
  expect(fees.toFixed()).toBe(sum(trades.map(({ feeAmount }) => feeAmount.neg())).toFixed());
}

function checkSoundness(perpetuals: PerpetualExchange, name: string): void {
  const account = perpetuals.account(name);
  const summary = perpetuals.summary(account, 'USDT');
  const positions = account.openPositions(BTC);
  const exposure = perpetuals.exposure(account, perpetuals.market(BTC), []);
  expect(isCrossLiquidatable(summary)).toBe(false);
  for (const position of positions) {
    expect(isIsolatedLiquidatable(position, exposure)).toBe(false);
    if (position.positionSide !== 'both') expect(position.amountBase.isPositive()).toBe(position.positionSide === 'long');
    if (exposure.marginMode === 'cross') expect(position.isolatedQuote.toFixed()).toBe('0');
  }
  const hasCross = positions.length > 0 && exposure.marginMode === 'cross';
  if (!hasCross) expect(summary.crossWalletQuote.gte(0)).toBe(true);
  else expect(summary.crossWalletQuote.plus(summary.crossUnrealizedQuote).gte(0)).toBe(true);
  for (const order of perpetuals.state.openOrders.of(name, BTC)) {
    expect(isOpen(order) && remainingBase(order).gt(0)).toBe(true);
    const side = order.contract?.positionSide ?? 'both';
    if (onlyReduces(order)) expect(remainingBase(order).lte(closableBase(account, BTC, side, order.side))).toBe(true);
  }
}

function checkBookOfOrders(perpetuals: PerpetualExchange): void {
  const { market: matching } = perpetuals.state.pair(BTC);
  const [bid, ask] = [matching.resting('buy').levels[0], matching.resting('sell').levels[0]];
  if (bid !== undefined && ask !== undefined) expect(bid.priceQuote.lt(ask.priceQuote)).toBe(true);
  const resting = matching.resting('buy').count + matching.resting('sell').count;
  expect(resting).toBe(ACCOUNTS.flatMap((name) => perpetuals.state.openOrders.of(name, BTC)).length);
}

/** Everything that must be the same after a restart, as text. */
function memoryOf(perpetuals: PerpetualExchange): unknown {
  return ACCOUNTS.map((name) => {
    const account = perpetuals.account(name);
    const positions = SIDES.map((side) => account.position(BTC, side));
    return {
      wallet: account.wallet('USDT').toFixed(),
      hedged: account.hedged,
      positions: positions.map(({ amountBase, entryCostQuote, isolatedQuote, realizedQuote }) =>
        [amountBase, entryCostQuote, isolatedQuote, realizedQuote].map((value) => value.toFixed()),
      ),
      leverage: perpetuals.leverageOf(account, BTC),
      orders: perpetuals.state.openOrders.of(name, BTC).map((order) => ({ ...order, queueAheadBase: '', priceQuote: order.priceQuote?.toFixed(), filledBase: order.filledBase.toFixed(), amountBase: order.amountBase.toFixed(), filledQuote: order.filledQuote.toFixed(), locked: order.locked.toFixed() })),
      conditionals: perpetuals.conditionals.of(name, BTC).map((order) => ({ ...order, triggerQuote: order.triggerQuote.toFixed(), amountBase: order.amountBase.toFixed() })),
    };
  });
}

describe('whatever two accounts do in whatever market', () => {
  test('wallets are the sum of their incomes, positions of their trades, and nobody is left below the maintenance margin', () => {
    const seen = { liquidations: 0, conditionals: 0, reduced: 0 };
    fc.assert(
      fc.property(modes, fc.array(market, { minLength: 10, maxLength: 60 }), (mode, actions) => {
        const perpetuals = openTestPerpetuals({ wallets: { alice: '5000', bob: '20000' } });
        begin(perpetuals, mode);
        attempt(perpetuals, { kind: 'book', offset: 0, lots: 500 });
        for (const action of actions) {
          attempt(perpetuals, action);
          for (const name of ACCOUNTS) checkSoundness(perpetuals, name);
          checkBookOfOrders(perpetuals);
        }
        for (const name of ACCOUNTS) checkBooks(perpetuals, name);
        const events = perpetuals.state.ledger.queries.events({ after: 0, limit: 10_000 });
        seen.liquidations += events.filter(({ kind }) => kind === 'liquidation').length;
        seen.conditionals += events.filter(({ kind }) => kind === 'conditional-triggered').length;
        seen.reduced += events.filter(({ kind }) => kind === 'order-amended' || kind === 'order-expired').length;
        perpetuals.state.ledger.close();
      }),
      { numRuns: 150, seed: 20_251_123 },
    );
    // Not a run in which nothing of interest happened.
    expect(seen.liquidations).toBeGreaterThan(5);
    expect(seen.conditionals).toBeGreaterThan(5);
    expect(seen.reduced).toBeGreaterThan(5);
  }, 60_000);

  test('where they trade with each other alone, their positions cancel out and only fees leave their wallets', () => {
    const between = fc.oneof({ arbitrary: traded, weight: 5 }, { arbitrary: changed, weight: 1 });
    fc.assert(
      fc.property(fc.array(between, { minLength: 5, maxLength: 50 }), (actions) => {
        const perpetuals = openTestPerpetuals({ wallets: { alice: '100000000', bob: '100000000' } });
        setContract(perpetuals, perpetuals.market(BTC), { markQuote: new Decimal(MIDDLE) });
        for (const action of actions) attempt(perpetuals, action);
        const [alice, bob] = ACCOUNTS.map((name) => perpetuals.account(name));
        expect(alice!.position(BTC, 'both').amountBase.plus(bob!.position(BTC, 'both').amountBase).toFixed()).toBe('0');
        const fees = sum(perpetuals.state.ledger.queries.trades({ limit: 10_000 }).map(({ feeAmount }) => feeAmount));
        const open = sum([alice!, bob!].map((account) => account.position(BTC, 'both').entryCostQuote.neg()));
        const wallets = alice!.wallet('USDT').plus(bob!.wallet('USDT'));
        expect(wallets.plus(open).plus(fees).toFixed()).toBe('200000000');
        perpetuals.state.ledger.close();
      }),
      { numRuns: 80, seed: 20_251_124 },
    );
  }, 60_000);

  test('a restart brings everything back', () => {
    const folder = mkdtempSync(join(tmpdir(), 'paper-perpetual-'));
    let run = 0;
    try {
      fc.assert(
        fc.property(modes, fc.array(market, { minLength: 10, maxLength: 40 }), (mode, actions) => {
          const wallets = { alice: '5000', bob: '20000' };
          const files = ['before', 'after'].map((name) => join(folder, `${(run += 1)}-${name}.db`));
          const before = openTestPerpetuals({ databaseFile: files[0]!, wallets });
          begin(before, mode);
          attempt(before, { kind: 'book', offset: 0, lots: 500 });
          for (const action of actions) attempt(before, action);
          const remembered = memoryOf(before);
          // What a killed process leaves behind: the file and its log as they are at this moment.
          for (const suffix of ['', '-wal']) copyFileSync(`${files[0]!}${suffix}`, `${files[1]!}${suffix}`);
          const after = openTestPerpetuals({ databaseFile: files[1]!, wallets });
          expect(memoryOf(after)).toEqual(remembered);
          for (const { state } of [before, after]) state.ledger.close();
        }),
        { numRuns: 15, seed: 20_251_125 },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
