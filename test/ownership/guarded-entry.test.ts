import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AccountServices } from '../../activities/session/account-services.js';
import type { OrderSession } from '../../activities/session/order-session.js';
import { RelatedSessions } from '../../activities/session/related-sessions.js';
import { SessionMemory } from '../../activities/session/session-memory.js';
import { SessionRegistry } from '../../activities/session/session-registry.js';
import { ScriptedLink } from './scripted-link.js';
import { ScriptedSession, pathOf } from './scripted-session.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An entry that is guarded by `exit/1`, and what it hears about that. */
function guardedEntry(): { registry: SessionRegistry; link: ScriptedLink; armed: () => boolean[]; commands: string[] } {
  const link = new ScriptedLink();
  const registry = new SessionRegistry(new SessionMemory());
  const heard: boolean[] = [];
  const commands: string[] = [];
  const entry = {
    plan: { path: pathOf('entry/1'), arm: null, guardedBy: 'exit/1', pair: 'BTC-USDT' },
    dispatch: (event: { kind: string; armed: boolean }) => heard.push(event.armed),
    command: ({ kind, reason }: { kind: string; reason: string }) => commands.push(`${kind}: ${reason}`),
  };
  const quiet = (): void => undefined;
  const services = { registry, workflows: link, grantedAtMs: 0, logger: { info: quiet, warn: quiet, error: quiet } };
  new RelatedSessions(entry as unknown as OrderSession, services as unknown as AccountServices).start();
  return { registry, link, armed: () => heard, commands };
}

const exit = (counter: number): ScriptedSession => new ScriptedSession(`exit/${counter}`, { protects: ['entry/1'] });

it('an entry may send while an exit of its own is armed, also one that took over', () => {
  const { registry, armed } = guardedEntry();
  const [first, second] = [exit(1), exit(2)];
  registry.add(first.asSession);
  first.ended = true;
  registry.changed(first.asSession);
  registry.add(second.asSession);
  registry.remove(first.asSession);
  expect(armed()).toEqual([true, false, true]);
});

it('an entry ends when its exit is gone and no other came', async () => {
  const { registry, link, commands } = guardedEntry();
  const first = exit(1);
  registry.add(first.asSession);
  link.statuses.set('exit/1', 'closed');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(commands).toEqual([]);
  registry.remove(first.asSession);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(commands).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(commands).toEqual(['cancel: its exit is gone']);
});

it('an entry goes on under the exit that took over, and while nobody can be asked', async () => {
  const { registry, link, commands } = guardedEntry();
  link.statuses.set('exit/1', 'unreachable');
  await vi.advanceTimersByTimeAsync(120_000);
  link.statuses.set('exit/1', 'closed');
  await vi.advanceTimersByTimeAsync(1_000);
  registry.add(exit(2).asSession);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(commands).toEqual([]);
});
