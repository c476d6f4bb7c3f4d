import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FaultRegistry } from '../../src/paper/faults/fault-registry.js';
import type { FaultDose, FrameFault, FrameSubject, RequestSubject } from '../../src/paper/faults/fault.js';
import { FrameFaults } from '../../src/paper/faults/frame-faults.js';

const DOSE: FaultDose = { skip: 0, count: null, share: 1, seed: 1 };
const FRAME: FrameSubject = { channel: 'user', method: 'FRAME', route: '/user-data', account: 'paper', symbol: 'BTCUSDT', clientOrderId: 'a' };
const REQUEST: RequestSubject = { channel: 'request', method: 'POST', route: '/api/v3/order', account: 'paper', symbol: 'BTCUSDT', clientOrderId: 'a' };

let registry: FaultRegistry;
let hits: number;
let frames: FrameFaults;
let arrived: number[];

beforeEach(() => {
  vi.useFakeTimers();
  hits = 0;
  registry = new FaultRegistry(() => (hits += 1));
  frames = new FrameFaults(registry);
  arrived = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const socket = {};

function send(count: number, subject = FRAME, to: object = socket): void {
  for (let frame = 1; frame <= count; frame += 1) frames.deliver(to, subject, () => arrived.push(frame));
}

function arm(fault: FrameFault, dose: Partial<FaultDose> = {}): void {
  registry.arm(fault, {}, { ...DOSE, ...dose });
}

describe('frames on their way', () => {
  test('arrive as they were sent when nothing is armed', () => {
    send(3);
    expect(arrived).toEqual([1, 2, 3]);
  });

  test('are lost, doubled and counted', () => {
    arm({ kind: 'frames-lost', scope: 'user' }, { skip: 1, count: 1 });
    arm({ kind: 'frames-duplicated', scope: 'all' }, { count: 1 });
    send(3);
    expect(arrived).toEqual([1, 1, 3]);
    expect(registry.list().map((fault) => [fault.hits, fault.remaining])).toEqual([[1, 0], [1, 0]]);
    expect(hits).toBe(0);
  });

  test('are overtaken by the next of their socket, and by none of another', () => {
    arm({ kind: 'frames-reordered', scope: 'user' }, { count: 1 });
    frames.deliver(socket, FRAME, () => arrived.push(1));
    frames.deliver({}, FRAME, () => arrived.push(9));
    frames.deliver(socket, FRAME, () => arrived.push(2));
    expect(arrived).toEqual([9, 2, 1]);
  });

  test('that nothing overtakes arrive all the same', () => {
    arm({ kind: 'frames-reordered', scope: 'user' }, { count: 1 });
    send(1);
    expect(arrived).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(arrived).toEqual([1]);
  });

  test('come late, in the order they were sent', () => {
    arm({ kind: 'frames-delayed', delayMs: 100, scope: 'user' }, { count: 2 });
    send(3);
    expect(arrived).toEqual([3]);
    vi.advanceTimersByTime(100);
    expect(arrived).toEqual([3, 1, 2]);
  });

  test('of the other scope, and requests, are left alone', () => {
    arm({ kind: 'frames-lost', scope: 'public' });
    send(2);
    expect(arrived).toEqual([1, 2]);
    expect(registry.strike(REQUEST)).toEqual([]);
    registry.arm({ kind: 'drop-before-commit' }, {}, DOSE);
    expect(registry.strikeFrame(FRAME)).toEqual([]);
    expect(registry.strike(REQUEST)).toEqual([{ kind: 'drop-before-commit' }]);
    expect(hits).toBe(1);
  });

  test('are all let through again when the faults are cleared', () => {
    arm({ kind: 'frames-lost', scope: 'all' });
    send(1);
    expect(registry.clear()).toBe(1);
    send(1);
    expect(arrived).toEqual([1]);
  });
});

test('a share of the requests is hit, the same ones for the same seed', () => {
  const struck = (seed: number): string => {
    const seeded = new FaultRegistry(() => undefined);
    seeded.arm({ kind: 'drop-after-commit' }, {}, { ...DOSE, share: 0.3, seed });
    return Array.from({ length: 200 }, () => String(seeded.strike(REQUEST).length)).join('');
  };
  expect(struck(1)).toBe(struck(1));
  expect(struck(1)).not.toBe(struck(2));
  const count = struck(1).replaceAll('0', '').length;
  expect(count).toBeGreaterThan(30);
  expect(count).toBeLessThan(90);
});
