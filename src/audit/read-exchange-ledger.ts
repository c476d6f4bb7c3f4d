import type { PaperControlClient } from '../paper/control-client.js';
import type { AuditedMarket, ExchangeLedger, LedgerTransfer } from './audit-input.js';

const PAGE = 10_000;

/** The complete ledger of a paper exchange. Only a moment of rest gives one picture: nothing may trade meanwhile. */
export async function readExchangeLedger(paper: PaperControlClient): Promise<ExchangeLedger> {
  return {
    orders: await allPages((from) => paper.orders({ fromOrderId: from, limit: PAGE }), (order) => order.orderId + 1),
    trades: await allTrades(paper),
    balances: await paper.balances(),
    transfers: [...(await transfers(paper, 'deposit')), ...(await transfers(paper, 'withdrawal'))],
    perpetual: {
      positions: await paper.positions(),
      wallets: await paper.perpetualWallets(),
      incomes: await allIncomes(paper),
    },
  };
}

/** The rules by which the audit tells dust from an open position. */
export async function readAuditedMarkets(paper: PaperControlClient): Promise<readonly AuditedMarket[]> {
  const contracts = new Set((await paper.contracts()).map(({ symbol }) => symbol));
  return (await paper.pairs()).map(({ symbol, rules }) => ({
    contract: contracts.has(symbol) ? 'perpetual' : 'spot',
    symbol,
    base: String(rules['baseAsset']),
    quote: String(rules['quoteAsset']),
    amountStepBase: String(rules['amountStepBase']),
    minAmountBase: String(rules['minAmountBase']),
    // What only closes is not held to the smallest order value.
    minNotionalQuote: contracts.has(symbol) ? '0' : String(rules['minNotionalQuote']),
  }));
}

/** The ledger numbers trades of all pairs from 1 on, without gaps: what was read is the cursor of what follows. */
async function allTrades(paper: PaperControlClient): Promise<ExchangeLedger['trades']> {
  const trades: ExchangeLedger['trades'][number][] = [];
  for (;;) {
    const page = await paper.trades({ limit: PAGE, afterKey: trades.length });
    trades.push(...page);
    if (page.length < PAGE) return trades;
  }
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

/** Read on from the time of the last one, which may have companions: each counts once. */
async function allIncomes(paper: PaperControlClient): Promise<ExchangeLedger['perpetual']['incomes']> {
  const incomes = new Map<number, ExchangeLedger['perpetual']['incomes'][number]>();
  for (let fromMs = 0; ; ) {
    const page = await paper.incomes({ limit: PAGE, fromMs });
    const before = incomes.size;
    for (const income of page) incomes.set(income.incomeId, income);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return [...incomes.values()];
    if (incomes.size === before) throw new Error(`more than ${PAGE} incomes at ${last.timeMs}`);
    fromMs = last.timeMs;
  }
}
