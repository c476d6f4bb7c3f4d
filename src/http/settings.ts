import type { Credentials } from './basic-auth.js';

export interface HttpSettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly credentials: Credentials;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 8000;
const DEFAULT_USERNAME = 'admin';
const DEFAULT_PASSWORD = 'admin';

/**
 * HTTP_HOST, HTTP_PORT, USERNAME and PASSWORD. Throws for a port that is none, and for the default password on an address
 * that other machines can reach: whoever reaches it can trade.
 */
export function httpSettings(env: Readonly<Record<string, string | undefined>>): HttpSettings {
  const host = nonEmpty(env['HTTP_HOST']) ?? DEFAULT_HOST;
  const password = nonEmpty(env['PASSWORD']) ?? DEFAULT_PASSWORD;
  const credentials = { username: nonEmpty(env['USERNAME']) ?? DEFAULT_USERNAME, password };
  if (password === DEFAULT_PASSWORD && !isLoopback(host)) {
    throw new Error(`HTTP_HOST: ${host} can be reached from other machines, so PASSWORD must be set to something else than the default`);
  }
  return { host, port: readPort(env['HTTP_PORT']), credentials };
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`HTTP_PORT: ${text} must be a whole number from 0 to 65535`);
  return port;
}

/** Only addresses and names that cannot mean another interface. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
