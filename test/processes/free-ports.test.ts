import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findFreePorts, isPortFree } from '../../src/processes/free-ports.js';

describe('free ports', () => {
  it('gives different ports below the range of outgoing connections', async () => {
    const ports = await findFreePorts(20);
    expect(new Set(ports).size).toBe(20);
    expect(Math.max(...ports)).toBeLessThan(32_000);
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(15_000);
  });

  it('knows a port that is listened on from one that is not', async () => {
    const [port] = await findFreePorts(1);
    if (port === undefined) throw new Error('no port');
    expect(await isPortFree(port)).toBe(true);
    const server = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await isPortFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });
});
