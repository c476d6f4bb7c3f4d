import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import type { Logger } from '../src/logger.js';

type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace';
const LEVELS: Readonly<Record<LogEntry['level'], Level>> = { ERROR: 'error', WARN: 'warn', INFO: 'info', DEBUG: 'debug', TRACE: 'trace' };

/** Lines of the Temporal SDK, and through it of workflows, in this process's own log: with its levels and its redaction. */
export function sdkLogger(logger: Logger): DefaultLogger {
  return new DefaultLogger('INFO', (entry) => {
    const { level, meta = {}, message } = entry;
    // What it says of its own workers coming and going interests nobody in production; queues without workflows are meant.
    const own = meta['sdkComponent'] === 'worker' && (level === 'INFO' || message.startsWith('No workflows registered'));
    logger[own ? 'debug' : LEVELS[level]]({ ...withExecutor(meta) }, message);
  });
}

/** The executor a line is about, where the SDK names only the workflow. */
function withExecutor(meta: Readonly<Record<string | symbol, unknown>>): Readonly<Record<string, unknown>> {
  const { workflowId } = meta as { readonly workflowId?: unknown };
  const fields = { ...meta } as Record<string, unknown>;
  if (typeof workflowId !== 'string' || 'executorId' in fields || /^(?:account|controller)\//.test(workflowId)) return fields;
  const [executorId, ...path] = workflowId.split('/');
  return { executorId, ...(path.length === 0 ? {} : { orderPath: path.join('/') }), ...fields };
}
