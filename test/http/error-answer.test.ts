import { describe, expect, it } from 'vitest';
import { ExecutorError } from '../../src/client/executor-error.js';
import { ERRORS, type ErrorCode } from '../../src/domain/errors.js';
import { ConnectorError } from '../../src/exchanges/connector-error.js';
import { errorAnswer, safeDetail } from '../../src/http/error-answer.js';
import { InvalidConfigError } from '../../src/schema/config-error.js';

const FOREIGN = 'GET https://api.exchange.com/api/v3/order?symbol=X&signature=0123456789abcdef0123456789abcdef0123456789abcdef answered 401 Unauthorized, order not found (404)';
const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('every error of the registry', () => {
  it.each(CODES)('%s has a status, a sentence and a next step, without addresses, keys or misleading words', (code) => {
    const { status, body, retryAfterSeconds } = errorAnswer(new ExecutorError(code, `${ERRORS[code].meaning} ${FOREIGN}`));
    const detail = String(body.detail);
    expect([400, 404, 409, 500, 502, 503]).toContain(status);
    expect(detail.length).toBeGreaterThan(20);
    expect(detail).not.toMatch(/:\/\/|signature=|0123456789abcdef/);
    if (status !== 404) expect(detail).not.toMatch(/404|not found|401|unauthorized|authentication/i);
    if (status !== 500 && status !== 404) expect(detail).toContain(ERRORS[code].nextStep);
    expect(retryAfterSeconds !== undefined).toBe(status === 503);
  });

  it('keeps mistakes of a caller below 500', () => {
    for (const code of CODES) {
      const { status } = errorAnswer(new ExecutorError(code, 'x.'));
      expect(status < 500).toBe(ERRORS[code].kind === 'caller');
    }
  });
});

describe('other errors', () => {
  it('of connectors keep their list', () => {
    const answer = errorAnswer(new ConnectorError('UNKNOWN_ACCOUNT', 'account_name: "x" is not an account of y. Configured: a, b.'));
    expect(answer).toMatchObject({ status: 400, body: { detail: 'account_name: "x" is not an account of y. Configured: a, b.' } });
  });

  it('that nobody expected tell nothing of the inside', () => {
    for (const error of [new TypeError(`cannot read of ${FOREIGN}`), 'text', null, undefined, { code: 'ENOENT', message: FOREIGN }]) {
      const { status, body, worthLogging } = errorAnswer(error);
      expect(status).toBe(500);
      expect(worthLogging).toBe(true);
      expect(String(body.detail)).toBe('Error serving the request: A fault of this program. Report it with the log lines around it.');
    }
  });

  it('of a config keep one line per field', () => {
    const error = new InvalidConfigError([
      { field: 'amount', value: '1404.01', rule: 'must be less' },
      { field: 'id', value: '"not found"', rule: 'must be an id' },
    ]);
    expect(errorAnswer(error)).toMatchObject({ status: 400, body: { detail: 'Invalid executor config: amount: (a number) must be less\nid: "unknown" must be an id' } });
  });

  it('are bounded', () => {
    expect(safeDetail('x'.repeat(100_000)).length).toBeLessThanOrEqual(4_000);
  });
});
