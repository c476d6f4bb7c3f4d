import { describe, expect, it } from 'vitest';
import { SessionMemory } from '../../activities/session/session-memory.js';
import { SessionRegistry } from '../../activities/session/session-registry.js';
import { DETAILS, ScriptedSession, pathOf } from './scripted-session.js';

describe('the sessions of a process', () => {
  it('are found by their workflow, and a later one of the same workflow is not removed with the earlier', () => {
    const registry = new SessionRegistry(new SessionMemory());
    const [first, second] = [new ScriptedSession('a'), new ScriptedSession('a')];
    registry.add(first.asSession);
    registry.add(second.asSession);
    registry.remove(first.asSession);
    expect(registry.get('a')).toBe(second.asSession);
    registry.remove(second.asSession);
    expect(registry.get('a')).toBeNull();
  });

  it('count as working until they end', () => {
    const registry = new SessionRegistry(new SessionMemory());
    const [one, other] = [new ScriptedSession('a'), new ScriptedSession('b')];
    registry.add(one.asSession);
    registry.add(other.asSession);
    one.ended = true;
    expect([registry.working, registry.all().length]).toEqual([1, 2]);
  });

  it('are stopped at once, or the moment they begin', () => {
    const registry = new SessionRegistry(new SessionMemory());
    const here = new ScriptedSession('here');
    registry.add(here.asSession);
    registry.requestStop('here', 'its exit fired');
    registry.requestStop('later', 'its exit fired');
    const later = new ScriptedSession('later');
    registry.add(later.asSession);
    expect([here.commands, later.commands]).toEqual([['cancel: its exit fired'], ['cancel: its exit fired']]);
    // Asked for once: a session that comes back under this id is another one.
    const again = new ScriptedSession('later');
    registry.add(again.asSession);
    expect(again.commands).toEqual([]);
  });

  it('that asked for a stop ahead take it with them', () => {
    const registry = new SessionRegistry(new SessionMemory());
    const exit = new ScriptedSession('exit/2', { protects: ['entry/1'], predecessors: ['exit/1'] });
    registry.add(exit.asSession);
    registry.requestStop('entry/1', 'closing');
    registry.requestStop('exit/1', 'closing');
    registry.remove(exit.asSession);
    const [entry, predecessor] = [new ScriptedSession('entry/1'), new ScriptedSession('exit/1', { protects: ['entry/1'] })];
    registry.add(entry.asSession);
    registry.add(predecessor.asSession);
    expect([entry.commands, predecessor.commands]).toEqual([[], []]);
  });

  it('protect what their plan names, whichever exit it is by now', () => {
    const registry = new SessionRegistry(new SessionMemory());
    const [first, second] = [new ScriptedSession('exit/1', { protects: ['entry/1'] }), new ScriptedSession('exit/2', { protects: ['entry/1'] })];
    const seen: unknown[] = [];
    registry.watch('entry/1', () => seen.push(registry.exitsOf('entry/1')));
    expect(registry.exitsOf('entry/1')).toEqual({ present: false, armed: false });
    registry.add(first.asSession);
    first.ended = true;
    registry.changed(first.asSession);
    second.armed = false;
    registry.add(second.asSession);
    second.armed = true;
    registry.changed(second.asSession);
    registry.remove(first.asSession);
    registry.remove(second.asSession);
    expect(seen).toEqual([
      { present: true, armed: true },
      { present: false, armed: false },
      { present: true, armed: false },
      { present: true, armed: true },
      { present: true, armed: true },
      { present: false, armed: false },
    ]);
  });

  it('are watched until the watcher leaves', () => {
    const registry = new SessionRegistry(new SessionMemory());
    const session = new ScriptedSession('a');
    let heard = 0;
    const leave = registry.watch('a', () => (heard += 1));
    registry.add(session.asSession);
    registry.changed(session.asSession);
    leave();
    registry.remove(session.asSession);
    expect(heard).toBe(2);
  });

  it('all end with the lease, forget the stops asked for, and leave what they knew', () => {
    const memory = new SessionMemory();
    const registry = new SessionRegistry(memory);
    const exit = new ScriptedSession('exit/1', { protects: ['entry/1'] });
    exit.knows = { ...DETAILS, trailingTrigger: '0.02' };
    registry.add(exit.asSession);
    registry.requestStop('entry/1', 'closing');
    registry.abandonAll();
    expect([exit.abandoned, registry.all(), registry.exitsOf('entry/1').present]).toEqual([true, [], false]);
    expect(memory.take(pathOf('exit/1'), null)?.trailingTrigger).toBe('0.02');
    const entry = new ScriptedSession('entry/1');
    registry.add(entry.asSession);
    expect(entry.commands).toEqual([]);
  });
});

describe('what sessions of a lost lease knew', () => {
  it('is taken once, by the same order only', () => {
    const memory = new SessionMemory();
    memory.keep(pathOf('a'), DETAILS);
    expect(memory.take({ ...pathOf('a'), rootCreatedAtMs: 2_000 }, null)).toBeNull();
    expect(memory.take(pathOf('a'), null)).toEqual(DETAILS);
    expect(memory.take(pathOf('a'), null)).toBeNull();
    expect(memory.take(pathOf('a'), DETAILS)).toEqual(DETAILS);
  });

  it('adds to what the heartbeat told: the later, the higher, and a decision once taken', () => {
    const memory = new SessionMemory();
    const goal = { kind: 'close', sinceMs: 50 } as const;
    memory.keep(pathOf('a'), { ...DETAILS, atMs: 60, nextSequence: 3, retries: 1, goal, trailingTrigger: '0.0105' });
    const told = { ...DETAILS, atMs: 40, nextSequence: 5, retries: 0, trailingTrigger: '0.0099', breakeven: true };
    expect(memory.take(pathOf('a'), told)).toEqual({ ...DETAILS, atMs: 60, nextSequence: 5, retries: 1, goal, trailingTrigger: '0.0105', breakeven: true });
  });

  it('never moves a trailing stop back', () => {
    const memory = new SessionMemory();
    memory.keep(pathOf('a'), { ...DETAILS, trailingTrigger: '0.009' });
    expect(memory.take(pathOf('a'), { ...DETAILS, trailingTrigger: '0.01' })?.trailingTrigger).toBe('0.01');
    memory.keep(pathOf('a'), { ...DETAILS, trailingTrigger: '-0.02' });
    expect(memory.take(pathOf('a'), { ...DETAILS, trailingTrigger: '-0.03' })?.trailingTrigger).toBe('-0.02');
  });

  it('is bounded: the oldest are forgotten', () => {
    const memory = new SessionMemory();
    for (let index = 0; index <= 10_000; index += 1) memory.keep(pathOf(`s${index}`), DETAILS);
    expect(memory.take(pathOf('s0'), null)).toBeNull();
    expect(memory.take(pathOf('s1'), null)).toEqual(DETAILS);
  });
});
