import type { AuditedEnd, AuditInput, TradedMarkets } from '../../src/audit/audit-input.js';
import { joinedSymbol, joinExchanges, type AuditedExchange } from '../../src/audit/join-exchanges.js';
import { readAuditedMarkets, readExchangeLedger } from '../../src/audit/read-exchange-ledger.js';
import type { ExecutorClient } from '../../src/client/executor-client.js';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import { Decimal, decimal, ZERO } from '../../src/domain/money.js';
import type { PaperControlClient } from '../../src/paper/control-client.js';
import type { ReportArchive } from '../../src/ports/report-archive.js';
import { PAPER_CONNECTOR, SECOND_PAPER_CONNECTOR } from '../../src/stack/executors-configuration.js';
import { readPatiently } from './read-patiently.js';

/** Reads everything the audit compares. Nothing may trade meanwhile, and a worker has to run for the controllers to answer. */
export async function collectAudit(sources: {
  readonly paper: PaperControlClient;
  /** Left out: there is one exchange. */
  readonly secondPaper?: PaperControlClient;
  readonly client: ExecutorClient;
  readonly archive: ReportArchive;
  readonly started: readonly ExecutorConfig[];
}): Promise<AuditInput> {
  const { client, archive, started } = sources;
  const controllerIds = await readPatiently(() => client.controllerIds());
  const controllers = await Promise.all(controllerIds.map((id) => readPatiently(() => client.controllerState(id))));
  const executors = [];
  for (const config of started) {
    const { id, type, createdAtMs, side } = config;
    const markets = marketsOf(config);
    executors.push({ id, type, createdAtMs, side, amountBase: largestEntry(config), ...(markets === null ? {} : { markets }), end: await readPatiently(() => endOf(id, client, archive)) });
  }
  const first = await readExchange(PAPER_CONNECTOR, sources.paper);
  const second = sources.secondPaper === undefined ? null : await readExchange(SECOND_PAPER_CONNECTOR, sources.secondPaper);
  return {
    ...(second === null ? { ledger: first.ledger, markets: first.markets } : joinExchanges([first, second])),
    executors,
    controllers: controllers.filter((state) => state !== null),
  };
}

async function readExchange(name: string, paper: PaperControlClient): Promise<AuditedExchange> {
  return { name, ledger: await readExchangeLedger(paper), markets: await readAuditedMarkets(paper) };
}

/** Null for what trades on one market. */
function marketsOf(config: ExecutorConfig): TradedMarkets | null {
  const symbolOf = ({ connector, pair }: { readonly connector: string; readonly pair: string }): string => joinedSymbol(connector, pair.replace('-', ''));
  switch (config.type) {
    case 'xemm_executor':
      return config.side === 'BUY' ? { buying: symbolOf(config), selling: symbolOf(config.hedge) } : { buying: symbolOf(config.hedge), selling: symbolOf(config) };
    case 'arbitrage_executor':
      return { buying: symbolOf(config), selling: symbolOf(config.selling) };
    case 'order_executor':
    case 'position_executor':
    case 'twap_executor':
    case 'grid_executor':
    case 'dca_executor':
      return null;
  }
}

function largestEntry(config: ExecutorConfig): string | null {
  switch (config.type) {
    case 'order_executor':
    case 'position_executor':
    case 'xemm_executor':
    case 'arbitrage_executor':
      return config.amountBase;
    case 'twap_executor':
    case 'grid_executor':
      return null;
    case 'dca_executor':
      // Levels are rounded down, and their prices away from the market.
      return config.amountsQuote.reduce((sum, amount, index) => sum.plus(decimal(amount).dividedBy(config.pricesQuote[index] ?? '1')), ZERO).toDecimalPlaces(12, Decimal.ROUND_UP).toFixed();
  }
}

async function endOf(id: string, client: ExecutorClient, archive: ReportArchive): Promise<AuditedEnd> {
  const snapshot = await client.describe(id);
  if (snapshot?.execution === 'open') return { kind: 'running' };
  const report = await archive.find(id);
  return report === null ? { kind: 'missing' } : { kind: 'closed', report };
}
