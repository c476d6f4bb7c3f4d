import { executorRate } from './executor-rate.js';
import { historyEvents } from './history-events.js';
import type { Row } from './row.js';
import { stopArmed } from './stop-armed.js';
import { stopReaction } from './stop-reaction.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [stopReaction, stopArmed, executorRate, historyEvents];
