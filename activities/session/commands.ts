import { ApplicationFailure } from '@temporalio/activity';
import type { MarketReading } from '../../src/contract/activities.js';
import type { SessionCommand } from '../../src/contract/messages.js';
import type { OrderPath } from '../../src/contract/order-plan.js';
import { ERRORS, type ErrorCode } from '../../src/domain/errors.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { MarketRulesRecord } from '../../src/domain/market-rules.js';
import { toDecimalString, type Decimal } from '../../src/domain/money.js';
import type { AccountServices } from './account-services.js';

/** Delivers a command to the session of an order, and answers when no crash can lose it any more. */
export async function commandSession(services: AccountServices, path: OrderPath, command: SessionCommand): Promise<void> {
  if (services.lease.lost) throw retryable('NotOwner', 'this process does not own the account');
  const session = services.registry.get(path.workflowId);
  if (session === null) throw retryable('NoSession', `no session of ${path.workflowId} runs here right now`);
  session.command(command);
  // The workflow gives a command once: a session that dies before its next heartbeat would resume without it.
  if (!(await session.save())) throw retryable('NotSaved', `the command to ${path.workflowId} is not in its heartbeat yet`);
}

/** Rules and best prices, for compiling a plan. */
export async function readMarket(services: AccountServices, pair: string): Promise<MarketReading> {
  try {
    const rules = await withPositionMode(services, await services.exchange.rules(pair));
    const last = services.feed.last(pair);
    if (last !== null) return { rules, bidQuote: text(last.bidQuote), askQuote: text(last.askQuote), atMs: last.atMs };
    return { rules, ...(await services.exchange.topOfBook(pair)) };
  } catch (error) {
    throw readFailure(error);
  }
}

/** What is handed over has to name its side where the account keeps two. */
async function withPositionMode({ exchange }: AccountServices, rules: MarketRulesRecord): Promise<MarketRulesRecord> {
  if (rules.contract === 'spot' || exchange.derivatives === null) return rules;
  return { ...rules, positionMode: await exchange.derivatives.positionMode() };
}

/** What the exchange refused or did not answer, as a workflow may meet it. */
export function readFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const code = failureCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return ApplicationFailure.create({ type: code, message: message.slice(0, LIMITS.maxErrorText), nonRetryable: !ERRORS[code].retryable });
}

/** The same where the workflow runs, as long as this process owns the account. */
export async function readOwnMarket(services: AccountServices | null, pair: string): Promise<MarketReading> {
  if (services === null || services.lease.lost) throw retryable('NotOwner', 'this process does not own the account');
  return readMarket(services, pair);
}

/** Code of a cast exchange error; anything else is retried, because it proves nothing about the caller. */
function failureCode(error: unknown): ErrorCode {
  const failure = error !== null && typeof error === 'object' && 'failure' in error ? (error.failure as { readonly code?: unknown }) : error;
  const code = failure !== null && typeof failure === 'object' && 'code' in failure ? failure.code : null;
  return typeof code === 'string' && code in ERRORS ? (code as ErrorCode) : 'EXCHANGE_UNREACHABLE';
}

export function retryable(type: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: false });
}

function text(price: Decimal | null): string | null {
  return price === null ? null : toDecimalString(price);
}
