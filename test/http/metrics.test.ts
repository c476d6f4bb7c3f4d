import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildHttpServer, type HttpServices } from '../../src/http/server.js';
import { createLogger } from '../../src/logger.js';

const CREDENTIALS = { username: 'trader', password: 'a long password' };
const AUTHORIZATION = { authorization: `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}` };
let app: FastifyInstance;

beforeEach(async () => {
  // No route that needs a service is asked for anything.
  app = await buildHttpServer({} as HttpServices, { credentials: CREDENTIALS, version: '0', logger: createLogger({ name: 'test', env: { LOG_LEVEL: 'silent' } }) });
});

afterEach(async () => {
  await app.close();
});

it('tells its metrics to those with credentials alone', async () => {
  expect((await app.inject('/metrics')).statusCode).toBe(401);
  const page = await app.inject({ url: '/metrics', headers: AUTHORIZATION });
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(page.body).toContain('process_cpu_seconds_total');
});

it('times answers by route, never by path', async () => {
  await app.inject('/executors/search-me/9c8f7a');
  await app.inject('/executors/9c8f7a');
  await app.inject('/openapi.json');
  const { body } = await app.inject({ url: '/metrics', headers: AUTHORIZATION });
  expect(body).toMatch(/durable_executors_http_request_seconds_count\{method="GET",route="\/openapi.json",status="200"\} 1/);
  expect(body).toMatch(/route="\/executors\/:id",status="401"\} 1/);
  expect(body).toMatch(/route="\(none\)",status="404"\} 1/);
  expect(body).not.toContain('9c8f7a');
});
