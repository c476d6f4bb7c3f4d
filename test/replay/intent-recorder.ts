import { proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { answersItsInput, type Intent } from './intent.js';

export interface IntentSinks extends Sinks {
  intents: { noted(intent: Intent): void };
}

const { intents } = proxySinks<IntentSinks>();

/** Tells every intent of a workflow to the outside, under replay too. Loaded into the bundle by the replay tests. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute: async (input, next) => {
        const result = await next(input);
        intents.noted({ kind: 'result', name: '', target: '', args: JSON.stringify([result]) });
        return result;
      },
    },
  ],
  outbound: [
    {
      scheduleActivity: (input, next) => {
        intents.noted({ kind: 'activity', name: input.activityType, target: input.options.taskQueue ?? '', args: JSON.stringify(input.args) });
        return next(input);
      },
      scheduleLocalActivity: (input, next) => {
        intents.noted({ kind: 'local', name: input.activityType, target: '', args: JSON.stringify(answersItsInput(input.activityType) ? input.args : []) });
        return next(input);
      },
      startChildWorkflowExecution: (input, next) => {
        intents.noted({ kind: 'child', name: input.workflowType, target: input.options.workflowId, args: JSON.stringify(input.options.args ?? []) });
        return next(input);
      },
      signalWorkflow: (input, next) => {
        const target = input.target.type === 'external' ? (input.target.workflowExecution.workflowId ?? '') : input.target.childWorkflowId;
        intents.noted({ kind: 'signal', name: input.signalName, target, args: JSON.stringify(input.args) });
        return next(input);
      },
    },
  ],
});
