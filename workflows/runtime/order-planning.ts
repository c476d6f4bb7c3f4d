import type { MarketReading } from '../../src/contract/activities.js';
import type { DcaExecutorConfig, ExecutorConfig, PositionExecutorConfig } from '../../src/contract/executor-config.js';
import { levelPath } from '../../src/contract/grid-levels.js';
import type { ArmRecord, OrderPath, OrderPlan } from '../../src/contract/order-plan.js';
import { legWorkflowId } from '../../src/contract/queues.js';
import { oppositeSide, type ExecutionStrategy, type Side } from '../../src/domain/enumerations.js';
import { LIMITS } from '../../src/domain/limits.js';
import { checkOrder, floorAmount, marketRules, roundPrice, type MarketRulesRecord } from '../../src/domain/market-rules.js';
import { decimal, toDecimalString, type Decimal } from '../../src/domain/money.js';

/** A config that the market's rules forbid: field, value and rule. */
export interface PlanRefusal {
  readonly message: string;
}

export interface Quantised {
  readonly amountBase: Decimal;
  /** Null for MARKET. */
  readonly priceQuote: Decimal | null;
}

export function pathOf(config: ExecutorConfig, workflowId: string, path: string): OrderPath {
  const level = config.type === 'position_executor' ? config.level : undefined;
  if (level === undefined) return { workflowId, rootId: config.id, rootCreatedAtMs: config.createdAtMs, path };
  return { workflowId, rootId: level.gridId, rootCreatedAtMs: level.gridCreatedAtMs, path: `${levelPath(level.levelIndex, level.cycle)}/${path}` };
}

/**
 * Amount down to the step, price toward safety (a buy lower, a sell higher), both checked against the minimums.
 * `referencePrice` values a MARKET order.
 */
export function quantise(
  reading: MarketReading,
  wanted: { readonly side: Side; readonly strategy: ExecutionStrategy; readonly amountBase: string; readonly priceQuote: string | null },
): Quantised | PlanRefusal {
  const rules = marketRules(reading.rules);
  const amountBase = floorAmount(rules, decimal(wanted.amountBase));
  const limited = wanted.strategy !== 'MARKET' && wanted.priceQuote !== null;
  const priceQuote = limited ? roundPrice(rules, decimal(wanted.priceQuote), wanted.side === 'BUY' ? 'down' : 'up') : null;
  const best = wanted.side === 'BUY' ? reading.askQuote : reading.bidQuote;
  const reference = priceQuote ?? (best === null ? null : decimal(best));
  const broken = checkOrder(rules, { amountBase, priceQuote: reference });
  if (broken !== null) return { message: `${broken.field}: ${broken.value} is not allowed, ${broken.rule}` };
  return { amountBase, priceQuote };
}

/** A buy's fee can leave less than the exchange would buy back: such a position could never be closed. Null when it can. */
export function dustAfterFee(reading: MarketReading, side: Side, sized: Quantised, entryPriceQuote: string): string | null {
  // A contract's fee is taken from the wallet, never from the position.
  if (side === 'SELL' || reading.rules.contract === 'perpetual') return null;
  const rules = marketRules(reading.rules);
  const kept = floorAmount(rules, sized.amountBase.times(decimal('1').minus(decimal(reading.rules.takerFeeFraction))));
  const broken = checkOrder(rules, { amountBase: kept, priceQuote: decimal(entryPriceQuote) });
  return broken === null ? null : `amount: ${toDecimalString(sized.amountBase)} leaves ${toDecimalString(kept)} after the fee, ${broken.rule}; it could not be closed`;
}

/** The parts of a plan that every role shares. */
export function planBase(config: ExecutorConfig, rules: MarketRulesRecord): Pick<OrderPlan, 'controllerId' | 'connector' | 'account' | 'pair' | 'rules' | 'leverage' | 'maxRetries'> {
  return {
    controllerId: config.controllerId,
    connector: config.connector,
    account: config.account,
    pair: config.pair,
    rules,
    leverage: rules.contract === 'perpetual' ? config.leverage : 1,
    maxRetries: LIMITS.maxRetries,
  };
}

/** What a session is told of its amount and price. */
export function entryTerms(sized: Quantised): { readonly amountBase: string; readonly priceQuote?: string } {
  const priceQuote = amountText(sized.priceQuote);
  return { amountBase: toDecimalString(sized.amountBase), ...(priceQuote === null ? {} : { priceQuote }) };
}

export function amountText(amount: Decimal | null): string | null {
  return amount === null ? null : toDecimalString(amount);
}

/** Exit `counter`; the earlier exits are its predecessors: stopped and counted before it closes anything. */
export function guardingExit(config: PositionExecutorConfig | DcaExecutorConfig, rules: MarketRulesRecord, counter: number, runId: string | null, arm: Omit<ArmRecord, 'entrySide' | 'predecessors'>): OrderPlan {
  const predecessors = Array.from({ length: counter - 1 }, (_, index) => pathOf(config, legWorkflowId(config.id, 'exit', index + 1), `exit/${index + 1}`));
  return {
    ...planBase(config, rules),
    path: pathOf(config, legWorkflowId(config.id, 'exit', counter), `exit/${counter}`),
    role: 'exit',
    side: oppositeSide(config.side),
    amountBase: null,
    strategy: 'MARKET',
    priceQuote: null,
    chaser: null,
    positionAction: 'CLOSE',
    activationBounds: [],
    guardedBy: null,
    parentId: config.id,
    firstRunId: runId,
    arm: { ...arm, entrySide: config.side, predecessors },
  };
}
