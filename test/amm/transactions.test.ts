import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openChain } from '../../src/amm/evm/chain-client.js';
import type { LocalChainOptions } from '../../src/amm/local-chain/local-chain.js';
import { LOCAL_CHAIN_ID } from '../../src/amm/local-chain/test-accounts.js';
import { UniswapV3Amm } from '../../src/amm/uniswap-v3/uniswap-v3-amm.js';
import { uniswapDialect } from '../../src/amm/uniswap-v3/venue.js';
import { findFreePort } from '../../src/processes/free-ports.js';
import { AmmError, type SignedTransaction, type TransactionFate } from '../../src/ports/amm.js';
import { AmmWorld, eventOf, POLICY } from './amm-world.js';
import { startFaultyNode } from './faulty-node.js';

const ended: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function ready(options: LocalChainOptions = {}): Promise<AmmWorld> {
  const world = await AmmWorld.start({}, options);
  ended.push(async () => await world.chain.kill());
  await world.approveAll();
  return world;
}

const positions = async (world: AmmWorld): Promise<number> => (await world.amm.ownedPositions(world.wallet.address)).tokenIds.length;
const mint = async (world: AmmWorld, nonce?: number): Promise<SignedTransaction> => await world.prepared(await world.mintCall('1', '100', '95', '105'), nonce);
const hashOf = (fate: TransactionFate): string => (fate.kind === 'confirmed' ? fate.receipt.hash : fate.kind);
const watchOf = (transactions: readonly SignedTransaction[], confirmations = 1) => ({
  from: transactions[0]?.from ?? '',
  nonce: transactions[0]?.nonce ?? 0,
  hashes: transactions.map(({ hash }) => hash),
  confirmations,
});

async function signed(outcome: ReturnType<AmmWorld['wallet']['prepare']>): Promise<SignedTransaction> {
  const answer = await outcome;
  if (answer.kind === 'refused') throw new Error(answer.failure.message);
  return answer.transaction;
}

describe('a signed transaction', () => {
  it('opens one position, however often it is sent', async () => {
    const world = await ready();
    const transaction = await mint(world);
    expect(JSON.parse(JSON.stringify(transaction))).toEqual(transaction);
    const first = await Promise.all([1, 2, 3].map(async () => await world.amm.broadcast(transaction.raw)));
    expect(first.map(({ kind }) => kind).sort()).toEqual(['accepted', 'known', 'known']);
    expect(hashOf(await world.confirmed(transaction))).toBe(transaction.hash);
    expect(await world.amm.broadcast(transaction.raw)).toEqual({ kind: 'known' });
    expect(await positions(world)).toBe(1);
  });

  it('of a nonce that another one used can never be mined, and that is not told as success', async () => {
    const world = await ready();
    const first = await mint(world);
    const second = await mint(world, first.nonce);
    expect((await world.amm.broadcast(second.raw)).kind).toBe('accepted');
    const other = await signed(world.wallet.prepare(world.amm.approveCall(world.pool.token0.address, world.amm.spenders.mint, '5'), POLICY, first.nonce));
    expect((await world.amm.broadcast(other.raw)).kind).toBe('nonceUsed');
    expect((await world.amm.fate(watchOf([other]))).kind).toBe('nonceTaken');
    expect((await world.confirmed(other)).kind).toBe('nonceTaken');
    expect(await positions(world)).toBe(1);
  });

  it('is told as taken only as deep as was asked for', async () => {
    const world = await ready();
    const first = await mint(world);
    const other = await signed(world.wallet.prepare(world.amm.approveCall(world.pool.token0.address, world.amm.spenders.mint, '5'), POLICY, first.nonce));
    await world.amm.broadcast(other.raw);
    const looks: string[] = [];
    const watch = watchOf([first], 3);
    const options = { raw: first.raw, pollMs: 10, timeoutMs: 200, onLook: (fate: TransactionFate) => looks.push(fate.kind) };
    expect((await world.amm.confirm(watch, options)).kind).toBe('pending');
    expect(new Set(looks)).toEqual(new Set(['nonceTaken']));
    const later = world.amm.confirm(watch, { ...options, timeoutMs: 10_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.test.mine({ blocks: 2 });
    expect((await later).kind).toBe('nonceTaken');
  });

  it('that is refused in its block is told with what it cost', async () => {
    const world = await ready();
    const transaction = await mint(world);
    await world.test.increaseTime({ seconds: 3_600 });
    await world.amm.broadcast(transaction.raw);
    const fate = await world.confirmed(transaction);
    expect(fate).toMatchObject({ kind: 'confirmed', receipt: { status: 'reverted', events: [] } });
    if (fate.kind === 'confirmed') {
      expect(Number(fate.receipt.gasUsed)).toBeGreaterThan(21_000);
      expect(Number(fate.receipt.feeNative)).toBeCloseTo((Number(fate.receipt.gasUsed) * Number(fate.receipt.effectiveGasPriceWei)) / 1e18, 12);
    }
    expect(await positions(world)).toBe(0);
  });

  it('counts its confirmations from the block that holds it', async () => {
    const world = await ready();
    const transaction = await mint(world);
    await world.amm.broadcast(transaction.raw);
    await world.confirmed(transaction);
    expect(await world.amm.fate(watchOf([transaction], 3))).toMatchObject({ kind: 'mined', confirmations: 1 });
    await world.test.mine({ blocks: 2 });
    const fate = await world.amm.fate(watchOf([transaction], 3));
    expect(hashOf(fate)).toBe(transaction.hash);
    // It cost what was said at most.
    if (fate.kind === 'confirmed') expect(Number(fate.receipt.feeNative)).toBeLessThan(Number(transaction.maxCostNative));
  });
});

describe('a transaction that waits', () => {
  it('is replaced under its nonce for an eighth more, and whichever wins is found', async () => {
    const world = await ready();
    await world.test.setAutomine(false);
    const first = await mint(world);
    expect((await world.amm.broadcast(first.raw)).kind).toBe('accepted');
    expect(await world.amm.fate(watchOf([first]))).toEqual({ kind: 'pending', waiting: true });
    const same = await signed(world.wallet.prepare(world.amm.approveCall(world.pool.token0.address, world.amm.spenders.mint, '5'), POLICY, first.nonce));
    expect((await world.amm.broadcast(same.raw)).kind).toBe('underpriced');
    const second = await signed(world.wallet.replace(first, POLICY));
    expect([second.nonce, second.purpose, second.gasLimit]).toEqual([first.nonce, 'mint', first.gasLimit]);
    for (const field of ['maxFeePerGasWei', 'maxPriorityFeePerGasWei'] as const) expect(BigInt(second[field]) * 8n >= BigInt(first[field]) * 9n).toBe(true);
    expect((await world.amm.broadcast(second.raw)).kind).toBe('accepted');
    await world.test.mine({ blocks: 1 });
    expect(hashOf(await world.amm.fate(watchOf([first, second])))).toBe(second.hash);
    expect((await world.amm.broadcast(first.raw)).kind).toBe('nonceUsed');
    expect(await positions(world)).toBe(1);
    expect(await world.wallet.replace(first, { ...POLICY, maxFeePerGasWei: first.maxFeePerGasWei })).toMatchObject({ kind: 'refused', failure: { code: 'FEE_TOO_HIGH' } });
  });

  it('is fenced: once the fence is mined it can never open a position', async () => {
    const world = await ready();
    await world.test.setAutomine(false);
    const first = await mint(world);
    await world.amm.broadcast(first.raw);
    const fence = await signed(world.wallet.fence(first, POLICY));
    expect([fence.nonce, fence.purpose]).toEqual([first.nonce, 'fence']);
    expect((await world.amm.broadcast(fence.raw)).kind).toBe('accepted');
    await world.test.mine({ blocks: 1 });
    expect(hashOf(await world.amm.fate(watchOf([first, fence])))).toBe(fence.hash);
    expect((await world.amm.fate(watchOf([first]))).kind).toBe('nonceTaken');
    await world.test.setAutomine(true);
    expect((await world.amm.broadcast(first.raw)).kind).toBe('nonceUsed');
    expect(await positions(world)).toBe(0);
  });

  it('and is forgotten by a node that dies is sent again, the same bytes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'amm-chain-'));
    ended.push(() => rmSync(folder, { recursive: true, force: true }));
    const world = await ready({ stateFile: join(folder, 'state.json') });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await world.test.setAutomine(false);
    const transaction = await mint(world);
    await world.amm.broadcast(transaction.raw);
    await world.chain.kill('SIGKILL');
    const looks: TransactionFate[] = [];
    const watch = watchOf([transaction]);
    const confirming = world.amm.confirm(watch, { raw: transaction.raw, pollMs: 20, timeoutMs: 30_000, onLook: (fate) => looks.push(fate) });
    await world.chain.restart();
    expect(hashOf(await confirming)).toBe(transaction.hash);
    expect(looks).toContainEqual({ kind: 'pending', waiting: false });
    expect(await positions(world)).toBe(1);
  });

  it('or was dropped by a reorganisation is sent again, and its receipt is that of the chain that stands', async () => {
    const world = await ready();
    const transaction = await mint(world);
    const snapshot = await world.test.snapshot();
    await world.amm.broadcast(transaction.raw);
    const before = await world.confirmed(transaction);
    // What a reorganisation leaves: the block is gone, and so is what it held.
    await world.test.revert({ id: snapshot });
    await world.test.increaseTime({ seconds: 5 });
    expect(await world.amm.fate(watchOf([transaction]))).toEqual({ kind: 'pending', waiting: false });
    const after = await world.confirmed(transaction);
    expect(hashOf(after)).toBe(transaction.hash);
    if (before.kind !== 'confirmed' || after.kind !== 'confirmed') throw new Error('not confirmed');
    expect(after.receipt.block.hash).not.toBe(before.receipt.block.hash);
    expect(eventOf(after.receipt, 'minted').owner).toBe(world.wallet.address);
    expect(await positions(world)).toBe(1);
  });
});

describe('a node', () => {
  it('whose answer is lost has the transaction: it is known, not unknown', async () => {
    const world = await ready();
    const faulty = await startFaultyNode(world.chain.rpcUrl);
    ended.push(async () => await faulty.close());
    const client = await openChain({ network: 'local-evm', chainId: LOCAL_CHAIN_ID, rpcUrl: faulty.rpcUrl });
    const amm = new UniswapV3Amm(client, { network: 'local-evm', chainId: LOCAL_CHAIN_ID, addresses: world.seeded.addresses, dialect: uniswapDialect('deadlineInSwap') });
    const transaction = await mint(world);
    faulty.loseAnswersTo = 'eth_sendRawTransaction';
    expect(await amm.broadcast(transaction.raw)).toEqual({ kind: 'known' });
    expect(await positions(world)).toBe(1);
  });

  it('that is away is told as away, without its address', async () => {
    const world = await ready();
    const transaction = await mint(world);
    await world.chain.kill();
    const sent = await world.amm.broadcast(transaction.raw);
    expect(sent).toMatchObject({ kind: 'unknown', failure: { code: 'CHAIN_UNREACHABLE' } });
    const failures = await Promise.all(
      [world.amm.fate(watchOf([transaction])), world.amm.latestBlock(), world.amm.pool(world.pool.poolAddress), world.wallet.prepare(world.amm.approveCall(world.pool.token0.address, world.wallet.address, '1'), POLICY), world.amm.confirm(watchOf([transaction]), { raw: transaction.raw, pollMs: 10, timeoutMs: 50 })].map(
        async (answer): Promise<unknown> => await (answer as Promise<unknown>).then(() => 'answered', (error: unknown) => error),
      ),
    );
    for (const failure of [...failures, sent]) {
      if (failure instanceof AmmError) expect(failure.failure.code).toBe('CHAIN_UNREACHABLE');
      expect(failure).not.toBe('answered');
      expect(JSON.stringify(failure) + String(failure)).not.toMatch(new RegExp(`127\\.0\\.0\\.1|:${world.chain.port}`));
    }
  });

  it('of another chain is refused', async () => {
    const world = await ready();
    await expect(openChain({ network: 'base-mainnet', chainId: 8_453, rpcUrl: world.chain.rpcUrl })).rejects.toMatchObject({ failure: { code: 'WRONG_CHAIN' } });
    const nobody = `http://127.0.0.1:${await findFreePort()}`;
    await expect(openChain({ network: 'local-evm', chainId: LOCAL_CHAIN_ID, rpcUrl: nobody })).rejects.toMatchObject({ failure: { code: 'CHAIN_UNREACHABLE' } });
  });
});
