/** Something a workflow wants done outside of it, with everything it says about it. `args` is the JSON of the payloads. */
export interface Intent {
  /** `local`: done in the workflow's own process. */
  readonly kind: 'activity' | 'local' | 'child' | 'signal' | 'result';
  /** Activity type, workflow type, signal name; empty for a result. */
  readonly name: string;
  /** Task queue of an activity, id of a child, id of the signalled workflow; empty for a result and for `local`. */
  readonly target: string;
  readonly args: string;
}

/** History keeps no input of what is done in the workflow's own process, only its answer: this one answers its input. */
export function answersItsInput(activityType: string): boolean {
  return activityType === 'recordClose';
}
