import { dcaTermsRecord, gridTermsRecord, twapTermsRecord, type DcaExecutorConfig, type GridExecutorConfig, type TwapExecutorConfig } from '../contract/executor-config.js';
import { dcaTerms } from '../domain/dca/dca-terms.js';
import { planDca, type DcaPlan } from '../domain/dca/plan-dca.js';
import type { GridPlan } from '../domain/grid/grid-plan.js';
import { gridTerms } from '../domain/grid/grid-terms.js';
import { planGrid } from '../domain/grid/plan-grid.js';
import { marketRules, type MarketRules } from '../domain/market-rules.js';
import { decimal, type Decimal } from '../domain/money.js';
import type { BestPrices } from '../domain/take-profit-price.js';
import { planTwap, type TwapPlan } from '../domain/twap/plan-twap.js';
import { midPrice } from '../domain/twap/slice-size.js';
import { twapTerms } from '../domain/twap/twap-terms.js';
import type { MarketDataPort } from '../ports/exchange.js';
import { InvalidConfigError } from '../schema/config-error.js';
import { boundedRead } from './bounded-read.js';

/**
 * The plan of a TWAP at the mid of now. Null without a mid: the executor would wait for one. Throws as
 * `checkAgainstMarket` does; the rule names the smallest budget that works.
 */
export async function planTwapAtMarket(config: TwapExecutorConfig, market: MarketDataPort): Promise<TwapPlan | null> {
  const rules = await readRules(config, market);
  const mid = await readMid(config, market);
  if (mid === null) return null;
  const planning = planTwap(twapTerms(twapTermsRecord(config)), rules, mid);
  if (planning.kind === 'planned') return planning.plan;
  throw refused(planning.refusal);
}

/** The plan of a DCA, which no price of the moment changes. Throws as `checkAgainstMarket` does; the rule names amounts that work. */
export async function planDcaAtMarket(config: DcaExecutorConfig, market: MarketDataPort): Promise<DcaPlan> {
  const planning = planDca(dcaTerms(dcaTermsRecord(config)), await readRules(config, market));
  if (planning.kind === 'planned') return planning.plan;
  const { workableAmountsQuote } = planning.refusal;
  const works = workableAmountsQuote === null ? '' : `; these amounts_quote work: ${workableAmountsQuote.join(', ')}`;
  throw refused({ ...planning.refusal, rule: `${planning.refusal.rule}${works}` });
}

/** The levels of a grid at the mid of now. Null without a mid. Throws as `checkAgainstMarket` does; the rule names changes that work. */
export async function planGridAtMarket(config: GridExecutorConfig, market: MarketDataPort): Promise<GridPlan | null> {
  const rules = await readRules(config, market);
  const mid = await readMid(config, market);
  if (mid === null) return null;
  const planning = planGrid(gridTerms(gridTermsRecord(config)), rules, mid);
  if (planning.kind === 'planned') return planning.plan;
  const { workable } = planning.refusal;
  const works = workable.length === 0 ? '' : `; this works: ${workable.map(({ field, value }) => `${field} ${value}`).join(', ')}`;
  throw refused({ ...planning.refusal, rule: `${planning.refusal.rule}${works}` });
}

/** Null while one side of the book is empty. */
export async function readMid(of: Market, market: MarketDataPort): Promise<Decimal | null> {
  const { bid, ask } = await readTop(of, market);
  return bid === null || ask === null ? null : midPrice(bid, ask);
}

export async function readTop({ connector, pair }: Market, market: MarketDataPort): Promise<BestPrices> {
  const { bidQuote, askQuote } = await boundedRead(connector, market.topOfBook(pair), null);
  return { bid: bidQuote === null ? null : decimal(bidQuote), ask: askQuote === null ? null : decimal(askQuote) };
}

export async function readRules({ connector, pair }: Market, market: MarketDataPort): Promise<MarketRules> {
  return marketRules(await boundedRead(connector, market.rules(pair), 'trading_pair'));
}

interface Market {
  readonly connector: string;
  readonly pair: string;
}

function refused({ field, value, rule }: { readonly field: string; readonly value: string; readonly rule: string }): InvalidConfigError {
  return new InvalidConfigError([{ field, value, rule }]);
}
