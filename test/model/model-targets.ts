import type { Side } from '../../src/domain/enumerations.js';
import { targetsOf } from '../../src/domain/targets.js';
import type { ModelSession } from './model-session.js';
import type { RuleNumbers } from './schedule-scenario.js';
import type { ModelWorld } from './model-world.js';

/** Shares and distances are counted in these. */
const PARTS = 1000;

export interface ModelTarget {
  readonly type: 'MARKET' | 'LIMIT' | 'LIMIT_MAKER';
  readonly lots: number;
  readonly mergedInto: number | null;
}

/** What each target closes, in lots, by the exchange's books alone. */
export function modelTargets(world: ModelWorld, session: ModelSession): readonly ModelTarget[] {
  const { arm } = session.plan;
  if (arm === null) return [];
  const targets = targetsOf(arm.barriers).map((target) => ({
    type: target.orderType,
    share: target.shareFraction.times(PARTS).toNumber(),
    distance: target.distanceFraction.times(PARTS).toNumber(),
  }));
  const closable = world.checks.sends.closableLots();
  const entry = entryMoney(world);
  const trades = (lots: number, distance: number): boolean => tradesAt(lots, distance, entry, world.scenario.side, world.scenario.limits);
  const full = targets.reduce((sum, target) => sum + target.share, 0) >= PARTS;
  let share = 0;
  let before = 0;
  const lots = targets.map((target, index) => {
    share += target.share;
    const upTo = full && index === targets.length - 1 ? closable : Math.floor((closable * share) / PARTS);
    const own = upTo - before;
    before = upTo;
    return own;
  });
  return merged(targets, lots, trades);
}

function merged(
  targets: readonly { readonly type: ModelTarget['type']; readonly distance: number }[],
  lots: number[],
  trades: (lots: number, distance: number) => boolean,
): readonly ModelTarget[] {
  const mergedInto: (number | null)[] = targets.map(() => null);
  const give = (from: number, to: number): void => {
    if (from === to) return;
    lots[to] = (lots[to] ?? 0) + (lots[from] ?? 0);
    lots[from] = 0;
    mergedInto[from] = to + 1;
  };
  let small: number[] = [];
  targets.forEach((target, index) => {
    const together = small.reduce((sum, from) => sum + (lots[from] ?? 0), lots[index] ?? 0);
    if (!trades(together, target.distance)) {
      small.push(index);
      return;
    }
    for (const from of small) give(from, index);
    small = [];
  });
  const first = small[0] ?? null;
  if (first !== null) for (const from of small) give(from, first > 0 ? first - 1 : targets.length - 1);
  return targets.map(({ type }, index) => ({ type, lots: lots[index] ?? 0, mergedInto: mergedInto[index] ?? null }));
}

export function tradesAt(lots: number, distance: number, entry: { readonly lots: number; readonly lotTicks: number }, side: Side, limits: RuleNumbers): boolean {
  if (lots <= 0 || lots < limits.minLots || entry.lots === 0) return false;
  const factor = side === 'BUY' ? PARTS + distance : PARTS - distance;
  return lots * entry.lotTicks * factor >= limits.minLotTicks * entry.lots * PARTS;
}

export function entryMoney(world: ModelWorld): { readonly lots: number; readonly lotTicks: number } {
  let lots = 0;
  let lotTicks = 0;
  for (const order of world.exchange.orders) {
    if (order.intent.slot !== world.entry?.slot) continue;
    for (const trade of order.trades) {
      lots += trade.lots;
      lotTicks += trade.lots * trade.ticks;
    }
  }
  return { lots, lotTicks };
}

/** Lots closed of each target: its own orders', and those of earlier exits and of what exceeds a share, nearest first. */
export function closedLots(world: ModelWorld, session: ModelSession, targets: readonly ModelTarget[]): readonly number[] {
  const own = targets.map(() => 0);
  let spare = 0;
  for (const order of world.exchange.orders) {
    if (!world.exits.some((exit) => exit.slot === order.intent.slot)) continue;
    const index = order.intent.slot === session.slot && order.intent.purpose === 'takeProfit' ? (order.intent.sequence % 8) - 1 : -1;
    if (index < 0) spare += order.filledLots;
    else own[index] = (own[index] ?? 0) + order.filledLots;
  }
  const counted = own.map((lots, index) => {
    const share = targets[index]?.lots ?? 0;
    spare += Math.max(0, lots - share);
    return Math.min(lots, share);
  });
  return counted.map((lots, index) => {
    const room = Math.min(spare, (targets[index]?.lots ?? 0) - lots);
    spare -= room;
    return lots + room;
  });
}
