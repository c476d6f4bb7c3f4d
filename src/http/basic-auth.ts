import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route answers without credentials. */
    withoutCredentials?: boolean;
  }
}

/** Paths that need no credentials: what containers and documentation readers ask for. */
const OPEN_PATHS = new Set(['/', '/health', '/openapi.json', '/docs']);

/** HTTP Basic on every route but the open ones; answers as existing clients expect them. */
export function requireBasicAuth(app: FastifyInstance, credentials: Credentials): void {
  app.addHook('onRequest', async (request, reply) => {
    // An unknown path is a 404 with or without credentials; it tells nothing that is not in the documentation.
    if (request.is404 || OPEN_PATHS.has(request.routeOptions.url ?? '') || request.routeOptions.config.withoutCredentials === true) return;
    const given = parseBasic(request.headers.authorization);
    if (given !== null && matches(given, credentials)) return;
    const detail = given === null ? 'Not authenticated' : 'Incorrect username or password';
    await reply.code(401).header('www-authenticate', 'Basic').send({ detail });
  });
}

/** Null when there are no credentials, or none that can be read. */
function parseBasic(header: string | undefined): Credentials | null {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Takes the same time for any wrong value: both parts are compared, as hashes of one length. */
function matches(given: Credentials, expected: Credentials): boolean {
  const username = equal(given.username, expected.username);
  const password = equal(given.password, expected.password);
  return username && password;
}

function equal(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(left), digest(right));
}
