import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTemporalConnectionConfig, localServerEnvironment } from '../../src/temporal-server/connection-config.js';

const NO_FILE = { TEMPORAL_CONFIG_FILE: '/dev/null' };

describe('how to reach Temporal', () => {
  it('is the local dev server without any setting', () => {
    expect(loadTemporalConnectionConfig(NO_FILE)).toEqual({
      connectionOptions: { address: '127.0.0.1:7233' },
      namespace: 'default',
    });
  });

  it('comes from the standard environment', () => {
    const env = { ...NO_FILE, TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_NAMESPACE: 'trading', TEMPORAL_API_KEY: 'key' };
    expect(loadTemporalConnectionConfig(env)).toEqual({
      connectionOptions: { address: 'cloud:7233', apiKey: 'key', tls: true },
      namespace: 'trading',
    });
  });

  it('of a server of our own takes nothing from settings meant for another server', () => {
    const directory = mkdtempSync(join(tmpdir(), 'connection-config-'));
    const file = join(directory, 'temporal.toml');
    writeFileSync(file, '[profile.default]\naddress = "cloud:7233"\nnamespace = "trading"\napi_key = "secret"\n');
    const user = { PATH: '/bin', TEMPORAL_CONFIG_FILE: file, TEMPORAL_API_KEY: 'secret', TEMPORAL_TLS: 'true' };
    expect(loadTemporalConnectionConfig(user).connectionOptions).toMatchObject({ address: 'cloud:7233', apiKey: 'secret' });
    const env = localServerEnvironment(user, { address: '127.0.0.1:17233', namespace: 'default' });
    expect(env['PATH']).toBe('/bin');
    expect(JSON.stringify(env)).not.toContain('secret');
    expect(loadTemporalConnectionConfig(env)).toEqual({
      connectionOptions: { address: '127.0.0.1:17233' },
      namespace: 'default',
    });
    rmSync(directory, { recursive: true });
  });
});
