import { expect } from 'vitest';
import type { AuditedExecutor, AuditInput } from '../../src/audit/audit-input.js';
import { auditLedger } from '../../src/audit/audit-ledger.js';
import { readAuditedMarkets, readExchangeLedger } from '../../src/audit/read-exchange-ledger.js';
import { ExecutorClient } from '../../src/client/executor-client.js';
import type { ExecutorConfig } from '../../src/contract/executor-config.js';
import type { RunningStack } from './running-stack.js';

/** Everything the exchange knows against the reports of these closed executors, which are all that ever traded there. */
export async function auditOf(run: RunningStack, started: readonly ExecutorConfig[]): Promise<AuditInput> {
  const executors: AuditedExecutor[] = [];
  for (const { id, type, createdAtMs, side } of started) executors.push({ id, type, createdAtMs, side, amountBase: null, end: { kind: 'closed', report: await run.closed(id) } });
  const client = new ExecutorClient(run.client);
  const states = await Promise.all((await client.controllerIds()).map((id) => client.controllerState(id)));
  const controllers = states.filter((state) => state !== null);
  return { ledger: await readExchangeLedger(run.paper), markets: await readAuditedMarkets(run.paper), executors, controllers };
}

/** No difference, and the audit would have seen one: with another volume in a report it does. */
export function expectNoDifference(input: AuditInput): void {
  expect(auditLedger(input).differences.map(({ message }) => message)).toEqual([]);
  const wrong = input.executors.map((executor) => (executor.end.kind === 'closed' ? { ...executor, end: { ...executor.end, report: { ...executor.end.report, volume_quote: '123.45' } } } : executor));
  expect(auditLedger({ ...input, executors: wrong }).differences.some(({ kind }) => kind === 'volume-differs')).toBe(true);
}
