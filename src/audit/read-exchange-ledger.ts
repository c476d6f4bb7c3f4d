import type { PaperControlClient } from '../paper/control-client.js';
import type { AuditedMarket, ExchangeLedger, LedgerTransfer } from './audit-input.js';

const PAGE = 10_000;

/**
 * The complete ledger of a paper exchange. Only a moment of rest gives one picture: nothing may trade meanwhile.
 * Throws when it holds more trades than one answer carries.
 */
export async function readExchangeLedger(paper: PaperControlClient): Promise<ExchangeLedger> {
  const trades = await paper.trades({ limit: PAGE });
  if (trades.length === PAGE) throw new Error(`the ledger has ${PAGE} trades or more, which is more than one answer of the control API carries`);
  return {
    orders: await allPages((from) => paper.orders({ fromOrderId: from, limit: PAGE }), (order) => order.orderId + 1),
    trades,
    balances: await paper.balances(),
    transfers: [...(await transfers(paper, 'deposit')), ...(await transfers(paper, 'withdrawal'))],
  };
}

/** The rules by which the audit tells dust from an open position. */
export async function readAuditedMarkets(paper: PaperControlClient): Promise<readonly AuditedMarket[]> {
  return (await paper.pairs()).map(({ symbol, rules }) => ({
    symbol,
    base: String(rules['baseAsset']),
    quote: String(rules['quoteAsset']),
    amountStepBase: String(rules['amountStepBase']),
    minAmountBase: String(rules['minAmountBase']),
    minNotionalQuote: String(rules['minNotionalQuote']),
  }));
}

async function transfers(paper: PaperControlClient, kind: LedgerTransfer['kind']): Promise<readonly LedgerTransfer[]> {
  const events = await allPages(async (after) => (await paper.events({ kind, after, limit: PAGE })).events, (event) => event.sequence);
  return events.map(({ account = '', data }) => ({ kind, account, asset: String(data['asset']), amount: String(data['amount']) }));
}

/** Reads on from the cursor of the last item until a page is not full. */
async function allPages<Item>(read: (cursor: number) => Promise<readonly Item[]>, cursorAfter: (item: Item) => number): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let cursor = 0; ; ) {
    const page = await read(cursor);
    items.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return items;
    cursor = cursorAfter(last);
  }
}
