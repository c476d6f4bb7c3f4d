import { condition } from '@temporalio/workflow';
import type { GridExecutorConfig } from '../../src/contract/executor-config.js';
import { LIMITS } from '../../src/domain/limits.js';
import { decimal } from '../../src/domain/money.js';
import type { BestPrices } from '../../src/domain/take-profit-price.js';
import type { GridBook } from './grid-book.js';
import { noteError, type LifeState } from './report-base.js';
import { failureText, readMarket, type OwnerWatch } from './session-call.js';

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;

const NO_PRICES: BestPrices = { bid: null, ask: null };

/** The prices a decision is made by, read only when it needs some: a grid whose levels are all out asks nobody. */
export class GridPrices {
  /** Before the next try for a price; null when the last one was answered, or none was needed. */
  pauseMs: number | null = null;
  private lastPauseMs: number | null = null;

  constructor(
    private readonly config: GridExecutorConfig,
    private readonly book: GridBook,
    private readonly life: LifeState,
    private readonly watchOwner: OwnerWatch,
    private readonly emptyBook: (message: string | null) => void,
  ) {}

  /** Empty while nobody can say, when nothing depends on them, and when a stop needs none any more. */
  async read(): Promise<BestPrices> {
    this.pauseMs = null;
    if (!this.needed()) return NO_PRICES;
    const running = (): boolean => this.book.state.phase.kind === 'running';
    const read = readMarket(this.config, this.config.pair, this.watchOwner).then(
      ({ bidQuote, askQuote }): BestPrices => ({ bid: bidQuote === null ? null : decimal(bidQuote), ask: askQuote === null ? null : decimal(askQuote) }),
      (error: unknown) => {
        noteError(this.life, failureText(error));
        return NO_PRICES;
      },
    );
    const prices = await Promise.race([read, condition(() => !running()).then(() => NO_PRICES)]);
    const missing = (prices.bid === null || prices.ask === null) && running();
    this.emptyBook(missing ? 'the book has no price to open levels by' : null);
    this.lastPauseMs = missing ? Math.min((this.lastPauseMs ?? FIRST_PAUSE_MS / 2) * 2, LAST_PAUSE_MS) : null;
    this.pauseMs = this.lastPauseMs;
    return prices;
  }

  private needed(): boolean {
    const { phase, levels } = this.book.state;
    if (phase.kind !== 'running') return false;
    const { activationBoundsFraction, maxOpenOrders } = this.book.terms;
    if (activationBoundsFraction !== null) return true;
    const out = levels.filter(({ kind }) => kind === 'entryOut').length;
    return out < maxOpenOrders && levels.some((level) => (level.kind === 'idle' && level.refusals <= LIMITS.maxRetries) || (level.kind === 'complete' && !level.leftOpen));
  }
}
