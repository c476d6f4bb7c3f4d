import { coldStart } from './cold-start.js';
import { executorRate } from './executor-rate.js';
import { flashCrash } from './flash-crash.js';
import { grid } from './grid.js';
import { hedge } from './hedge.js';
import { historyEvents } from './history-events.js';
import { idleFootprint } from './idle-footprint.js';
import { recovery } from './recovery.js';
import type { Row } from './row.js';
import { stopArmed } from './stop-armed.js';
import { stopReaction } from './stop-reaction.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [stopReaction, stopArmed, flashCrash, grid, hedge, executorRate, historyEvents, idleFootprint, recovery, coldStart];
