import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactJsonText, JsonSyntaxError, parseExactJson } from '../../src/http/exact-json.js';
import { ExactNumber } from '../../src/schema/exact-number.js';

/** As JSON.parse has it: digits as doubles. */
function asDoubles(value: unknown): unknown {
  if (value instanceof ExactNumber) return Number(value.digits);
  if (Array.isArray(value)) return value.map(asDoubles);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, asDoubles(entry)]));
}

function outcome(parse: () => unknown): unknown {
  try {
    return { value: parse() };
  } catch {
    return 'refused';
  }
}

describe('exact JSON', () => {
  it.each(['0.1000000000000000055511151231257827', '12345678901234567890.000000000000000001', '1e-30', '-0', '1E+5'])('keeps the digits of %s', (digits) => {
    const parsed = parseExactJson(`{"amount": ${digits}}`);
    expect(parsed).toEqual({ amount: new ExactNumber(digits) });
    expect(exactJsonText(parsed)).toBe(`{"amount":${digits}}`);
  });

  it('reads what JSON.stringify writes as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        if (text.includes('"__proto__"')) return;
        expect(asDoubles(parseExactJson(text))).toEqual(JSON.parse(text));
        expect(JSON.parse(exactJsonText(parseExactJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('accepts and refuses the same texts as JSON.parse', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '"a"', '"b"', '\\', '\\u00', '\\u0041', 'true', 'fals', 'null', '1', '-', '0', '01', '.5', '1.', 'e', 'e5', ' ', '\n', '\t', '\u0001', '\u00a0', 'ü');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }).map((parts) => parts.join('')), (text) => {
        const ours = outcome(() => asDoubles(parseExactJson(text)));
        const theirs = outcome(() => JSON.parse(text) as unknown);
        // Two equal keys are the one deliberate difference within these pieces.
        if (ours === 'refused' && /"(.)".*"\1"/s.test(text)) return;
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'twice'],
    ['{"__proto__":{}}', '__proto__'],
    ['['.repeat(50) + ']'.repeat(50), 'levels'],
    ['', 'ends too early'],
    ['{"a":NaN}', 'unexpected "N"'],
    ['[1] x', 'unexpected "x"'],
  ])('refuses %s', (text, reason) => {
    expect(() => parseExactJson(text)).toThrow(JsonSyntaxError);
    expect(() => parseExactJson(text)).toThrow(reason);
  });

  it('writes undefined like JSON.stringify', () => {
    const value = { a: undefined, b: [undefined], c: new ExactNumber('1.10'), d: 'x"y' };
    expect(exactJsonText(value)).toBe('{"b":[null],"c":1.10,"d":"x\\"y"}');
  });
});
