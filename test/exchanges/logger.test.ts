import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/logger.js';
import { conceal, redact, redactForAnswer } from '../../src/redact.js';

const SIGNATURE = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
const KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const URL_TEXT = `https://api.example.com/api/v3/order?symbol=BTCUSDT&timestamp=1&signature=${SIGNATURE}`;

function logged(write: (logger: ReturnType<typeof createLogger>) => void, level = 'trace'): string {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  write(createLogger({ name: 'test', env: { LOG_LEVEL: level }, destination }));
  return text;
}

describe('redaction', () => {
  it.each([
    ['a signed address', `GET ${URL_TEXT} failed`],
    ['a signature alone', `signature=${SIGNATURE}`],
    ['a signature in JSON', `{"signature":"${SIGNATURE}"}`],
    ['a key in a header', `X-MBX-APIKEY: ${KEY}`],
    ['a key anywhere', `key ${KEY} refused`],
    ['a basic login', `authorization: Basic ${KEY}`],
    ['a key in JSON within JSON', JSON.stringify({ body: JSON.stringify({ apiKey: KEY }) })],
  ])('cuts %s', (_, text) => {
    expect(redact(text)).not.toContain(SIGNATURE);
    expect(redact(text)).not.toContain(KEY);
    expect(redact(text)).toContain('[redacted]');
  });

  it('leaves what is none of that', () => {
    const text = 'order drd50qa31ps6ptb2koj8azaar7w rejected: code -2010 at http://127.0.0.1:8101/api/v3/order, tx 0x5f2d5a05b4bbf0b7dc3db6e64b1e5a2c8db56825ae71d6d79447849e617115f4';
    expect(redact(text)).toBe(text);
  });

  it('lets no address into an answer, one line, bounded', () => {
    const text = redactForAnswer(`GET ${URL_TEXT}\nfailed ${'x'.repeat(500)}`, 100);
    expect(text).not.toMatch(/https?:|example\.com|\n/);
    expect(text).toHaveLength(100);
  });
});

describe('what is concealed by value', () => {
  it('is cut wherever and however it stands', () => {
    const secret = 'pw "1/2+3';
    expect(redact(`said ${secret} twice: ${secret}`)).toContain(secret);
    conceal(secret);
    for (const text of [`said ${secret}.`, `?a=${encodeURIComponent(secret)}`, JSON.stringify({ deep: secret })]) {
      expect(redact(text)).toContain('[redacted]');
      expect(redact(text)).not.toMatch(/pw|1.2/);
    }
  });

  it('is nothing so short that words would be cut', () => {
    conceal('order');
    expect(redact('an order')).toBe('an order');
  });
});

describe('logger', () => {
  it('writes lines that are JSON, whatever is cut from them', () => {
    const text = logged((logger) => logger.info({ body: JSON.stringify({ url: URL_TEXT, apiKey: KEY, note: `"${URL_TEXT}"` }) }, `"${URL_TEXT}"`));
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(text).not.toContain(KEY);
  });

  it('drops secrets by name and cuts them from texts, errors, stacks and causes', () => {
    const error = new Error(`GET ${URL_TEXT} timed out`, { cause: new Error(`apiKey=${KEY}`) });
    const text = logged((logger) => {
      logger.info({ apiKey: KEY, nested: { secret: KEY, deeper: { signature: SIGNATURE } } }, `sent ${URL_TEXT}`);
      logger.error({ error }, 'failed');
      logger.error(error);
      logger.warn({ failure: { code: 'X', message: URL_TEXT } }, 'failure');
    });
    expect(text.trim().split('\n')).toHaveLength(4);
    expect(text).not.toContain(SIGNATURE);
    expect(text).not.toContain(KEY);
    expect(text).toContain('timed out');
  });

  it('takes its level from LOG_LEVEL and refuses one that does not exist', () => {
    expect(logged((logger) => logger.info('hidden'), 'warn')).toBe('');
    expect(logged((logger) => logger.warn('shown'), 'warn')).toContain('shown');
    expect(() => createLogger({ name: 'test', env: { LOG_LEVEL: 'loud' } })).toThrow(/LOG_LEVEL: "loud" must be one of/);
  });
});
