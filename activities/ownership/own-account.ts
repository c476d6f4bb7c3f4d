import { ApplicationFailure, Context } from '@temporalio/activity';
import { accountQueue } from '../../src/contract/queues.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { ExchangeWorkers, RunningWorkers } from '../../src/ports/exchange-workers.js';
import type { Metrics } from '../../src/ports/metrics.js';
import type { WorkflowLink } from '../../src/ports/workflow-link.js';
import type { AccountServices, SessionLogger } from '../session/account-services.js';
import { bookFunding } from '../session/book-funding.js';
import { commandSession, readMarket } from '../session/commands.js';
import { coverAmendment } from '../session/cover-amendment.js';
import { openContract } from '../session/open-contract.js';
import { workOrder } from '../session/work-order.js';
import { Lease } from './lease.js';
import { OrphanSweep } from './sweep-orphans.js';

const RIVALS_MS = 5_000;

/** What a candidate brings to own an account. */
export interface Candidate {
  readonly workflows: WorkflowLink;
  readonly workers: ExchangeWorkers;
  readonly logger: SessionLogger;
  readonly metrics: Metrics;
  /** Aborted when this process is to stop. */
  readonly stopping: AbortSignal;
  maxSessions(connector: string, account: string): number;
  /** Opens exchange, funds and registry for the time of one lease; `close` ends streams and timers. */
  openAccount(connector: string, account: string, lease: Lease): Promise<{ readonly services: AccountServices; close(): Promise<void> }>;
}

/**
 * Owns an account as long as the server says so: its sessions, its commands, its exchange client. Losing the lease ends
 * every session in this process without touching the exchange; only then does this process ask for the lease again.
 */
export async function ownAccount(candidate: Candidate, connector: string, account: string): Promise<never> {
  const context = Context.current();
  const { taskToken } = context.info;
  const lease = new Lease(async () => {
    const answer = await candidate.workflows.heartbeat(taskToken, null);
    candidate.metrics.leaseHeartbeat({ connector, account }, answer);
    return answer;
  });
  // The local timer of the SDK would cancel this activity although the server hears the other heartbeat.
  const pulse = setInterval(() => {
    context.heartbeat();
    void lease.renew();
  }, LIMITS.leaseHeartbeatMs);
  try {
    const opened = await candidate.openAccount(connector, account, lease).catch((error: unknown) => {
      candidate.logger.error({ connector, account, error: String(error) }, 'the account could not be opened');
      throw retry('AccountUnavailable', String(error), 2_000);
    });
    const why = await whileOwned(candidate, opened.services, context).finally(() => opened.close());
    candidate.logger.warn({ connector, account, why }, 'this process no longer owns the account');
    throw retry('LeaseLost', why, 1);
  } finally {
    lease.end();
    clearInterval(pulse);
  }
}

/** Works the account's queues until the lease is over; answers why it is. */
async function whileOwned(candidate: Candidate, services: AccountServices, context: Context): Promise<string> {
  const { connector, account, lease } = services;
  candidate.logger.info({ connector, account }, 'this process owns the account');
  const maxSessions = candidate.maxSessions(connector, account);
  const workers = await candidate.workers.start(connector, account, maxSessions, {
    workOrder: (plan, waited) => workOrder(services, plan, waited ?? null, maxSessions),
    commandSession: (path, command) => commandSession(services, path, command),
    coverAmendment: (path, changes) => coverAmendment(services, path, changes),
    readMarket: (pair) => readMarket(services, pair),
    openContract: (request) => openContract(services, request),
    bookFunding: (request) => bookFunding(services, request),
  });
  const sweeps = new OrphanSweep(services);
  const rivals = watchRivals(candidate, services);
  const why = await untilOver(candidate, workers, lease, context);
  lease.end();
  sweeps.stop();
  rivals.stop();
  services.registry.abandonAll();
  // The next owner asks what we sent and takes the answer for final: nothing of ours may still be on its way then.
  await Promise.race([Promise.allSettled([...services.inFlight]), pause(LIMITS.requestDeadlineMs + 500)]);
  await pause(Math.min(services.unansweredUntilMs - Date.now(), LIMITS.requestDeadlineMs));
  await workers.stop();
  return why;
}

/** Keeps in mind whether somebody waits for the lease, for the time in which the server cannot be asked. */
function watchRivals(candidate: Candidate, { connector, account, lease }: AccountServices): { stop(): void } {
  const look = async (): Promise<void> => {
    lease.rivals = (await candidate.workflows.othersPoll(accountQueue(connector, account))) ?? lease.rivals;
  };
  const timer = setInterval(() => void look(), RIVALS_MS);
  void look();
  return { stop: () => clearInterval(timer) };
}

/**
 * A cancellation that is no request is believed only when the answered heartbeat agrees: a server restart and a pause
 * look alike, and a paused lease keeps its stops armed. It comes once only, so that a later stop of this process has to
 * be heard elsewhere.
 */
async function untilOver(candidate: Candidate, workers: RunningWorkers, lease: Lease, context: Context): Promise<string> {
  const lost = new Promise<string>((resolve) => lease.onLost(() => resolve('the lease is lost')));
  const failed = workers.failed.then((error) => `workers failed: ${error.message}`);
  const stopping = new Promise<string>((resolve) => {
    if (candidate.stopping.aborted) resolve('this process is stopping');
    candidate.stopping.addEventListener('abort', () => resolve('this process is stopping'), { once: true });
  });
  const cancelled = context.cancelled.catch(() => undefined).then(() => {
    const details = context.cancellationDetails;
    if (details?.timedOut === true || details?.paused === true) return new Promise<string>(() => undefined);
    return details?.workerShutdown === true ? 'this process is stopping' : 'the server gave the lease up';
  });
  return Promise.race([lost, failed, stopping, cancelled]);
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

function retry(type: string, message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({ type, message: message.slice(0, LIMITS.maxErrorText), nonRetryable: false, nextRetryDelay: delayMs });
}
