import type { Figure } from '../figure.js';
import type { SharedStack } from '../stack/shared-stack.js';

export interface RowContext {
  readonly quick: boolean;
  /** The stack of those rows that need nothing special of theirs. */
  readonly shared: SharedStack;
  say(message: string): void;
}

/** One row of the table: measures both sides in turn and answers its figures. */
export interface Row {
  readonly id: string;
  run(context: RowContext): Promise<readonly Figure[]>;
}
