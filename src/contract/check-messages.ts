import type { ExecutorClosed } from './activities.js';
import type { ClearPosition } from './controller.js';
import type { AttentionReport, FillReport, FundingSettled, LegEnded, LegLost, LegProgress, LevelCommand, LevelTold, SessionCommand } from './messages.js';
import type { PositionSide } from './position-side.js';
import { LIMITS } from '../domain/limits.js';
import type { FillTotalsRecord, SessionResult, TriggerEvidence } from './session-result.js';

/**
 * Signals can be sent by anybody with the Temporal CLI, and a payload that a workflow cannot read would stop it for good,
 * because it is in its history. So every one is checked before it is used; what is malformed is ignored and told of.
 */
export type Check<News> = (value: unknown) => value is News;

const DECIMAL = /^-?\d{1,60}(\.\d{1,60})?$/;
const TRIGGERS: ReadonlySet<unknown> = new Set(['STOP_LOSS', 'TAKE_PROFIT', 'TRAILING_STOP', 'TIME_LIMIT', 'COMMAND', 'LIQUIDATION']);
const SIDES: ReadonlySet<unknown> = new Set(['BUY', 'SELL']);

type Fields = Readonly<Record<string, unknown>>;

export const isFillReport: Check<FillReport> = (value): value is FillReport =>
  isFields(value) && Number.isSafeInteger(value['sequence']) && isTotals(value['totals']) && Array.isArray(value['openOrders']) && value['openOrders'].length <= LIMITS.maxOpenOrdersTold && value['openOrders'].every(isOpenOrder) && orNull(isTrigger)(value['trigger'] ?? null);

export const isAttentionReport: Check<AttentionReport> = (value): value is AttentionReport =>
  isFields(value) && isText(value['code']) && orNull(isText)(value['message'] ?? null) && isNumber(value['atMs']);

export const isFundingSettled: Check<FundingSettled> = (value): value is FundingSettled => isFields(value) && isNumber(value['atMs']);

export const isSessionCommand: Check<SessionCommand> = (value): value is SessionCommand =>
  isFields(value) && isText(value['reason']) && (value['kind'] === 'fire' || (value['kind'] === 'cancel' && (value['afterFills'] === undefined || typeof value['afterFills'] === 'boolean')) || (value['kind'] === 'amend' && Number.isSafeInteger(value['sequence']) && isChanges(value['changes'])) || (value['kind'] === 'told' && isTotals(value['totals']) && typeof value['finished'] === 'boolean'));

export const isLegProgress: Check<LegProgress> = (value): value is LegProgress => isFields(value) && isText(value['leg']) && isFillReport(value['report']);

export const isLegLost: Check<LegLost> = (value): value is LegLost => isFields(value) && isText(value['leg']) && isText(value['reason']);

export const isLegEnded: Check<LegEnded> = (value): value is LegEnded => isFields(value) && isText(value['leg']) && isSessionResult(value['result']);

export const isExecutorClosed: Check<ExecutorClosed> = (value): value is ExecutorClosed =>
  isFields(value) &&
  [value['executorId'], value['executorType'], value['closeType']].every(isText) &&
  [value['netPnlQuote'], value['feesQuote'], value['volumeQuote']].every(isDecimal) &&
  isNumber(value['closedAtMs']) &&
  orNull(isHold)(value['hold'] ?? null);

export const isClearPosition: Check<ClearPosition> = (value): value is ClearPosition =>
  isFields(value) && [value['account'], value['connector'], value['pair']].every(isText) && orNull(isPositionSide)(value['positionSide'] ?? null) && Number.isSafeInteger(value['executorCount']);

export function isSessionResult(value: unknown): value is SessionResult {
  return (
    isFields(value) &&
    isEnd(value['end']) &&
    isTotals(value['totals']) &&
    Array.isArray(value['orders']) &&
    value['orders'].every(isOrder) &&
    isNumber(value['retries']) &&
    orNull(isTrigger)(value['trigger']) &&
    orNull(isTotals)(value['protectedTotals']) &&
    (value['protectedParts'] === undefined || (Array.isArray(value['protectedParts']) && value['protectedParts'].every(isPart))) &&
    isDecimal(value['residueBase']) &&
    isFields(value['unvaluedFees']) &&
    Object.values(value['unvaluedFees']).every(isDecimal) &&
    isNumber(value['endedAtMs'])
  );
}

function isPart(value: unknown): boolean {
  return isFields(value) && isText(value['workflowId']) && isTotals(value['totals']);
}

export const isLevelTold: Check<LevelTold> = (value): value is LevelTold =>
  isFields(value) && [value['levelIndex'], value['cycle'], value['sequence']].every(Number.isSafeInteger) && isTotals(value['entry']) && isTotals(value['exits']) && typeof value['entryOut'] === 'boolean' && orNull(isFunded)(value['funded']) && orNull(isLevelEnd)(value['ended']);

function isLevelEnd(value: unknown): boolean {
  return isFields(value) && orNull(isText)(value['refusal']) && Array.isArray(value['orders']) && value['orders'].every(isOrder) && isNumber(value['retries']) && isFields(value['unvaluedFees']) && Object.values(value['unvaluedFees']).every(isDecimal);
}

function isSide(value: unknown): boolean {
  return value === 'BUY' || value === 'SELL';
}

function isFunded(value: unknown): boolean {
  if (!isFields(value) || !Array.isArray(value['legs']) || !Array.isArray(value['liquidated'])) return false;
  const isLeg = (leg: unknown): boolean => isFields(leg) && isFields(leg['path']) && isSide(leg['side']) && isTotals(leg['totals']);
  return value['legs'].every(isLeg) && value['liquidated'].every((part) => isFields(part) && isSide(part['side']) && isDecimal(part['amountBase']) && isNumber(part['atMs']));
}

export const isLevelCommand: Check<LevelCommand> = (value): value is LevelCommand => isFields(value) && (value['kind'] === 'withdraw' || value['kind'] === 'stop' || value['kind'] === 'tell') && isText(value['reason']);

function isChanges(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { amountBase, priceQuote, barriers, exchangeStop, closing } = value;
  const isAmount = (amount: unknown): boolean => amount === undefined || isDecimal(amount);
  return [amountBase, priceQuote].every(isAmount) && (barriers === undefined || isBarriers(barriers)) && (exchangeStop === undefined || orNull(isExchangeStop)(exchangeStop)) && (closing === undefined || orNull(isClosing)(closing));
}

function isExchangeStop(value: unknown): boolean {
  return isFields(value) && isDecimal(value['distanceFraction']) && (value['triggeredBy'] === 'last' || value['triggeredBy'] === 'mark');
}

function isClosing(value: unknown): boolean {
  return (
    isFields(value) &&
    Array.isArray(value['patientFor']) &&
    value['patientFor'].every(isText) &&
    [value['limitMs'], value['chaseMs'], value['attentionAfterMs']].every(isNumber) &&
    [value['distanceFraction'], value['refreshThresholdFraction']].every(isDecimal)
  );
}

function isBarriers(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { trailingStop, targets } = value;
  return (
    [value['stopLossFraction'], value['takeProfitFraction']].every(orNull(isDecimal)) &&
    isText(value['takeProfitOrderType']) &&
    [value['timeLimitAtMs'], value['breakevenAfterTarget']].every(orNull(isNumber)) &&
    (trailingStop === null || (isFields(trailingStop) && [trailingStop['activationFraction'], trailingStop['deltaFraction']].every(isDecimal))) &&
    Array.isArray(targets) &&
    targets.every((target) => isFields(target) && [target['distanceFraction'], target['shareFraction']].every(isDecimal) && isText(target['orderType']))
  );
}

function isEnd(value: unknown): boolean {
  if (!isFields(value)) return false;
  switch (value['kind']) {
    case 'completed':
      return true;
    case 'stopped':
      return isText(value['reason']);
    case 'insufficientBalance':
    case 'failed':
      return isText(value['message']);
    default:
      return false;
  }
}

function isTrigger(value: unknown): value is TriggerEvidence {
  return (
    isFields(value) &&
    TRIGGERS.has(value['trigger']) &&
    isNumber(value['atMs']) &&
    orNull(isDecimal)(value['exitPriceQuote']) &&
    isTotals(value['protectedTotals']) &&
    orNull(isDecimal)(value['trailingTriggerFraction']) &&
    isDecimal(value['closedBase']) &&
    isNumber(value['amendment']) &&
    [value['breakeven'], value['exchangeStop']].every(isFlag)
  );
}

function isTotals(value: unknown): value is FillTotalsRecord {
  return (
    isFields(value) &&
    [value['filledBase'], value['filledQuote'], value['feesBase'], value['feesQuote']].every(isDecimal) &&
    isFields(value['feesByAsset']) &&
    Object.values(value['feesByAsset']).every(isDecimal) &&
    isNumber(value['fillCount'])
  );
}

function isHold(value: unknown): boolean {
  return isFields(value) && [value['connector'], value['account'], value['pair']].every(isText) && Array.isArray(value['orders']) && value['orders'].every(isOrder) && isDecimal(value['fundingQuote']) && orNull(isPositionSide)(value['positionSide'] ?? null);
}

function isPositionSide(value: unknown): value is PositionSide {
  return value === 'LONG' || value === 'SHORT';
}

function isOrder(value: unknown): boolean {
  return isFields(value) && isText(value['clientOrderId']) && SIDES.has(value['side']) && isTotals(value['totals']);
}

function isOpenOrder(value: unknown): boolean {
  return (
    isFields(value) &&
    [value['clientOrderId'], value['purpose'], value['type']].every(isText) &&
    SIDES.has(value['side']) &&
    isDecimal(value['amountBase']) &&
    [value['priceQuote'], value['triggerPriceQuote']].every(orNull(isDecimal))
  );
}

function orNull(check: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || check(value);
}

function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && DECIMAL.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1_000;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
