import { expect, it } from 'vitest';
import { findLeaks, textOf } from './leak-search.js';

const SECRET = 'k3y "with/quotes+and';
const secrets = { key: SECRET };

it.each([
  ['a line', `the key is ${SECRET}!`],
  ['an address', `https://host/path?key=${encodeURIComponent(SECRET)}`],
  ['JSON', JSON.stringify({ deep: [{ key: SECRET }] })],
  ['Base64 alone', Buffer.from(SECRET).toString('base64')],
  ['Base64 behind a user name', Buffer.from(`ab:${SECRET}`).toString('base64')],
  ['Base64 behind another', Buffer.from(`a:${SECRET}.`).toString('base64')],
])('finds a secret in %s', (where, text) => {
  expect(findLeaks([{ where, text }], secrets)).toEqual([{ where, what: 'key' }]);
});

it('finds a signed address, and takes no redacted one for it', () => {
  expect(findLeaks([{ where: 'log', text: 'GET /order?symbol=B&signature=ab12' }], secrets)).toEqual([{ where: 'log', what: 'a signed address' }]);
  expect(findLeaks([{ where: 'log', text: 'signature=[redacted]' }], secrets)).toEqual([]);
});

it('reads what payloads hold', () => {
  const history = { events: [{ attributes: { input: { payloads: [{ data: Buffer.from(JSON.stringify({ note: SECRET })) }] } } }] };
  expect(findLeaks([{ where: 'history', text: textOf(history) }], secrets)).toHaveLength(1);
  expect(findLeaks([{ where: 'history', text: textOf({ events: [] }) }], secrets)).toEqual([]);
});
