import type { PaperControlClient } from '../../src/paper/control-client.js';
import type { FaultInput } from '../../src/paper/control/schemas.js';
import type { RandomChoice } from './random-choice.js';

/** Kinds of trouble a storm is made of; a run can be told to leave some out, to find which one a difference needs. */
export const FAULT_GROUPS = ['workers', 'restarts', 'answers', 'limits', 'streams', 'retention'] as const;
export type FaultGroup = (typeof FAULT_GROUPS)[number];

/** One trouble of the exchange: how it begins, and how it ends. */
export interface ExchangeFault {
  readonly name: string;
  readonly group: FaultGroup;
  begin(paper: PaperControlClient, random: RandomChoice): Promise<() => Promise<unknown>>;
}

/** Where orders of spot, of perpetuals, and stops of perpetuals go. */
const ORDER_ROUTES = ['/api/v3/order', '/api/v3/order', '/fapi/v1/order', '/fapi/v1/algoOrder'] as const;
/** Requests that change something; a fault of a share of them leaves the others be. */
const METHODS = ['POST', 'DELETE'] as const;

/** Troubles of the exchange that end when they are told to. Delays stay below what a request is given. */
export const EXCHANGE_FAULTS: readonly ExchangeFault[] = [
  ...armed('answers', {
    'requests-dropped': (random) => ({ kind: 'drop-before-commit', method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'answers-dropped': (random) => ({ kind: 'drop-after-commit', method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'requests-hang': (random) => ({ kind: 'hang-before-commit', method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'answers-hang': (random) => ({ kind: 'hang-after-commit', method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'answers-cut': (random) => ({ kind: 'cut-body-after-commit', method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'answers-stall': (random) => ({ kind: 'stall-body-after-commit', method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'gateway-before-commit': (random) => ({ kind: 'status-before-commit', status: random.of([502, 503, 504, 524]) }),
    'gateway-after-commit': (random) => ({ kind: 'status-after-commit', status: random.of([500, 502, 503, 504]), method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'a-page-instead': () => ({ kind: 'status-after-commit', status: 200, body: '<html><body>please wait</body></html>' }),
    'unknown-by-the-exchange': (random) => ({ kind: 'code-after-commit', code: random.of([-1006, -1007]), method: random.of(METHODS), route: random.of(ORDER_ROUTES) }),
    'slow-before-commit': (random) => ({ kind: 'delay-before-commit', delayMs: random.whole(100, 1_500) }),
    'slow-after-commit': (random) => ({ kind: 'delay-after-commit', delayMs: random.whole(100, 1_500) }),
    'reads-lag': (random) => ({ kind: 'read-lag', lagMs: random.whole(200, 1_200) }),
    'clock-wrong': (random) => ({ kind: 'clock-skew', skewMs: random.of([-5_000, 5_000]) }),
    maintenance: () => ({ kind: 'maintenance' }),
  }),
  ...armed('limits', {
    'too-many-requests': () => ({ kind: 'status-before-commit', status: 429, retryAfterSeconds: 1 }),
    'address-banned': (random) => ({ kind: 'ban', banMs: random.whole(500, 3_000), of: 'address', count: 1 }),
    'account-banned': (random) => ({ kind: 'ban', banMs: random.whole(500, 3_000), of: 'account', count: 1 }),
  }),
  ...armed('streams', {
    'frames-lost': (random) => ({ kind: 'frames-lost', scope: scope(random) }),
    'frames-duplicated': (random) => ({ kind: 'frames-duplicated', scope: scope(random) }),
    'frames-reordered': (random) => ({ kind: 'frames-reordered', scope: scope(random) }),
    'frames-late': (random) => ({ kind: 'frames-delayed', delayMs: random.whole(100, 2_000), scope: scope(random) }),
  }),
  fault('streams', 'sockets-cut', async (paper, random) => {
    await paper.killSockets({ scope: scope(random), refuseMs: random.whole(0, 5_000) });
    return nothing;
  }),
  fault('streams', 'sockets-hang', async (paper, random) => {
    await paper.stallSockets({ scope: scope(random) });
    return nothing;
  }),
  fault('streams', 'sockets-recycled', async (paper, random) => {
    await paper.setSocketLifetime({ scope: 'all', maxAgeMs: random.whole(1_000, 4_000) });
    return () => paper.setSocketLifetime({ scope: 'all', maxAgeMs: null });
  }),
  fault('streams', 'user-stream-ended', async (paper) => {
    await paper.terminateUserData();
    return nothing;
  }),
  fault('retention', 'unfilled-forgotten', async (paper, random) => {
    await paper.setRetention({ forget: 'unfilled', afterMs: random.whole(20_000, 60_000), answer: random.of(['unknown', 'archived']) });
    return () => paper.setRetention({ forget: 'nothing' });
  }),
];

function armed(group: FaultGroup, kinds: Readonly<Record<string, (random: RandomChoice) => FaultInput>>): readonly ExchangeFault[] {
  return Object.entries(kinds).map(([name, inputOf]) =>
    fault(group, name, async (paper, random) => {
      const input = { count: null, share: random.of([0.2, 0.5, 1]), seed: random.whole(0, 1_000_000), ...inputOf(random) };
      const { id } = await paper.armFault(input);
      return () => paper.clearFault(id);
    }),
  );
}

function fault(group: FaultGroup, name: string, begin: ExchangeFault['begin']): ExchangeFault {
  return { name, group, begin };
}

function scope(random: RandomChoice): 'public' | 'user' | 'all' {
  return random.of(['public', 'user', 'all'] as const);
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
