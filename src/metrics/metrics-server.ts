import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsSource {
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';

/** METRICS_PORT and METRICS_HOST; null when no port is set. Throws for a port that is none. */
export function metricsAddress(env: Readonly<Record<string, string | undefined>>): MetricsAddress | null {
  return addressOf('METRICS_PORT', env['METRICS_PORT'], env['METRICS_HOST']);
}

/** SDK_METRICS_PORT, where the Temporal SDK serves its own; null when it is not set. Throws for a port that is none. */
export function sdkMetricsAddress(env: Readonly<Record<string, string | undefined>>): MetricsAddress | null {
  return addressOf('SDK_METRICS_PORT', env['SDK_METRICS_PORT'], env['METRICS_HOST']);
}

function addressOf(variable: string, text: string | undefined, host: string | undefined): MetricsAddress | null {
  if (text === undefined || text === '') return null;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new RangeError(`${variable}: ${JSON.stringify(text.slice(0, 40))} must be a whole number from 0 to 65535`);
  return { host: host === undefined || host === '' ? DEFAULT_HOST : host, port };
}

/** Serves `GET /metrics` and nothing else. It holds no secrets, and so asks for none. */
export async function serveMetrics(source: MetricsSource, address: MetricsAddress): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('only GET /metrics is here\n');
      return;
    }
    source.render().then(
      ({ contentType, body }) => response.writeHead(200, { 'content-type': contentType }).end(body),
      () => response.writeHead(500, { 'content-type': 'text/plain' }).end('the metrics could not be read\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(address.port, address.host, resolve);
  });
  // It never keeps a process alive that has nothing else to do.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address.host}:${port}/metrics`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
