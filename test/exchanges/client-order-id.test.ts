import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderPath } from '../../src/contract/order-plan.js';
import { clientOrderIdFor, type ClientOrderIdRender, isOurs, renderClientOrderId, rootPrefix } from '../../src/exchanges/client-order-id.js';

const path = fc.record({
  rootId: fc.string({ minLength: 1, maxLength: 30 }),
  rootCreatedAtMs: fc.integer({ min: 1, max: 4_000_000_000_000 }),
  path: fc.constantFrom('order', 'entry/1', 'entry/2', 'exit/1', 'exit/11', 'L3/1', 'L3/11'),
});
const order = fc.tuple(path, fc.integer({ min: 0, max: 100_000 }));

function pathOf(given: { rootId: string; rootCreatedAtMs: number; path: string }): OrderPath {
  return { ...given, workflowId: `${given.rootId}/${given.path}` };
}

const SHAPES: Readonly<Record<ClientOrderIdRender, RegExp>> = {
  text27: /^[a-su-z][0-9a-z]{26}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  hex128: /^0x[0-9a-f]{32}$/,
  u32: /^[1-9][0-9]{0,9}$/,
  u63: /^[1-9][0-9]{0,18}$/,
  u64: /^[1-9][0-9]{0,19}$/,
};
const BITS: Partial<Record<ClientOrderIdRender, bigint>> = { u32: 32n, u63: 63n, u64: 64n };

describe('client order ids', () => {
  it('differ whenever root, creation time, path or sequence differ, and are the same otherwise', () => {
    fc.assert(
      fc.property(fc.uniqueArray(order, { minLength: 2, maxLength: 40, selector: (entry) => JSON.stringify(entry) }), (orders) => {
        const ids = orders.map(([given, sequence]) => clientOrderIdFor(pathOf(given), sequence));
        expect(new Set(ids).size).toBe(orders.length);
        expect(orders.map(([given, sequence]) => clientOrderIdFor(pathOf({ ...given }), sequence))).toEqual(ids);
      }),
    );
  });

  it('never repeat over 100,000 orders of one executor', () => {
    const ids = new Set<string>();
    const given = pathOf({ rootId: '7YWHMfk9JZe', rootCreatedAtMs: 1_700_000_000_000, path: 'order' });
    for (let sequence = 0; sequence < 100_000; sequence += 1) ids.add(clientOrderIdFor(given, sequence));
    expect(ids.size).toBe(100_000);
  });

  it('carry the prefix of their root, and only theirs', () => {
    fc.assert(
      fc.property(order, path, ([given, sequence], other) => {
        const id = clientOrderIdFor(pathOf(given), sequence);
        expect(id.startsWith(rootPrefix(given.rootId, given.rootCreatedAtMs))).toBe(true);
        fc.pre(other.rootId !== given.rootId || other.rootCreatedAtMs !== given.rootCreatedAtMs);
        expect(id.startsWith(rootPrefix(other.rootId, other.rootCreatedAtMs))).toBe(false);
      }),
    );
  });

  it.each(Object.keys(SHAPES) as ClientOrderIdRender[])('%s is legal in form and size', (render) => {
    fc.assert(
      fc.property(order, ([given, sequence]) => {
        const id = clientOrderIdFor(pathOf(given), sequence, render);
        expect(id).toMatch(SHAPES[render]);
        expect(id).toBe(renderClientOrderId(clientOrderIdFor(pathOf(given), sequence), render));
        const bits = BITS[render];
        if (bits !== undefined) expect(BigInt(id) < 2n ** bits).toBe(true);
      }),
    );
  });

  it('are recognised, and ids of others are not', () => {
    fc.assert(
      fc.property(order, ([given, sequence]) => {
        expect(isOurs(clientOrderIdFor(pathOf(given), sequence))).toBe(true);
      }),
    );
    for (const foreign of ['', 'web_123', 'x-TKT5PX2F0123456789abcdefghij', 't2345678901234567890123456', 'D23456789012345678901234567', `d${'1'.repeat(25)}`, `d${'1'.repeat(27)}`]) {
      expect(isOurs(foreign)).toBe(false);
    }
  });

  it('refuse a sequence that is not a whole number from 0 on', () => {
    const given = pathOf({ rootId: 'r', rootCreatedAtMs: 1, path: 'order' });
    for (const sequence of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => clientOrderIdFor(given, sequence)).toThrow(/sequence/);
  });

  it('do not change between versions: running executors count on it', () => {
    const given = pathOf({ rootId: '7YWHMfk9JZe', rootCreatedAtMs: 1_700_000_000_000, path: 'entry/1' });
    expect(clientOrderIdFor(given, 0)).toBe('d0rwldz8mmztm4dzh4pqpadzp8q');
  });
});
