import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIALS, type HttpFixture, request, startHttpFixture } from './http-fixture.js';

let http: HttpFixture;
beforeAll(async () => {
  http = await startHttpFixture({ worker: false });
}, 60_000);
afterAll(async () => await http.stop());

const ORDER = { type: 'order_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', amount: '0.01', execution_strategy: 'LIMIT', price: '59000' };
const POSITION = { type: 'position_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'SELL', amount: '0.01', triple_barrier_config: { stop_loss: '0.02' } };

const TWAP = { type: 'twap_executor', connector_name: 'binance_paper_trade', trading_pair: 'BTC-USDT', side: 'BUY', total_amount_quote: '600', total_duration: 90, order_interval: 10 };

async function refused(body: unknown, status: number): Promise<any> {
  const answer = await http.request('POST', '/executors/', body);
  expect(answer.text).not.toContain('executor_id"');
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await http.workflowCount()).toBe(0);
  return answer.json.detail;
}

describe('a config against the rules: 400, field, value and rule named, nothing started', () => {
  it.each<[string, object, readonly string[]]>([
    ['no type', { amount: 1 }, ["executor_config must include 'type' field"]],
    ['an unknown type', { type: 'martingale' }, ["Invalid executor type 'martingale'. Valid types: ["]],
    ['a type that is not there yet', { type: 'lp_executor' }, ['type', 'lp_executor', 'not available yet']],
    ['no amount', { ...ORDER, amount: undefined }, ['Invalid executor config', 'amount', 'is required']],
    ['amount 0', { ...ORDER, amount: 0 }, ['amount', '0', 'greater than 0']],
    ['a negative amount', { ...ORDER, amount: '-0.5' }, ['amount', '-0.5', 'greater than 0']],
    ['an amount with a unit', { ...ORDER, amount: '$100' }, ['amount', '$100', 'decimal number']],
    ['an amount below the minimum of the pair', { ...ORDER, amount: '0.00005' }, ['amount', '0.00005', 'at least 0.0001 BTC']],
    ['an amount that the step makes nothing', { ...ORDER, amount: '0.000001' }, ['amount', '0.000001', 'in steps of 0.00001 it becomes 0']],
    ['an amount above the maximum of the pair', { ...ORDER, amount: '101' }, ['amount', '101', 'at most 100 BTC']],
    ['a value below the minimum of the pair', { ...ORDER, amount: '0.0001', price: '20000' }, ['amount', '0.0001', 'worth at least 5 USDT', 'at 20000 it is worth 2']],
    ['a price below one step', { ...ORDER, price: '0.001' }, ['price', '0.001', 'price step of 0.01']],
    ['LIMIT without a price', { ...ORDER, price: null }, ['price', 'is required', 'LIMIT']],
    ['a negative price', { ...ORDER, price: -1 }, ['price', '-1', 'greater than 0']],
    ['a side that is none', { ...ORDER, side: 'UP' }, ['side', 'UP', 'BUY, SELL']],
    ['a chaser without its terms', { ...ORDER, execution_strategy: 'LIMIT_CHASER' }, ['chaser_config', 'is required', 'LIMIT_CHASER']],
    ['a chaser with a distance above 1', { ...ORDER, execution_strategy: 'LIMIT_CHASER', chaser_config: { distance: 5, refresh_threshold: 0 } }, ['chaser_config.distance', '5', 'below 1']],
    ['leverage 0', { ...ORDER, leverage: 0 }, ['leverage', '0', 'from 1']],
    ['an unlisted pair', { ...ORDER, trading_pair: 'ABC-USDT' }, ['trading_pair', 'ABC-USDT', 'BTC-USDT']],
    ['an unknown connector', { ...ORDER, connector_name: 'nasdaq' }, ['connector_name', 'nasdaq', 'Configured: binance_paper_trade']],
    ['a connector that is not configured', { ...ORDER, connector_name: 'binance' }, ['connector_name', 'binance', 'not configured', 'Configured: binance_paper_trade']],
    ['an id that is a path', { ...ORDER, id: '../x' }, ['id', '../x', 'letters, digits']],
    ['a limit stop loss', { ...POSITION, triple_barrier_config: { stop_loss_order_type: 2 } }, ['triple_barrier_config.stop_loss_order_type', '2', 'must be MARKET']],
    ['a stop loss of 200 %', { ...POSITION, triple_barrier_config: { stop_loss: 2 } }, ['triple_barrier_config.stop_loss', '2', 'below 1']],
    ['a negative take profit', { ...POSITION, triple_barrier_config: { take_profit: '-0.01' } }, ['triple_barrier_config.take_profit', '-0.01', 'negative']],
    ['a misspelt barrier', { ...POSITION, triple_barrier_config: { stoploss: '0.02' } }, ['triple_barrier_config.stoploss', '0.02', 'did you mean stop_loss?']],
    ['a barrier outside', { ...POSITION, stop_loss: '0.02' }, ['stop_loss', '0.02', 'belongs inside triple_barrier_config']],
    ['three bounds', { ...POSITION, activation_bounds: [0.1, 0.1, 0.1] }, ['activation_bounds', '0.1', 'one or two']],
    ['a budget too small for its slices', { ...TWAP, total_amount_quote: '50' }, ['total_amount_quote', '50', 'must be at least 60.005 USDT for 10 slices', 'amountBase 0.00008']],
    ['a budget too large for its slices', { ...TWAP, total_amount_quote: '70000000' }, ['total_amount_quote', 'must be at most 60005000 USDT for 10 slices of at most 100 BTC']],
    ['more slices than a plan has', { ...TWAP, total_duration: 20_000 }, ['order_interval', '10', 'gives 2001 slices, at most 2000']],
    ['a MAKER without a buffer', { ...TWAP, mode: 'maker' }, ['limit_order_buffer', 'is required for mode MAKER']],
    ['a buffer that leaves no price', { ...TWAP, mode: 'MAKER', limit_order_buffer: '0.9999999999' }, ['limit_order_buffer', '0.9999999999', 'leaves no price of at least 0.01 USDT']],
    ['an interval of 0', { ...TWAP, order_interval: 0 }, ['order_interval', '0', 'from 1']],
    ['a catch-up that is none', { ...TWAP, catch_up: 'hurry' }, ['catch_up', 'hurry', 'skip, stretch, burst']],
    ['an amount worth too little at the best price', { ...POSITION, amount: '0.0001', entry_price: '1000' }, ['amount', '0.0001', 'worth at least 5 USDT']],
  ])('%s', async (_name, config, words) => {
    const detail = await refused({ executor_config: config }, 400);
    for (const word of words) expect(detail).toContain(word);
  });

  it('an unknown account lists what exists', async () => {
    const detail = await refused({ executor_config: ORDER, account_name: 'nobody' }, 400);
    expect(detail).toContain('nobody');
    expect(detail).toContain('master_account, unowned');
  });

  it('two different tags', async () => {
    const detail = await refused({ executor_config: { ...ORDER, controller_id: 'one' }, controller_id: 'two' }, 400);
    expect(detail).toContain('one');
    expect(detail).toContain('two');
  });

  it('a bad Idempotency-Key', async () => {
    const answer = await http.request('POST', '/executors', { executor_config: ORDER }, { 'idempotency-key': 'x'.repeat(300) });
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toContain('Idempotency-Key');
    expect(await http.workflowCount()).toBe(0);
  });
});

describe('a request of the wrong shape: 422 with one entry per issue', () => {
  it.each<[string, unknown, unknown]>([
    ['no config', {}, [{ type: 'missing', loc: ['body', 'executor_config'], msg: 'Field required', input: null }]],
    ['a config that is a list', { executor_config: [] }, [{ type: 'value_error', loc: ['body', 'executor_config'], msg: 'executor_config: [] must be an object', input: '[]' }]],
    ['controller_id null', { executor_config: ORDER, controller_id: null }, [expect.objectContaining({ loc: ['body', 'controller_id'] })]],
    ['account_name a number', { executor_config: ORDER, account_name: 5 }, [expect.objectContaining({ loc: ['body', 'account_name'], input: '5' })]],
    ['a list as body', '[1]', [expect.objectContaining({ loc: ['body'] })]],
    ['broken JSON', '{"executor_config": ', [expect.objectContaining({ type: 'json_invalid', loc: ['body'] })]],
    ['a number that is none', '{"executor_config": {"amount": 1e}}', [expect.objectContaining({ type: 'json_invalid' })]],
    ['a key twice', '{"executor_config": {"amount": 1, "amount": 2}}', [expect.objectContaining({ type: 'json_invalid' })]],
    ['no body', undefined, [expect.objectContaining({ loc: ['body'] })]],
  ])('%s', async (_name, body, detail) => {
    expect(await refused(body, 422)).toEqual(detail);
  });

  it.each<[string, string, unknown]>([
    ['GET', '/executors?limit=0', undefined],
    ['GET', '/executors?limit=1001', undefined],
    ['GET', '/executors?status=running', undefined],
    ['GET', '/executors?executor_type=order', undefined],
    ['GET', '/executors?cursor=whatever', undefined],
    ['POST', '/executors/search', { limit: 0 }],
    ['POST', '/executors/search', { executor_types: ['order'] }],
    ['POST', '/executors/search', { controller_ids: 7 }],
    ['POST', '/executors/search', { cursor: 5 }],
    ['POST', '/executors/x/stop', { keep_position: 'maybe' }],
    ['DELETE', '/executors/x?keep_position=maybe', undefined],
  ])('%s %s %s', async (method, path, body) => {
    const answer = await http.request(method, path, body);
    expect(answer.status).toBe(422);
    expect(answer.json.detail[0].loc[0]).toBe(method === 'POST' ? 'body' : 'query');
  });
});

describe('surroundings that are not there: 503, nothing started', () => {
  it('an account that no process owns is named', async () => {
    const answer = await http.request('POST', '/executors/', { executor_config: ORDER, account_name: 'unowned' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.json.detail).toContain('No running process owns account unowned of binance_paper_trade');
    expect(await http.workflowCount()).toBe(0);
  });

  it.each([
    ['cannot be reached', () => (http.market.failure = { code: 'EXCHANGE_UNREACHABLE', message: 'getaddrinfo failed for https://api.example.com/x?signature=abc' })],
    ['does not answer', () => (http.market.silent = true)],
  ])('an exchange that %s', async (_name, breakIt) => {
    breakIt();
    try {
      const detail = await refused({ executor_config: ORDER }, 503);
      expect(detail).toContain('binance_paper_trade');
      expect(detail).toContain('No executor was started');
      expect(detail).not.toContain('://');
      expect(detail).not.toContain('signature=abc');
    } finally {
      http.market.failure = null;
      http.market.silent = false;
    }
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET', '/nothing', 404, 'Not Found'],
    ['POST', '/executors/a/b/c', 404, 'Not Found'],
    ['PUT', '/executors', 405, 'Method Not Allowed'],
    ['PUT', '/executors/abc', 405, 'Method Not Allowed'],
    ['DELETE', '/executors', 405, 'Method Not Allowed'],
    ['POST', '/executors/summary', 405, 'Method Not Allowed'],
    ['POST', '/', 405, 'Method Not Allowed'],
  ])('%s %s is %i', async (method, path, status, detail) => {
    const answer = await http.request(method, path);
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ detail });
  });

  it('a body that is too large, and a path that cannot be decoded', async () => {
    const large = await http.request('POST', '/executors', { executor_config: { ...ORDER, level_id: 'x'.repeat(70_000) } });
    expect(large.status).toBe(413);
    expect(large.json.detail).toContain('too large');
    const path = await http.request('GET', '/executors/%E0%A4%A');
    expect(path.status).toBe(400);
    expect(path.json.detail).toContain('cannot be decoded');
  });

  it('a JSON body is read whatever its content type', async () => {
    const answer = await http.request('POST', '/executors/search', '{"limit": 1}', { 'content-type': 'text/plain' });
    expect(answer.status).toBe(200);
    expect(answer.json.pagination.limit).toBe(1);
  });
});

describe('credentials', () => {
  const basic = (text: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

  it.each<[string, Record<string, string>, string]>([
    ['none', {}, 'Not authenticated'],
    ['a bearer token', { authorization: 'Bearer abc' }, 'Not authenticated'],
    ['no base64', { authorization: 'Basic ???' }, 'Not authenticated'],
    ['no colon', basic('trader'), 'Not authenticated'],
    ['a wrong password', basic(`${CREDENTIALS.username}:wrong`), 'Incorrect username or password'],
    ['a wrong user', basic(`root:${CREDENTIALS.password}`), 'Incorrect username or password'],
    ['a prefix of the password', basic(`${CREDENTIALS.username}:${CREDENTIALS.password.slice(0, -1)}`), 'Incorrect username or password'],
  ])('%s', async (_name, headers, detail) => {
    for (const path of ['/executors', '/executors/summary', '/executors/abc', '/executors/positions/summary']) {
      const answer = await request(http.url, 'GET', path, undefined, headers);
      expect(answer.status).toBe(401);
      expect(answer.json).toEqual({ detail });
      expect(answer.headers.get('www-authenticate')).toBe('Basic');
    }
    expect((await request(http.url, 'POST', '/executors/', { executor_config: ORDER }, headers)).status).toBe(401);
    expect(await http.workflowCount()).toBe(0);
  });

  it('are not needed for the service routes', async () => {
    const open = async (path: string): Promise<any> => await request(http.url, 'GET', path, undefined, {});
    expect((await open('/')).json).toEqual({ name: 'Durable Executors', version: '0.0.0', status: 'running' });
    expect((await open('/health')).json).toEqual({ status: 'ok', temporal: true, archive: true });
    expect((await open('/openapi.json')).json.openapi).toBe('3.1.0');
    expect((await open('/nothing')).status).toBe(404);
  });
});

describe('OpenAPI', () => {
  it('describes every route, and the fields as the schemas have them', async () => {
    const { json } = await http.request('GET', '/openapi.json');
    const routes = Object.entries(json.paths).flatMap(([path, methods]) => Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`));
    expect(routes.sort()).toEqual([
      'DELETE /executors/positions/{connector}/{pair}',
      'DELETE /executors/{id}',
      'GET /',
      'GET /executors',
      'GET /executors/positions/summary',
      'GET /executors/positions/{connector}/{pair}',
      'GET /executors/summary',
      'GET /executors/types/available',
      'GET /executors/{id}',
      'GET /health',
      'PATCH /executors/{id}',
      'POST /executors',
      'POST /executors/preview',
      'POST /executors/search',
      'POST /executors/{id}/stop',
    ]);
    const { properties } = json.paths['/executors'].post.requestBody.content['application/json'].schema;
    const [order, position] = properties.executor_config.oneOf;
    expect(order.required).toEqual(expect.arrayContaining(['connector_name', 'trading_pair', 'side', 'amount', 'execution_strategy']));
    expect(order.required).not.toContain('price');
    expect(position.properties.leverage).toMatchObject({ minimum: 1, default: 1 });
    expect(JSON.stringify(position.properties.triple_barrier_config)).toContain('"additionalProperties":false');
  });
});
