import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicClient, createTestClient, http } from 'viem';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveAnvilBinary } from '../../src/amm/local-chain/anvil-binary.js';
import { startLocalChain, type LocalChain, type LocalChainOptions } from '../../src/amm/local-chain/local-chain.js';
import { movePrice, playMarketScript } from '../../src/amm/local-chain/market-script.js';
import { seedLocalChain } from '../../src/amm/local-chain/seed-chain.js';
import { POOL_ABI } from '../../src/amm/uniswap-v3/abi.js';
import { priceQuoteAtSqrt } from '../../src/domain/amm/pool-price.js';
import { PROJECT_ROOT } from '../../src/processes/program-command.js';

const ended: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'local-chain-'));
  ended.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function started(options: LocalChainOptions = {}): Promise<LocalChain> {
  const chain = await startLocalChain(options);
  ended.push(async () => await chain.kill());
  return chain;
}

const reader = (chain: LocalChain) => createPublicClient({ transport: http(chain.rpcUrl), cacheTime: 0 });

/** A killed chain keeps what it wrote; it writes every second. */
async function untilWritten(file: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  for (let tries = 0; tries < 100 && !existsSync(file); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('a local chain', () => {
  it('is seeded once: the second time sends nothing and answers the same', async () => {
    const chain = await started();
    const first = await seedLocalChain(chain.rpcUrl);
    expect(first.transactions).toBeGreaterThan(7);
    const block = await reader(chain).getBlockNumber();
    const second = await seedLocalChain(chain.rpcUrl);
    expect(second).toEqual({ ...first, transactions: 0 });
    expect(await reader(chain).getBlockNumber()).toBe(block);
  });

  it('has the same addresses each time, and keeps its state through SIGKILL', async () => {
    const stateFile = join(folder(), 'chain', 'state.json');
    const chain = await started({ stateFile });
    const first = await seedLocalChain(chain.rpcUrl);
    await movePrice(chain.rpcUrl, first, '120');
    const block = await reader(chain).getBlockNumber();
    await untilWritten(stateFile);
    await chain.kill('SIGKILL');
    await chain.restart();
    expect(await reader(chain).getBlockNumber()).toBe(block);
    expect(await seedLocalChain(chain.rpcUrl)).toEqual({ ...first, transactions: 0 });
    const other = await started();
    expect((await seedLocalChain(other.rpcUrl)).poolAddress).toBe(first.poolAddress);
  });

  it.each(['token0', 'token1'] as const)('moves its price with real swaps (base is %s)', async (base) => {
    const chain = await started();
    const seeded = await seedLocalChain(chain.rpcUrl, { base, priceQuote: '250', backgroundBase: '10' });
    const price = async () => {
      const [root] = await reader(chain).readContract({ address: seeded.poolAddress, abi: POOL_ABI, functionName: 'slot0' });
      return priceQuoteAtSqrt(seeded.tokens, root).toDecimalPlaces(8).toNumber();
    };
    expect(await reader(chain).readContract({ address: seeded.poolAddress, abi: POOL_ABI, functionName: 'token0' })).toBe(base === 'token0' ? seeded.baseToken : seeded.quoteToken);
    expect(await price()).toBe(250);
    await playMarketScript(chain.rpcUrl, seeded, [{ priceQuote: '300', restMs: 0 }, { priceQuote: '199.5', restMs: 0 }]);
    expect(await price()).toBe(199.5);
    expect(await movePrice(chain.rpcUrl, seeded, '199.5')).toBeNull();
    await expect(seedLocalChain(chain.rpcUrl, { base: base === 'token0' ? 'token1' : 'token0' })).rejects.toThrow(/other order/);
  });

  it('goes on where a seeding was cut short', async () => {
    const chain = await started();
    const { deployContracts } = await import('../../src/amm/local-chain/deploy-contracts.js');
    const { linkLocalChain } = await import('../../src/amm/local-chain/chain-link.js');
    const link = await linkLocalChain(chain.rpcUrl);
    let sent = 0;
    const short = { ...link, send: async (transaction: Parameters<typeof link.send>[0]) => {
      if (sent >= 3) throw new Error('cut short');
      sent += 1;
      return await link.send(transaction);
    } };
    const spec = { symbol: 'BASE', decimals: 18 };
    await expect(deployContracts(short, spec, { symbol: 'QUSD', decimals: 6 })).rejects.toThrow('cut short');
    expect((await seedLocalChain(chain.rpcUrl)).transactions).toBeGreaterThan(4);
  });

  it('leaves nothing in the home directory', async () => {
    const home = folder();
    const before = process.env['HOME'];
    process.env['HOME'] = home;
    ended.push(() => {
      process.env['HOME'] = before;
    });
    const chain = await started();
    await seedLocalChain(chain.rpcUrl);
    await createTestClient({ mode: 'anvil', transport: http(chain.rpcUrl) }).mine({ blocks: 700 });
    const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toEqual([]);
  });

  it('ends with the process that started it, however that ends', async () => {
    const program = `import { startLocalChain } from './src/amm/local-chain/local-chain.js'; const chain = await startLocalChain(); console.log(chain.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { cwd: PROJECT_ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    ended.push(() => void parent.kill('SIGKILL'));
    const pid = Number(await new Promise<string>((resolve) => parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()))));
    expect(pid).toBeGreaterThan(1);
    const runs = (): boolean => {
      try {
        return !/\bZ/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }));
      } catch {
        return false;
      }
    };
    expect(runs()).toBe(true);
    parent.kill('SIGKILL');
    for (let tries = 0; tries < 200 && runs(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(runs()).toBe(false);
  });

  it('starts empty when its state was cut short, and keeps the rest of it', async () => {
    const stateFile = join(folder(), 'state.json');
    writeFileSync(stateFile, '{"block": {"num');
    const said: string[] = [];
    const chain = await started({ stateFile, onProgress: (message) => said.push(message) });
    expect(await reader(chain).getBlockNumber()).toBe(0n);
    expect(said).toHaveLength(1);
    expect(existsSync(`${stateFile}.unreadable`)).toBe(true);
  });

  it('refuses what cannot work, and says why', async () => {
    const chain = await started();
    await expect(startLocalChain({ port: chain.port })).rejects.toThrow(/already in use/);
    expect(() => resolveAnvilBinary({ ANVIL_BIN: join(tmpdir(), 'no-such-anvil') })).toThrow(/ANVIL_BIN/);
    expect(resolveAnvilBinary({ ANVIL_BIN: process.execPath })).toBe(process.execPath);
    await expect(startLocalChain({ anvilPath: process.execPath })).rejects.toThrow(/local chain: exited with code/);
  });
});
