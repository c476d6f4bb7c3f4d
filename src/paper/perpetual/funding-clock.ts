import { settleFunding } from './funding.js';
import type { PerpetualExchange } from './perpetual-exchange.js';

const INTERVAL_MS = 1_000;

/** Settles funding when its time has come. A settlement missed while the exchange was down is made up for once. */
export class FundingClock {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly perpetuals: PerpetualExchange) {}

  start(): void {
    this.timer = setInterval(() => {
      this.settleDue();
    }, INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private settleDue(): void {
    const nowMs = this.perpetuals.state.now();
    for (const market of this.perpetuals.markets.values()) {
      // Without any price there is nothing to settle by; the first book brings one.
      if (market.settings.nextFundingMs <= nowMs && this.perpetuals.markPrice(market) !== undefined) settleFunding(this.perpetuals, market);
    }
  }
}
