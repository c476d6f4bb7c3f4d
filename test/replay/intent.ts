/** Something a workflow wants done outside of it, with everything it says about it. `args` is the JSON of the payloads. */
export interface Intent {
  readonly kind: 'activity' | 'child' | 'signal' | 'result';
  /** Activity type, workflow type, signal name; empty for a result. */
  readonly name: string;
  /** Task queue of an activity, id of a child, id of the signalled workflow; empty for a result. */
  readonly target: string;
  readonly args: string;
}
