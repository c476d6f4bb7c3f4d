import { describe, expect, it } from 'vitest';
import { httpSettings } from '../../src/http/settings.js';

describe('HTTP settings', () => {
  it('are loopback, port 8000 and admin/admin by default', () => {
    expect(httpSettings({})).toEqual({ host: '127.0.0.1', port: 8000, credentials: { username: 'admin', password: 'admin' } });
    expect(httpSettings({ HTTP_HOST: '0.0.0.0', HTTP_PORT: '0', USERNAME: 'u', PASSWORD: 'p' })).toEqual({ host: '0.0.0.0', port: 0, credentials: { username: 'u', password: 'p' } });
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org', '1270.0.0.1'])('refuse the default password on %s', (HTTP_HOST) => {
    expect(() => httpSettings({ HTTP_HOST })).toThrow('PASSWORD must be set');
    expect(() => httpSettings({ HTTP_HOST, PASSWORD: 'admin' })).toThrow('PASSWORD must be set');
    expect(() => httpSettings({ HTTP_HOST, PASSWORD: '' })).toThrow('PASSWORD must be set');
    expect(httpSettings({ HTTP_HOST, PASSWORD: 'chosen' }).host).toBe(HTTP_HOST);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('allow it on %s', (HTTP_HOST) => {
    expect(httpSettings({ HTTP_HOST }).host).toBe(HTTP_HOST);
  });

  it.each(['-1', '65536', '80a', '1.5'])('refuse the port %s', (HTTP_PORT) => {
    expect(() => httpSettings({ HTTP_PORT })).toThrow(`HTTP_PORT: ${HTTP_PORT} must be a whole number`);
  });
});
