import { ApplicationFailure, Context } from '@temporalio/activity';
import { LIMITS } from '../../src/domain/limits.js';
import type { ExchangeWorkers } from '../../src/ports/exchange-workers.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';
import type { AccountServices, SessionLogger } from '../session/account-services.js';
import { commandSession, readMarket } from '../session/commands.js';
import { workOrder } from '../session/work-order.js';
import { Lease } from './lease.js';
import { sweepOrphans } from './sweep-orphans.js';

/** What a candidate brings to own an account. */
export interface Candidate {
  readonly workflows: WorkflowLink;
  readonly workers: ExchangeWorkers;
  readonly logger: SessionLogger;
  maxSessions(connector: string, account: string): number;
  /** Opens exchange, funds and registry for the time of one lease; `close` ends streams and timers. */
  openAccount(connector: string, account: string, lease: Lease): Promise<{ readonly services: AccountServices; close(): Promise<void> }>;
}

const SWEEP_MS = 60_000;

/**
 * Owns an account as long as the server says so: its sessions, its commands, its exchange client. Losing the lease ends
 * every session in this process without touching the exchange; only then does this process ask for the lease again.
 */
export async function ownAccount(candidate: Candidate, connector: string, account: string): Promise<never> {
  const context = Context.current();
  const { taskToken } = context.info;
  const lease = new Lease(() => candidate.workflows.heartbeat(taskToken, null));
  // The local timer of the SDK would cancel this activity although the server hears the other heartbeat.
  const pulse = setInterval(() => {
    context.heartbeat();
    void lease.renew();
  }, LIMITS.leaseHeartbeatMs);
  const opened = await candidate.openAccount(connector, account, lease).catch((error: unknown) => {
    clearInterval(pulse);
    candidate.logger.error({ connector, account, error: String(error) }, 'the account could not be opened');
    throw retry('AccountUnavailable', String(error), 2_000);
  });
  const { services } = opened;
  candidate.logger.info({ connector, account }, 'this process owns the account');
  const maxSessions = candidate.maxSessions(connector, account);
  const workers = await candidate.workers.start(connector, account, maxSessions, {
    workOrder: (plan) => workOrder(services, plan, maxSessions),
    commandSession: (path, command) => commandSession(services, path, command),
    readMarket: (pair) => readMarket(services, pair),
  });
  const sweep = setInterval(() => void sweepOrphans(services), SWEEP_MS);
  void sweepOrphans(services);
  const lost = new Promise<string>((resolve) => lease.onLost(() => resolve('the lease is lost')));
  const cancelled = context.cancelled.then(
    () => 'cancelled',
    () => (context.cancellationDetails?.workerShutdown === true ? 'this process is stopping' : 'the server gave the lease up'),
  );
  const failed = workers.failed.then((error) => `workers failed: ${error.message}`);
  const why = await untilOver(lost, cancelled, failed, lease, context);
  lease.end();
  clearInterval(sweep);
  services.registry.abandonAll();
  // The next owner asks what we sent and takes the answer for final: nothing of ours may still be on its way then.
  await Promise.race([Promise.allSettled([...services.inFlight]), new Promise((resolve) => setTimeout(resolve, LIMITS.requestDeadlineMs + 500).unref())]);
  await workers.stop();
  clearInterval(pulse);
  await opened.close();
  candidate.logger.warn({ connector, account, why }, 'this process no longer owns the account');
  throw retry('LeaseLost', why, 1);
}

/** A cancellation that is no shutdown is believed only when the answered heartbeat agrees: a server restart looks alike. */
async function untilOver(lost: Promise<string>, cancelled: Promise<string>, failed: Promise<string>, lease: Lease, context: Context): Promise<string> {
  const why = await Promise.race([lost, cancelled, failed]);
  if (context.cancellationDetails?.timedOut !== true || lease.lost) return why;
  return Promise.race([lost, failed]);
}

function retry(type: string, message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type, message: message.slice(0, LIMITS.maxErrorText), nonRetryable: false, nextRetryDelay: delayMs });
}
