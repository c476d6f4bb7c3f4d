import { describe, expect, it } from 'vitest';
import { sweepCutExecutors, sweepOrphans } from '../../activities/ownership/sweep-orphans.js';
import type { AccountServices } from '../../activities/session/account-services.js';
import type { CutExecutor } from '../../src/contract/cut-executor.js';
import { twapConfig } from '../executors/running-stack.js';
import { SessionMemory } from '../../activities/session/session-memory.js';
import { SessionRegistry } from '../../activities/session/session-registry.js';
import { ScriptedLink } from './scripted-link.js';
import { ScriptedSession } from './scripted-session.js';

const OLD_MS = 60_000;

/** An account whose exchange lists some open orders; ids are `x` + root + number, as far as they are ours. */
function account(openOrders: readonly { readonly id: string; readonly ageMs: number }[] = []): { services: AccountServices; link: ScriptedLink; registry: SessionRegistry; cancelled: string[] } {
  const link = new ScriptedLink();
  const registry = new SessionRegistry(new SessionMemory());
  const cancelled: string[] = [];
  const quiet = (): void => undefined;
  const services = {
    connector: 'exchange',
    account: 'main',
    workflows: link,
    registry,
    lease: { lost: false },
    logger: { info: quiet, warn: quiet, error: quiet },
    isOurs: (id: string) => id.startsWith('x'),
    rootPrefix: (rootId: string) => `x${rootId.padEnd(3, '0').slice(0, 3)}`,
    orders: { isWatched: (id: string) => id.endsWith('watched') },
    exchange: {
      openOrders: async () => openOrders.map(({ id, ageMs }) => ({ clientOrderId: id, pair: 'BTC-USDT', exchangeOrderId: '1', createdAtMs: Date.now() - ageMs })),
      cancel: async ({ clientOrderId }: { clientOrderId: string }) => cancelled.push(clientOrderId),
    },
  };
  return { services: services as unknown as AccountServices, link, registry, cancelled };
}

describe('a sweep of open orders', () => {
  it('cancels those of ours that nobody runs for, and no others', async () => {
    const { services, link, cancelled } = account([
      { id: 'xabc-1', ageMs: OLD_MS },
      { id: 'xrun-1', ageMs: OLD_MS },
      { id: 'xabc-watched', ageMs: OLD_MS },
      { id: 'xabc-young', ageMs: 1_000 },
      { id: 'somebody else', ageMs: OLD_MS },
    ]);
    link.roots = [{ rootId: 'run', rootCreatedAtMs: 1 }];
    await sweepOrphans(services);
    expect(cancelled).toEqual(['xabc-1']);
  });

  it('touches nothing while nobody tells who runs', async () => {
    const { services, link, cancelled } = account([{ id: 'xabc-1', ageMs: OLD_MS }]);
    link.roots = null;
    await sweepOrphans(services);
    expect(cancelled).toEqual([]);
  });
});

describe('a sweep of sessions', () => {
  it('ends an entry whose executor is gone, keeps its exit armed and asks for attention once', async () => {
    const { services, link, registry } = account();
    const [entry, exit] = [new ScriptedSession('root/entry/1', { parentId: 'root' }), new ScriptedSession('root/exit/1', { parentId: 'root', protects: ['root/entry/1'] })];
    registry.add(entry.asSession);
    registry.add(exit.asSession);
    link.statuses.set('root', 'closed');
    await sweepOrphans(services);
    await sweepOrphans(services);
    expect(new Set(entry.commands)).toEqual(new Set(['cancel: its executor is gone']));
    expect(exit.commands).toEqual([]);
    expect(link.sent.map(({ workflowId, name, payload }) => [workflowId, name, (payload as { code: string }).code])).toEqual([['root/exit/1', 'attention', 'EXECUTOR_GONE']]);
  });

  it.each(['closed', 'missing'] as const)('ends an order whose own workflow is %s, and tells the executor above', async (status) => {
    const { services, link, registry } = account();
    const [order, exit] = [new ScriptedSession('order'), new ScriptedSession('root/exit/1', { parentId: 'root', protects: [] })];
    registry.add(order.asSession);
    registry.add(exit.asSession);
    link.statuses.set('order', status);
    link.statuses.set('root/exit/1', status);
    await sweepOrphans(services);
    await sweepOrphans(services);
    expect(order.commands).toEqual(['cancel: workflow gone']);
    expect(exit.commands).toEqual([]);
    expect(link.sent.map(({ workflowId, name }) => [workflowId, name])).toEqual([['root', 'leg_lost']]);
  });

  it('leaves alone what runs, what ended, and everything while the server is silent', async () => {
    const { services, link, registry } = account();
    const sessions = ['runs', 'ended', 'silent'].map((id) => new ScriptedSession(id, { parentId: 'root' }));
    for (const session of sessions) registry.add(session.asSession);
    const [, ended] = sessions;
    if (ended !== undefined) ended.ended = true;
    link.statuses.set('ended', 'closed');
    link.statuses.set('silent', 'unreachable');
    link.statuses.set('root', 'unreachable');
    await sweepOrphans(services);
    expect(sessions.flatMap((session) => session.commands)).toEqual([]);
  });
});

describe('a sweep of executors that were ended from outside', () => {
  const totals = { filledBase: '1', filledQuote: '100', feesBase: '0', feesQuote: '0', feesByAsset: {}, fillCount: 1, firstFillAtMs: 1, lastFillAtMs: 1 };
  const cut = (id: string): CutExecutor => ({ config: twapConfig({ id }), inventory: [{ side: 'BUY', totals, positionSide: null }], fundingQuote: '0', closedAtMs: 2 });

  async function swept(prepare: (parts: ReturnType<typeof account>) => void, times = 1): Promise<readonly string[]> {
    const parts = account();
    const handedOver: string[] = [];
    const services = { ...parts.services, handOverCut: async ({ config }: CutExecutor) => void handedOver.push(config.id) };
    parts.link.cut = [cut('root')];
    parts.link.statuses.set('root', 'closed');
    prepare(parts);
    const done = new Set<string>();
    for (let time = 0; time < times; time += 1) await sweepCutExecutors(services, done);
    return handedOver;
  }

  it('hands over what they had filled, once', async () => {
    expect(await swept(() => undefined, 3)).toEqual(['root']);
  });

  it.each<[string, (parts: ReturnType<typeof account>) => void]>([
    ['an order of it still runs', ({ link }) => void (link.roots = [{ rootId: 'root', rootCreatedAtMs: 1 }])],
    ['a session of it is still at work', ({ registry }) => registry.add(new ScriptedSession('root/slice/1', { parentId: 'root' }).asSession)],
    ['its workflow goes on in another run', ({ link }) => void link.statuses.set('root', 'running')],
    ['nobody tells who runs', ({ link }) => void (link.roots = null)],
    ['nobody tells who was ended', ({ link }) => void (link.cut = null)],
    ['the server is silent', ({ link }) => void link.statuses.set('root', 'unreachable')],
  ])('leaves them alone while %s', async (_why, prepare) => {
    expect(await swept(prepare)).toEqual([]);
  });

  it('takes up again what could not be handed over', async () => {
    const { services, link } = account();
    link.cut = [cut('root')];
    link.statuses.set('root', 'closed');
    let tries = 0;
    const handOverCut = async (): Promise<void> => {
      tries += 1;
      if (tries === 1) throw new Error('the archive is locked');
    };
    const done = new Set<string>();
    for (let time = 0; time < 3; time += 1) await sweepCutExecutors({ ...services, handOverCut }, done);
    expect(tries).toBe(2);
  });
});
