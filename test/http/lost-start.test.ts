import { expect, it } from 'vitest';
import { ExecutorCreation } from '../../src/client/create-executor.js';
import type { ExecutorClient } from '../../src/client/executor-client.js';
import { ExecutorError } from '../../src/client/executor-error.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';
import type { ReportArchive } from '../../src/ports/report-archive.js';
import { ScriptedMarket } from './scripted-market.js';

it('a start whose answer is lost names the id under which it can be repeated', async () => {
  const client = {
    isAccountOwned: async () => await Promise.resolve(true),
    start: async () => await Promise.reject(new ExecutorError('SERVER_UNREACHABLE', 'no answer.')),
  } as unknown as ExecutorClient;
  const market = new ScriptedMarket();
  const creation = new ExecutorCreation(client, {} as ReportArchive, { requireAccount: () => undefined, marketData: () => market });
  const parsed = parseExecutorConfig(
    { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', amount: '0.01', execution_strategy: 'MARKET' },
    { nowMs: 1_760_000_000_000 },
  );
  const error = await creation.create(parsed).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ExecutorError);
  expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  expect((error as Error).message).toContain(`executor ${parsed.config.id} may have been started`);
});
