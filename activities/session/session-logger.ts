import type { OrderPlan } from '../../src/contract/order-plan.js';
import type { SessionLogger } from './account-services.js';

/** A logger that puts the same fields into every line. */
export function withFields(logger: SessionLogger, fields: Readonly<Record<string, unknown>>): SessionLogger {
  return {
    info: (more, message) => logger.info({ ...fields, ...more }, message),
    warn: (more, message) => logger.warn({ ...fields, ...more }, message),
    error: (more, message) => logger.error({ ...fields, ...more }, message),
  };
}

/** Whose order a line is about: these fields find every line of an executor, of a controller or of an account. */
export function orderLogger(logger: SessionLogger, plan: OrderPlan): SessionLogger {
  const { rootId, path, workflowId } = plan.path;
  const { controllerId, connector, account, pair } = plan;
  return withFields(logger, { executorId: rootId, orderPath: path, workflowId, controllerId, connector, account, pair });
}
