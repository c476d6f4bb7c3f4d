import type { ExchangeState } from '../exchange/exchange-state.js';
import { lastPrice, middlePrice } from '../exchange/last-price.js';
import type { UnitOfWork } from '../exchange/unit-of-work.js';
import { Decimal } from '../matching/exact-decimal.js';
import { type Order, isOpen, remainingBase } from '../matching/order.js';
import { ConditionalOrders } from './conditional-orders.js';
import type { ContractMarket } from './contract-market.js';
import { ContractRejection } from './contract-rejection.js';
import type { LeverageTerms, PositionSide } from './contract.js';
import type { AccountReason, ContractAccountChange, PositionReference, PositionView } from './perpetual-changes.js';
import type { Income } from './income.js';
import { type ContractExposure, type MarginOrder, type MarginSummary, summarize } from './margin.js';
import { PerpetualAccount } from './perpetual-account.js';
import type { PerpetualQueries } from './perpetual-queries.js';
import { INSERT_INCOME, UPSERT_POSITION, UPSERT_WALLET } from './perpetual-tables.js';
import { type Position, entryPrice } from './position.js';

/** Stands for a price where there is neither market nor position nor order: nothing is valued by it. */
const ONE = new Decimal(1);

export interface PerpetualFees {
  readonly makerRate: Decimal;
  readonly takerRate: Decimal;
}

/** The perpetual market in memory, beside the spot market and on the same matching, clock and ledger. */
export class PerpetualExchange {
  readonly markets = new Map<string, ContractMarket>();
  readonly accounts = new Map<string, PerpetualAccount>();
  readonly conditionals = new ConditionalOrders();

  constructor(
    readonly state: ExchangeState,
    readonly queries: PerpetualQueries,
    public fees: PerpetualFees,
  ) {}

  /** @throws ContractRejection unknown_symbol */
  market(symbol: string): ContractMarket {
    const market = this.markets.get(symbol);
    if (market === undefined) throw new ContractRejection('unknown_symbol');
    return market;
  }

  account(name: string): PerpetualAccount {
    let account = this.accounts.get(name);
    if (account === undefined) this.accounts.set(name, (account = new PerpetualAccount(name)));
    return account;
  }

  leverageOf(account: PerpetualAccount, symbol: string): LeverageTerms {
    const { defaultLeverage } = this.market(symbol).contract;
    return account.leverage.get(symbol) ?? { leverage: defaultLeverage, marginMode: 'cross' };
  }

  /** Price positions are valued at: laid down by hand, else the middle of the book, else the last one known. */
  markPrice(market: ContractMarket): Decimal | undefined {
    if (market.settings.markQuote !== null) return market.settings.markQuote;
    const middle = middlePrice(this.state, market.pair);
    if (middle !== undefined) market.lastMarkQuote = middle;
    return middle ?? market.lastMarkQuote ?? lastPrice(this.state, market.pair);
  }

  /** As `markPrice`; before anything traded, `fallback` stands for it, such as the order's own price. */
  markOr(market: ContractMarket, fallback: Decimal): Decimal {
    return this.markPrice(market) ?? fallback;
  }

  /** Everything of an account that is settled in one asset. */
  exposures(account: PerpetualAccount, asset: string, withOrders: boolean): ContractExposure[] {
    const open = withOrders ? this.state.openOrders.of(account.name) : [];
    const exposures: ContractExposure[] = [];
    for (const market of this.markets.values()) {
      if (market.contract.settleAsset !== asset) continue;
      const exposure = this.exposure(account, market, open);
      if (exposure.positions.length + exposure.orders.length > 0) exposures.push(exposure);
    }
    return exposures;
  }

  exposure(account: PerpetualAccount, market: ContractMarket, open: readonly Order[]): ContractExposure {
    const { symbol, brackets } = market.contract;
    const positions = account.openPositions(symbol);
    const orders = open.filter((order) => order.symbol === symbol && isOpen(order) && !onlyReduces(order));
    const [first] = positions;
    const fallback = first === undefined ? undefined : first.entryCostQuote.div(first.amountBase);
    const markQuote = this.markPrice(market) ?? fallback ?? orders[0]?.priceQuote ?? ONE;
    const marginOrders = orders.map((order) => marginOrder(order, markQuote));
    return { symbol, ...this.leverageOf(account, symbol), markQuote, brackets, positions, orders: marginOrders };
  }

  summary(account: PerpetualAccount, asset: string): MarginSummary {
    return summarize(account.wallet(asset), this.exposures(account, asset, true));
  }

  /** Books one income into the wallet. Zero changes nothing and is not written. */
  book(work: UnitOfWork, income: Income): void {
    const { account: name, symbol, type, amount, asset, tradeId } = income;
    if (amount.isZero()) return;
    const account = this.account(name);
    const balance = account.wallet(asset).plus(amount);
    account.wallets.set(asset, balance);
    work.row(UPSERT_WALLET, [name, asset, balance.toFixed()]);
    work.row(INSERT_INCOME, [name, symbol ?? null, type, amount.toFixed(), asset, tradeId ?? null, work.timeMs]);
  }

  /** Tells the account's listeners what its wallet and these positions are now. */
  tellAccount(work: UnitOfWork, name: string, reason: AccountReason, asset: string, sides: readonly PositionReference[]): void {
    const account = this.account(name);
    const change: ContractAccountChange = {
      account: name,
      reason,
      asset,
      walletQuote: account.wallet(asset),
      crossWalletQuote: this.crossWallet(account, asset),
      positions: sides.map(({ symbol, positionSide }) => this.positionView(account, symbol, positionSide)),
      timeMs: work.timeMs,
    };
    work.tell((listener) => listener.contractAccountChanged?.(change));
  }

  positionView(account: PerpetualAccount, symbol: string, positionSide: PositionSide): PositionView {
    const market = this.market(symbol);
    const position = account.position(symbol, positionSide);
    const markQuote = this.markOr(market, entryPrice(position));
    const { marginMode, leverage } = this.leverageOf(account, symbol);
    return { position, markQuote, marginMode, leverage };
  }

  private crossWallet(account: PerpetualAccount, asset: string): Decimal {
    const isolated = account.allOpenPositions().filter(({ symbol }) => this.market(symbol).contract.settleAsset === asset);
    return isolated.reduce((left, position) => left.minus(position.isolatedQuote), account.wallet(asset));
  }

  savePosition(work: UnitOfWork, position: Position): void {
    this.account(position.account).setPosition(position);
    const { account, symbol, positionSide, updatedMs } = position;
    const amounts = [position.amountBase, position.entryCostQuote, position.isolatedQuote, position.realizedQuote];
    work.row(UPSERT_POSITION, [account, symbol, positionSide, ...amounts.map((amount) => amount.toFixed()), updatedMs]);
  }
}

/** Whether an order can only make a position smaller, so that it needs no margin. */
export function onlyReduces(order: Pick<Order, 'side' | 'contract'>): boolean {
  const { contract, side } = order;
  if (contract === undefined) return false;
  if (contract.reduceOnly) return true;
  return (contract.positionSide === 'long' && side === 'sell') || (contract.positionSide === 'short' && side === 'buy');
}

function marginOrder(order: Order, markQuote: Decimal): MarginOrder {
  return {
    side: order.side,
    positionSide: order.contract?.positionSide ?? 'both',
    priceQuote: order.priceQuote ?? markQuote,
    remainingBase: remainingBase(order),
  };
}
