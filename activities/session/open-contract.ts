import { ApplicationFailure } from '@temporalio/activity';
import type { ContractRequest, ContractSetting } from '../../src/contract/perpetual.js';
import { LIMITS } from '../../src/domain/limits.js';
import type { DerivativesPort } from '../../src/ports/exchange.js';
import type { AccountServices } from './account-services.js';
import { readFailure, retryable } from './commands.js';

/** Sessions that ran under an owner before are back by then, and tell which leverage they need. */
const ALL_BACK_MS = LIMITS.sessionHeartbeatTimeoutMs + LIMITS.leaseTimeoutMs;

interface Rival {
  readonly rootId: string;
  readonly leverage: number;
}

/**
 * Makes a pair ready for an executor: its leverage set, once, before the first order. Leverage belongs to the pair and
 * the account: while an executor runs on it, no other may want a different one. That it stands already is success.
 */
export async function openContract(services: AccountServices, request: ContractRequest): Promise<ContractSetting> {
  if (services.lease.lost) throw retryable('NotOwner', 'this process does not own the account');
  const { derivatives } = services.exchange;
  if (derivatives === null) throw ApplicationFailure.nonRetryable(`${services.connector} has no perpetuals`, 'NOT_SUPPORTED');
  services.contracts.asked(request.rootId);
  return services.contracts.inTurn(request.pair, async () => {
    const rival = await rivalOf(services, request);
    if (rival !== null) throw refused(services, request, ApplicationFailure.nonRetryable(conflict(services, request, rival), 'LEVERAGE_CONFLICT'));
    const setting = await settle(services, derivatives, request).catch((error: unknown) => {
      throw refused(services, request, readFailure(error));
    });
    services.contracts.claim(request.pair, request.rootId, request.leverage);
    return setting;
  });
}

/** An executor that is refused for good asks no more. */
function refused(services: AccountServices, { pair, rootId }: ContractRequest, failure: ApplicationFailure): ApplicationFailure {
  if (failure.nonRetryable) services.contracts.release(pair, rootId);
  return failure;
}

async function settle(services: AccountServices, derivatives: DerivativesPort, { pair, leverage, rootId }: ContractRequest): Promise<ContractSetting> {
  const positionMode = await derivatives.positionMode(true);
  const leverageBefore = await derivatives.leverage(pair);
  if (leverageBefore === leverage) return { positionMode, leverage, leverageBefore };
  if (!(await knowsAllRunning(services, rootId))) throw retryable('NoSession', 'executors of before are not all back yet: the leverage stays until they are');
  if ((await services.lease.permit(LIMITS.requestDeadlineMs)) !== 'granted') throw retryable('NotOwner', 'this process may not change the account right now');
  await derivatives.setLeverage(pair, leverage);
  return { positionMode, leverage, leverageBefore };
}

/** Soon after the lease was granted, executors may run whose sessions are not here yet. One that is only asking itself has none. */
async function knowsAllRunning(services: AccountServices, rootId: string): Promise<boolean> {
  if (Date.now() >= services.grantedAtMs + ALL_BACK_MS) return true;
  const running = await services.workflows.runningRoots(services.connector, services.account);
  const here = new Set([rootId, ...services.contracts.waiting, ...services.registry.all().map((session) => session.plan.path.rootId)]);
  return running !== null && running.every((root) => here.has(root.rootId));
}

async function rivalOf(services: AccountServices, { pair, leverage, rootId }: ContractRequest): Promise<Rival | null> {
  for (const session of services.registry.all()) {
    const { plan } = session;
    // What only closes uses whatever leverage there is.
    if (session.ended || plan.pair !== pair || plan.path.rootId === rootId || (plan.arm === null && plan.positionAction === 'CLOSE')) continue;
    if (plan.leverage !== leverage) return { rootId: plan.path.rootId, leverage: plan.leverage };
  }
  for (const [other, wanted] of services.contracts.of(pair)) {
    if (other === rootId || wanted === leverage) continue;
    const status = await services.workflows.status(other);
    if (status === 'running' || status === 'unreachable') return { rootId: other, leverage: wanted };
    services.contracts.release(pair, other);
  }
  return null;
}

function conflict({ account, connector }: AccountServices, { rootId, leverage, pair }: ContractRequest, rival: Rival): string {
  return `leverage: executor ${rootId} needs ${leverage} on ${pair}, executor ${rival.rootId} of the same account ${account} of ${connector} runs with ${rival.leverage}; the exchange has one leverage per pair`;
}
