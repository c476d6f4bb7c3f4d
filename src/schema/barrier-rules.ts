import { Decimal } from 'decimal.js';
import type { Side } from '../domain/enumerations.js';

interface BarrierFields {
  readonly stop_loss?: string | undefined;
  readonly take_profit?: string | undefined;
  readonly trailing_stop?: { readonly activation_price: string } | null | undefined;
  readonly targets?: readonly { readonly distance: string; readonly share: string }[] | null | undefined;
  readonly breakeven_after_target?: number | undefined;
  readonly exchange_stop?: { readonly distance: string } | null | undefined;
}

export interface BrokenRule {
  /** Below `triple_barrier_config`. */
  readonly path: (string | number)[];
  readonly message: string;
}

/** What no field says alone: barriers that contradict each other, or that no price can reach. */
export function brokenBarrierRules(barriers: BarrierFields, side: Side): readonly BrokenRule[] {
  return [...unreachable(barriers, side), ...brokenTargets(barriers), ...brokenBreakeven(barriers), ...brokenExchangeStop(barriers)];
}

function unreachable(barriers: BarrierFields, side: Side): readonly BrokenRule[] {
  if (side !== 'SELL') return [];
  const profits: readonly [path: (string | number)[], fraction: string | undefined][] = [
    [['take_profit'], barriers.take_profit],
    [['trailing_stop', 'activation_price'], barriers.trailing_stop?.activation_price],
    ...(barriers.targets ?? []).map((target, index): [(string | number)[], string] => [['targets', index, 'distance'], target.distance]),
  ];
  return profits
    .filter(([, fraction]) => fraction !== undefined && new Decimal(fraction).gte(1))
    .map(([path]) => ({ path, message: 'must be below 1 for SELL: a price cannot fall below zero' }));
}

function brokenTargets({ targets, take_profit }: BarrierFields): readonly BrokenRule[] {
  if (targets === null || targets === undefined || targets.length === 0) return [];
  const broken: BrokenRule[] = [];
  if (take_profit !== undefined) broken.push({ path: ['targets'], message: 'must not stand beside take_profit, which is one target for the whole position' });
  for (const [index, target] of targets.entries()) {
    const before = targets[index - 1];
    if (before !== undefined && new Decimal(target.distance).lte(before.distance)) {
      broken.push({ path: ['targets', index, 'distance'], message: `must be above the distance ${before.distance} of the target before it: nearest first` });
    }
  }
  const total = targets.reduce((sum, target) => sum.plus(target.share), new Decimal(0));
  if (total.gt(1)) broken.push({ path: ['targets'], message: `must have shares of at most 1 together, they are ${total.toFixed()}` });
  return broken;
}

function brokenBreakeven({ targets, breakeven_after_target }: BarrierFields): readonly BrokenRule[] {
  if (breakeven_after_target === undefined) return [];
  const count = targets?.length ?? 0;
  if (count === 0) return [{ path: ['breakeven_after_target'], message: 'must name one of targets, and there are none' }];
  return breakeven_after_target > count ? [{ path: ['breakeven_after_target'], message: `must name one of the ${count} targets, counted from 1` }] : [];
}

/** A native stop nearer than our own would fire first, blind to everything the other barriers look at. */
function brokenExchangeStop({ exchange_stop, stop_loss }: BarrierFields): readonly BrokenRule[] {
  if (exchange_stop === null || exchange_stop === undefined || stop_loss === undefined) return [];
  if (new Decimal(exchange_stop.distance).gt(stop_loss)) return [];
  return [{ path: ['exchange_stop', 'distance'], message: `must be above stop_loss ${stop_loss}: it is the net below the stop, not the stop` }];
}
