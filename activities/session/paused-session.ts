import { SIGNALS } from '../../src/contract/messages.js';
import type { AccountServices } from './account-services.js';
import { watchDetached } from './detached-session.js';
import { orderLogger } from './session-logger.js';
import type { OrderSession, SessionOutcome } from './order-session.js';

const LOOK_MS = 1_000;

/**
 * A session whose activity a person paused: what adds exposure withdraws its orders and sends nothing, an exit stays
 * armed, and the executor is told. Answers the outcome if the session ends meanwhile, null when it is no longer paused.
 */
export async function whilePaused(session: OrderSession, services: AccountServices): Promise<SessionOutcome | null> {
  const { workflowId } = session.plan.path;
  const logger = orderLogger(services.logger, session.plan);
  const exit = session.plan.arm !== null;
  const consequence = exit ? 'its exit stays armed' : 'its orders are withdrawn and nothing is sent';
  logger.warn({}, `session paused: ${consequence}`);
  session.dispatch({ kind: 'hold', held: true, nowMs: Date.now() });
  const tell = (message: string | null): ReturnType<typeof services.workflows.signal> =>
    services.workflows.signal(workflowId, SIGNALS.attention, { code: 'PAUSED', message, atMs: Date.now() });
  let told = false;
  for (;;) {
    told ||= (await tell(`the activity of ${session.plan.path.path} is paused: ${consequence}`)) !== 'unreachable';
    const outcome = await Promise.race([session.outcome, pause(LOOK_MS)]);
    if (outcome !== null) return outcome;
    if ((await services.workflows.isPaused(workflowId)) !== false) continue;
    session.dispatch({ kind: 'hold', held: false, nowMs: Date.now() });
    logger.info({}, 'session no longer paused');
    await tell(null);
    // Or its workflow is gone, which looks alike.
    watchDetached(session, services);
    return null;
  }
}

async function pause(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}
