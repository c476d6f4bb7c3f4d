import { ApplicationFailure } from '@temporalio/activity';
import type { BookedFunding, FundedLeg, FundingRequest } from '../../src/contract/perpetual.js';
import { fundingShare } from '../../src/domain/funding-share.js';
import { marketRules } from '../../src/domain/market-rules.js';
import { type Decimal, decimal, exactly, toDecimalString, ZERO } from '../../src/domain/money.js';
import type { DerivativesPort, ExchangeTrade, FundingPayment } from '../../src/ports/exchange.js';
import type { AccountServices } from './account-services.js';
import { readFailure, retryable } from './commands.js';
import { ordersOfPath } from './recover-orders.js';

/** Order numbers of a leg that are looked for; an exit numbers by eights. */
const NUMBERS = 2_000;

/**
 * The share of one executor in every settlement of a time, by what it held at that moment. From the exchange's payments
 * and trades alone, so it is the same whenever and by whomever it is asked.
 */
export async function bookFunding(services: AccountServices, request: FundingRequest): Promise<readonly BookedFunding[]> {
  if (services.lease.lost) throw retryable('NotOwner', 'this process does not own the account');
  const { derivatives } = services.exchange;
  if (derivatives === null) throw ApplicationFailure.nonRetryable(`${services.connector} has no perpetuals`, 'NOT_SUPPORTED');
  try {
    return await book(services, derivatives, request);
  } catch (error) {
    throw readFailure(error);
  }
}

async function book(services: AccountServices, derivatives: DerivativesPort, request: FundingRequest): Promise<readonly BookedFunding[]> {
  const rules = marketRules(await services.exchange.rules(request.pair));
  const payments = (await derivatives.fundingPayments(request.pair, request.afterMs + 1)).filter(({ atMs, asset }) => atMs > request.afterMs && atMs <= request.throughMs && asset === rules.quote);
  if (payments.length === 0) return [];
  const hedged = (await derivatives.positionMode()) === 'hedge';
  const trades = new TradesOfLegs(services, request.pair);
  const booked: BookedFunding[] = [];
  for (const payment of payments) {
    const held = await heldAt(request, trades, payment.atMs);
    const settlement = { amountQuote: decimal(payment.amount), rate: number(payment.rate), markPriceQuote: number(payment.markPriceQuote) };
    const share = hedged && !isOfSide(payment, held) ? ZERO : fundingShare(settlement, held, rules.amountStepBase);
    if (share === null) services.logger.error({ pair: request.pair, payment: payment.id }, 'a funding payment cannot be shared out: the exchange does not tell its rate or mark price');
    else booked.push({ id: payment.id, atMs: payment.atMs, heldBase: toDecimalString(held), shareQuote: toDecimalString(share) });
  }
  return booked;
}

/** In hedge mode each side is settled by itself: longs pay a positive rate, shorts receive it. */
function isOfSide({ amount, rate }: FundingPayment, held: Decimal): boolean {
  if (rate === null) return true;
  const isOfLong = decimal(amount).isNegative() === !decimal(rate).isNegative();
  return isOfLong === !held.isNegative();
}

async function heldAt({ legs, liquidated }: FundingRequest, trades: TradesOfLegs, atMs: number): Promise<Decimal> {
  let held = ZERO;
  for (const leg of legs) {
    const { filledBase, firstFillAtMs, lastFillAtMs } = leg.totals;
    if (firstFillAtMs === null || firstFillAtMs > atMs) continue;
    // Only a settlement between two fills of one leg needs them one by one.
    const base = lastFillAtMs !== null && lastFillAtMs <= atMs ? decimal(filledBase) : await trades.baseUpTo(leg, atMs);
    held = moved(held, leg.side, base);
    if (lastFillAtMs !== null && lastFillAtMs <= atMs) continue;
    for (const part of liquidated) if (part.side === leg.side && part.atMs <= atMs) held = moved(held, part.side, decimal(part.amountBase));
  }
  return held;
}

function moved(held: Decimal, side: FundedLeg['side'], base: Decimal): Decimal {
  return side === 'BUY' ? exactly.sum(held, base) : exactly.difference(held, base);
}

/** Trades of the orders of a leg, read once. */
class TradesOfLegs {
  private readonly read = new Map<string, Promise<readonly ExchangeTrade[]>>();

  constructor(private readonly services: AccountServices, private readonly pair: string) {}

  async baseUpTo({ path }: FundedLeg, atMs: number): Promise<Decimal> {
    const known = this.read.get(path.workflowId) ?? this.readAll(path);
    this.read.set(path.workflowId, known);
    return (await known).filter((trade) => trade.atMs <= atMs).reduce((sum, trade) => exactly.sum(sum, decimal(trade.amountBase)), ZERO);
  }

  private async readAll(path: FundedLeg['path']): Promise<readonly ExchangeTrade[]> {
    const { bySequence } = await ordersOfPath(this.services, path, this.pair, { from: 1, through: NUMBERS });
    const trades: ExchangeTrade[] = [];
    for (const order of bySequence.values()) {
      if (!decimal(order.executedBase).isZero()) trades.push(...(await this.services.exchange.tradesOf(order.pair, order.exchangeOrderId)));
    }
    return trades;
  }
}

function number(text: string | null): Decimal | null {
  return text === null ? null : decimal(text);
}
