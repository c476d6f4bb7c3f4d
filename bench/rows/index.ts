import type { Row } from './row.js';
import { stopReaction } from './stop-reaction.js';

/** In the order of the table. */
export const ROWS: readonly Row[] = [stopReaction];
