import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { toHex } from 'viem';
import { generatePrivateKey, mnemonicToAccount } from 'viem/accounts';
import { afterEach, describe, expect, it } from 'vitest';
import { loadWalletKey, type KeySource } from '../../src/amm/evm/wallet-key.js';
import { LOCAL_CHAIN_ID, PUBLIC_TEST_PHRASE, TEST_ACCOUNTS } from '../../src/amm/local-chain/test-accounts.js';
import { AmmError } from '../../src/ports/amm.js';
import { redact } from '../../src/redact.js';

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

const FROM_ENVIRONMENT: KeySource = { kind: 'environment', variable: 'LP_PRIVATE_KEY_BASE' };
const testKey = (index: number): string => toHex(mnemonicToAccount(PUBLIC_TEST_PHRASE, { addressIndex: index }).getHdKey().privateKey ?? new Uint8Array());

function refusal(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof AmmError && error.failure.code === 'KEY_REFUSED') return error.failure.message;
    throw error;
  }
  throw new Error('was not refused');
}

describe('keys that everybody knows', () => {
  it('sign on local chains and nowhere else, wherever they come from', () => {
    expect(loadWalletKey({ kind: 'testAccount', index: 0 }, LOCAL_CHAIN_ID, {}).address).toBe(TEST_ACCOUNTS.trader.address);
    for (const index of [0, 1, 9, 30]) {
      const env = { LP_PRIVATE_KEY_BASE: testKey(index) };
      expect(loadWalletKey(FROM_ENVIRONMENT, LOCAL_CHAIN_ID, env).address).toMatch(/^0x/);
      for (const chainId of [1, 8_453, 1_337]) expect(refusal(() => loadWalletKey(FROM_ENVIRONMENT, chainId, env))).toMatch(/everybody knows/);
    }
    for (const chainId of [1, 8_453]) expect(refusal(() => loadWalletKey({ kind: 'testAccount', index: 0 }, chainId, {}))).toMatch(/everybody knows/);
    for (const index of [-1, 0.5, 50]) refusal(() => loadWalletKey({ kind: 'testAccount', index }, LOCAL_CHAIN_ID, {}));
  });

  it('are at the addresses a local chain gives them', () => {
    for (const { index, address } of Object.values(TEST_ACCOUNTS)) expect(loadWalletKey({ kind: 'testAccount', index }, LOCAL_CHAIN_ID, {}).address).toBe(address);
  });
});

describe('a key', () => {
  it('signs on any chain when it is nobody else’s, with and without 0x', () => {
    const key = generatePrivateKey();
    const address = loadWalletKey(FROM_ENVIRONMENT, 1, { LP_PRIVATE_KEY_BASE: key }).address;
    expect(loadWalletKey(FROM_ENVIRONMENT, 1, { LP_PRIVATE_KEY_BASE: `${key.slice(2)}\n` }).address).toBe(address);
  });

  it('is in no text', () => {
    const key = generatePrivateKey();
    const loaded = loadWalletKey(FROM_ENVIRONMENT, 1, { LP_PRIVATE_KEY_BASE: key });
    for (const shown of [String(loaded), JSON.stringify({ loaded }), inspect(loaded, { depth: 10, showHidden: true }), redact(`key ${key}`), redact(`0X${key.slice(2)} it is`)]) expect(shown).not.toContain(key.slice(2));
  });

  it('that is malformed is refused without being repeated', () => {
    const beyond = `0x${'f'.repeat(64)}`;
    for (const wrong of [undefined, '', '0x12', beyond, 'z'.repeat(64)]) {
      const message = refusal(() => loadWalletKey(FROM_ENVIRONMENT, 1, { LP_PRIVATE_KEY_BASE: wrong }));
      expect(message).toContain('LP_PRIVATE_KEY_BASE');
      if (wrong !== undefined && wrong !== '') expect(message).not.toContain(wrong);
    }
  });

  it('comes from a file only when nobody else can read it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'wallet-key-'));
    ended.push(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'key');
    writeFileSync(path, `${generatePrivateKey()}\n`, { mode: 0o600 });
    expect(loadWalletKey({ kind: 'file', path }, 1, {}).address).toMatch(/^0x/);
    chmodSync(path, 0o640);
    expect(refusal(() => loadWalletKey({ kind: 'file', path }, 1, {}))).toMatch(/owner alone/);
    expect(refusal(() => loadWalletKey({ kind: 'file', path: join(folder, 'none') }, 1, {}))).toMatch(/cannot be read/);
  });
});
