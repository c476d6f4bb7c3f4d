import type { WorkflowInterceptors } from '@temporalio/workflow';

/**
 * Puts what an executor is into every line its workflow logs: the ids by which a person looks for lines. Loaded into the
 * bundle as an interceptor, so that no caller of the log can forget it.
 */
export function interceptors(): WorkflowInterceptors {
  let fields: Readonly<Record<string, unknown>> = {};
  return {
    inbound: [
      {
        execute: async (input, next) => {
          fields = fieldsOf(input.args);
          return next(input);
        },
      },
    ],
    outbound: [{ getLogAttributes: (input, next) => next({ ...input, ...fields }) }],
  };
}

interface Named {
  readonly id?: unknown;
  readonly path?: { readonly rootId?: unknown; readonly path?: unknown };
  readonly controllerId?: unknown;
  readonly connector?: unknown;
  readonly account?: unknown;
  readonly pair?: unknown;
}

/** The input of an executor is its config, of a leg its plan; what else there is has no executor. */
export function fieldsOf(args: readonly unknown[]): Readonly<Record<string, unknown>> {
  const [first] = args;
  if (typeof first !== 'object' || first === null) return {};
  const wrapped = first as { readonly config?: unknown; readonly plan?: unknown };
  const input = (wrapped.plan ?? wrapped.config ?? first) as Named;
  const { controllerId, connector, account, pair } = input;
  const named = { executorId: input.path?.rootId ?? input.id, orderPath: input.path?.path, controllerId, connector, account, pair };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => typeof value === 'string'));
}
