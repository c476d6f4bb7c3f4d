import { concatHex, encodeAbiParameters, encodeEventTopics, encodeFunctionData, getAddress, parseAbi, zeroAddress, type Address, type Hex, type Log } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOfLogs } from '../../src/amm/uniswap-v3/receipt-events.js';
import { swapCall } from '../../src/amm/uniswap-v3/build-calls.js';
import { FACTORY_ABI, POOL_ABI, POSITION_MANAGER_ABI, UNISWAP_SWAP_EVENT_ABI } from '../../src/amm/uniswap-v3/abi.js';
import { UniswapV3Amm } from '../../src/amm/uniswap-v3/uniswap-v3-amm.js';
import { uniswapAddresses } from '../../src/amm/uniswap-v3/venue-addresses.js';
import { uniswapDialect } from '../../src/amm/uniswap-v3/venue.js';
import { openChain } from '../../src/amm/evm/chain-client.js';
import { linkLocalChain } from '../../src/amm/local-chain/chain-link.js';
import { creationCode } from '../../src/amm/local-chain/contract-artifacts.js';
import { LOCAL_CHAIN_ID, TEST_ACCOUNTS } from '../../src/amm/local-chain/test-accounts.js';
import { priceQuoteAtSqrt } from '../../src/domain/amm/pool-price.js';
import { rangeSide } from '../../src/domain/amm/tick-range.js';
import { sqrtPriceX96AtTick, tickAtSqrtPriceX96 } from '../../src/domain/amm/tick-math.js';
import { lpPnl } from '../../src/domain/lp/lp-pnl.js';
import { NO_GAS } from '../../src/domain/lp/lp-gas.js';
import { decimal } from '../../src/domain/money.js';
import { AmmError } from '../../src/ports/amm.js';
import { AmmWorld, eventOf, POLICY } from './amm-world.js';
import { startFaultyNode, type FaultyNode } from './faulty-node.js';

const codeOf = async (read: Promise<unknown>): Promise<string> =>
  await read.then(
    () => 'answered',
    (error: unknown) => (error instanceof AmmError ? error.failure.code : String(error)),
  );

describe.each(['token0', 'token1'] as const)('a position in the real contracts (base is %s)', (base) => {
  let world: AmmWorld;
  let tokenId = '';
  beforeAll(async () => {
    world = await AmmWorld.start({ base });
    await world.approveAll();
  });
  afterAll(async () => {
    await world?.chain.kill();
  });

  it('takes what its receipt says, at the price of its block', async () => {
    const before = await world.balances();
    const call = await world.mintCall('10', '1000', '95', '105');
    const receipt = await world.run(call);
    const deposited = eventOf(receipt, 'increased');
    tokenId = deposited.tokenId;
    expect(eventOf(receipt, 'minted')).toEqual({ kind: 'minted', tokenId, owner: world.wallet.address });
    const after = await world.balances();
    expect([before.amount0 - after.amount0, before.amount1 - after.amount1].map(String)).toEqual([deposited.amount0, deposited.amount1]);
    const { amountBase, amountQuote } = world.pair(deposited);
    expect(amountBase.minus('9.641937573765790506').abs().lessThan('1e-8')).toBe(true);
    expect(amountQuote.toFixed()).toBe('1000');
    expect(await world.position(tokenId)).toMatchObject(
      base === 'token0' ? { tickLower: -230_820, tickUpper: -229_740 } : { tickLower: 229_740, tickUpper: 230_820 },
    );
    expect((await world.position(tokenId)).liquidity).toBe(deposited.liquidity);
    expect(await world.amm.ownedPositions(world.wallet.address)).toEqual({ tokenIds: [tokenId], complete: true });
    expect(Number(receipt.gasUsed)).toBeGreaterThan(300_000);
  });

  it('is all quote above its range and all base below it, and tells its fees to the unit', async () => {
    const look = async () => {
      const { pool, block } = await world.amm.snapshot(world.pool, [tokenId]);
      const position = await world.position(tokenId);
      return { pool, block, position, amounts: world.pair(position), side: rangeSide(world.seeded.tokens, position, pool.tick) };
    };
    await world.moveTo('141.49');
    const above = await look();
    expect(above.side).toBe('above');
    expect(above.amounts.amountBase.toFixed()).toBe('0');
    expect(above.amounts.amountQuote.minus('1990.086233').abs().lessThan('0.00001')).toBe(true);
    await world.moveTo('67.23');
    const below = await look();
    expect(below.side).toBe('below');
    expect(below.amounts.amountQuote.toFixed()).toBe('0');
    expect(below.amounts.amountBase.minus('19.920728').abs().lessThan('0.000001')).toBe(true);
    await world.moveTo('98.46');
    const back = await look();
    expect(back.side).toBe('in');
    const fees = world.pair({ amount0: back.position.fee0, amount1: back.position.fee1 });
    expect(fees.amountBase.greaterThan('0.05') && fees.amountQuote.greaterThan('5')).toBe(true);
    // Those figures were taken at a price that rounds to 98.46.
    expect(back.amounts.amountBase.minus('12.513683').abs().lessThan('0.02')).toBe(true);
    expect(back.amounts.amountQuote.minus('715.044965').abs().lessThan('2')).toBe(true);
    expect(priceQuoteAtSqrt(world.seeded.tokens, BigInt(back.pool.sqrtPriceX96)).toFixed(10)).toBe('98.4600000000');
    const deposit = { amountBase: decimal('9.641937573765790506'), amountQuote: decimal('1000'), priceQuote: decimal('100') };
    const pnl = lpPnl(deposit, { ...back.amounts, feeBase: fees.amountBase, feeQuote: fees.amountQuote }, decimal('98.46'), NO_GAS);
    expect(pnl.divergenceQuote.toFixed(1)).toBe('-2.2');
    expect(pnl.feesEarnedQuote.toFixed(2)).toBe('11.03');
    // The pool's own tick is ours, for its own price.
    expect(tickAtSqrtPriceX96(BigInt(back.pool.sqrtPriceX96))).toBe(back.pool.tick);
  });

  it('gives back principal and fees in one transaction, the fees as they were told, and is gone then', async () => {
    const before = await world.balances();
    const told = await world.position(tokenId);
    const receipt = await world.run(await world.closeCall(tokenId));
    const principal = eventOf(receipt, 'decreased');
    const collected = eventOf(receipt, 'collected');
    expect(String(BigInt(collected.amount0) - BigInt(principal.amount0))).toBe(told.fee0);
    expect(String(BigInt(collected.amount1) - BigInt(principal.amount1))).toBe(told.fee1);
    expect([principal.amount0, principal.amount1]).toEqual([told.amount0, told.amount1]);
    const after = await world.balances();
    expect([after.amount0 - before.amount0, after.amount1 - before.amount1].map(String)).toEqual([collected.amount0, collected.amount1]);
    expect(eventOf(receipt, 'burned').tokenId).toBe(tokenId);
    expect((await world.amm.snapshot(world.pool, [tokenId])).positions).toEqual([{ kind: 'missing', tokenId }]);
    expect(await world.amm.ownedPositions(world.wallet.address)).toEqual({ tokenIds: [], complete: true });
  });

  it('swaps for what was quoted, in both ways of asking', async () => {
    const [tokenIn, tokenOut] = [world.seeded.baseToken, world.seeded.quoteToken];
    for (const kind of ['exactIn', 'exactOut'] as const) {
      const amount = kind === 'exactIn' ? String(10n ** 18n) : String(50n * 10n ** 6n);
      const request = { kind, tokenIn, tokenOut, feePips: world.pool.feePips, amount };
      const quote = await world.amm.quoteSwap(request);
      const limit = kind === 'exactIn' ? quote.amountOut : quote.amountIn;
      const receipt = await world.run(world.amm.swapCall({ ...request, limit, recipient: world.wallet.address, deadlineSeconds: await world.deadline() }));
      const swap = eventOf(receipt, 'swapped');
      const [paid, received] = base === 'token0' ? [swap.amount0, swap.amount1] : [swap.amount1, swap.amount0];
      expect([paid, received]).toEqual([quote.amountIn, `-${quote.amountOut}`]);
      expect([swap.poolAddress.toLowerCase(), swap.sqrtPriceX96]).toEqual([world.pool.poolAddress.toLowerCase(), quote.sqrtPriceX96After]);
    }
  });

  it('counts as in range exactly where the pool counts its liquidity', async () => {
    const { pool } = await world.amm.snapshot(world.pool, []);
    const price = priceQuoteAtSqrt(world.seeded.tokens, BigInt(pool.sqrtPriceX96));
    const receipt = await world.run(await world.mintCall('1', '0', price.times('1.1').toFixed(10), price.times('1.2').toFixed(10)));
    const { tokenId: above } = eventOf(receipt, 'increased');
    const position = await world.position(above);
    const edges = [position.tickLower, position.tickUpper].map((tick) => priceQuoteAtSqrt(world.seeded.tokens, sqrtPriceX96AtTick(tick)));
    const prices = edges.flatMap((edge) => [edge.times('0.999'), edge, edge.times('1.0001')]);
    const sides = new Set<string>();
    for (const target of [...prices, ...[...prices].reverse()]) {
      await world.moveTo(target.toFixed(30));
      const at = await world.amm.snapshot(world.pool, [above]);
      const side = rangeSide(world.seeded.tokens, position, at.pool.tick);
      sides.add(side);
      expect(BigInt(at.pool.liquidity) - BigInt(pool.liquidity)).toBe(side === 'in' ? BigInt(position.liquidity) : 0n);
    }
    expect([...sides].sort()).toEqual(['above', 'below', 'in']);
    await world.run(await world.closeCall(above));
  });
});

describe('what is refused', () => {
  let world: AmmWorld;
  beforeAll(async () => {
    world = await AmmWorld.start();
  });
  afterAll(async () => {
    await world?.chain.kill();
  });

  it('is refused before it is signed, with a reason of ours', async () => {
    const mint = await world.mintCall('1', '100', '95', '105');
    expect(await world.refusal(mint)).toBe('FUNDS_OR_ALLOWANCE');
    await world.approveAll();
    expect(await world.refusal(mint)).toBe('prepared');
    const request = { pool: world.pool, tickLower: -230_820, tickUpper: -229_740, amount0Desired: String(10n ** 18n), amount1Desired: String(10n ** 8n), amount0Min: '0', amount1Min: '0', recipient: world.wallet.address, deadlineSeconds: await world.deadline() };
    const refused = async (changes: Partial<typeof request>) => await world.refusal(world.amm.mintCall({ ...request, ...changes }));
    expect(await refused({ deadlineSeconds: 1 })).toBe('DEADLINE_PASSED');
    expect(await refused({ amount0Min: request.amount0Desired, amount1Min: request.amount1Desired })).toBe('PRICE_MOVED');
    expect(await refused({ tickLower: -229_740, tickUpper: -230_820 })).toBe('INVALID_TICKS');
    expect(await refused({ tickLower: -230_821 })).toBe('NO_LIQUIDITY');
    expect(await refused({ amount1Desired: '0' })).toBe('NO_LIQUIDITY');
    expect(await refused({ amount0Desired: String(10n ** 30n), amount1Desired: String(10n ** 20n) })).toBe('FUNDS_OR_ALLOWANCE');
  });

  it('likewise at the close and at a swap', async () => {
    const { tokenId } = eventOf(await world.run(await world.mintCall('1', '100', '95', '105')), 'increased');
    const { liquidity, amount0, amount1 } = await world.position(tokenId);
    const request = { tokenId, liquidity, amount0Min: '0', amount1Min: '0', recipient: world.wallet.address, deadlineSeconds: await world.deadline() };
    const refused = async (changes: Partial<typeof request>) => await world.refusal(world.amm.closeCall({ ...request, ...changes }));
    expect(await refused({ deadlineSeconds: 1 })).toBe('DEADLINE_PASSED');
    expect(await refused({ amount0Min: String(BigInt(amount0) + 1n), amount1Min: amount1 })).toBe('PRICE_MOVED');
    expect(await refused({ liquidity: String(BigInt(liquidity) - 1n) })).toBe('POSITION_NOT_EMPTY');
    expect(await refused({ tokenId: '999' })).toBe('POSITION_GONE');
    // The market's own, minted by the seeding.
    const [stranger = ''] = (await world.amm.ownedPositions(TEST_ACCOUNTS.market.address)).tokenIds;
    expect(await refused({ tokenId: stranger })).toBe('NOT_OWNER');
    const swap = { kind: 'exactIn' as const, tokenIn: world.seeded.baseToken, tokenOut: world.seeded.quoteToken, feePips: 3_000, amount: String(10n ** 18n), limit: String(10n ** 12n), recipient: world.wallet.address, deadlineSeconds: await world.deadline() };
    expect(await world.refusal(world.amm.swapCall(swap))).toBe('PRICE_MOVED');
    expect(await world.refusal(world.amm.swapCall({ ...swap, limit: '0', deadlineSeconds: 1 }))).toBe('DEADLINE_PASSED');
    expect(await world.refusal(world.amm.swapCall({ ...swap, limit: '0', amount: String(10n ** 40n) }))).toBe('FUNDS_OR_ALLOWANCE');
  });

  it('and reads say what is wrong with what was named', async () => {
    expect(await codeOf(world.amm.pool(world.seeded.baseToken))).toBe('POOL_MISMATCH');
    expect(await codeOf(world.amm.pool(TEST_ACCOUNTS.trader.address))).toBe('POOL_MISMATCH');
    expect(await codeOf(world.amm.pool('no address'))).toBe('POOL_MISMATCH');
    const [stranger = ''] = (await world.amm.ownedPositions(TEST_ACCOUNTS.market.address)).tokenIds;
    expect(await codeOf(world.amm.snapshot({ ...world.pool, feePips: 500 }, [stranger]))).toBe('POSITION_OF_OTHER_POOL');
    const { positions } = await world.amm.snapshot(world.pool, [stranger, '999']);
    expect(positions.map(({ kind }) => kind)).toEqual(['open', 'missing']);
    const quote = { kind: 'exactIn' as const, tokenIn: world.seeded.baseToken, tokenOut: world.seeded.quoteToken, feePips: 500, amount: '1000' };
    expect(await codeOf(world.amm.quoteSwap(quote))).toBe('NO_QUOTE');
    expect(await codeOf(world.amm.quoteSwap({ ...quote, feePips: 3_000, amount: '0' }))).toBe('NO_QUOTE');
    expect(await codeOf(world.amm.quoteSwap({ ...quote, kind: 'exactOut', feePips: 3_000, amount: String(10n ** 20n) }))).toBe('NO_QUOTE');
  });

  it('contracts that do not belong together are found before anything is approved for them', async () => {
    const { addresses } = world.seeded;
    const amm = (changes: Partial<typeof addresses>) => new UniswapV3Amm(world.client, { network: 'local-evm', chainId: LOCAL_CHAIN_ID, addresses: { ...addresses, ...changes }, dialect: uniswapDialect('deadlineInSwap') });
    for (const name of ['positionManager', 'swapRouter', 'quoter'] as const) {
      for (const wrong of [addresses.wrappedNative, TEST_ACCOUNTS.trader.address]) expect(await codeOf(amm({ [name]: wrong }).pool(world.pool.poolAddress)), name).toBe('POOL_MISMATCH');
    }
    expect(await codeOf(amm({ factory: addresses.quoter }).pool(world.pool.poolAddress))).toBe('POOL_MISMATCH');
    expect(await codeOf(amm({}).pool(world.pool.poolAddress))).toBe('answered');
    expect(await world.amm.wrappedNative()).toBe(addresses.wrappedNative);
    expect(await world.amm.nativeBalance(TEST_ACCOUNTS.market.address)).toMatch(/^9999\.\d+$/);
    expect(await world.amm.allowance(world.pool.token0.address, world.wallet.address, addresses.quoter)).toBe('0');
  });

  it('the same contracts deployed by somebody else are not the venue’s', async () => {
    const { addresses, baseToken, quoteToken } = world.seeded;
    const link = await linkLocalChain(world.chain.rpcUrl);
    const send = async (to: Address | null, data: Hex) => await link.send({ from: TEST_ACCOUNTS.market.address, to, data });
    const factory = (await send(null, creationCode('factory'))).contractAddress ?? zeroAddress;
    const createPool = encodeFunctionData({ abi: parseAbi(['function createPool(address tokenA, address tokenB, uint24 fee) returns (address pool)']), args: [baseToken, quoteToken, 3_000] });
    await send(factory, createPool);
    const pool = await world.client.readContract({ address: factory, abi: FACTORY_ABI, functionName: 'getPool', args: [baseToken, quoteToken, 3_000] });
    expect(await codeOf(world.amm.pool(pool))).toBe('POOL_MISMATCH');
    const words = encodeAbiParameters([{ type: 'address' }, { type: 'address' }], [factory, addresses.wrappedNative]);
    const swapRouter = (await send(null, concatHex([creationCode('swapRouter'), words]))).contractAddress ?? zeroAddress;
    const amm = new UniswapV3Amm(world.client, { network: 'local-evm', chainId: LOCAL_CHAIN_ID, addresses: { ...addresses, swapRouter }, dialect: uniswapDialect('deadlineInSwap') });
    expect(await codeOf(amm.pool(world.pool.poolAddress))).toBe('POOL_MISMATCH');
  });

  it('a cap on gas keeps a transaction from being signed, and so does an empty wallet', async () => {
    const call = world.amm.approveCall(world.pool.token0.address, world.amm.spenders.mint, '1');
    expect(await world.refusal(call, { ...POLICY, maxFeePerGasWei: '1' })).toBe('FEE_TOO_HIGH');
    expect(await world.refusal(call, { ...POLICY, maxCostNative: '0.000001' })).toBe('FEE_TOO_HIGH');
    const balance = await world.client.getBalance({ address: world.wallet.address });
    await world.test.setBalance({ address: world.wallet.address, value: 10n ** 10n });
    expect(await world.refusal(call)).toBe('INSUFFICIENT_NATIVE');
    await world.test.setBalance({ address: world.wallet.address, value: balance });
  });
});

describe('a snapshot', () => {
  let world: AmmWorld;
  let node: FaultyNode;
  let amm: UniswapV3Amm;
  let tokenId = '';
  beforeAll(async () => {
    world = await AmmWorld.start();
    node = await startFaultyNode(world.chain.rpcUrl);
    const client = await openChain({ network: 'local-evm', chainId: LOCAL_CHAIN_ID, rpcUrl: node.rpcUrl });
    amm = new UniswapV3Amm(client, { network: 'local-evm', chainId: LOCAL_CHAIN_ID, addresses: world.seeded.addresses, dialect: uniswapDialect('deadlineInSwap') });
    [tokenId = ''] = (await world.amm.ownedPositions(TEST_ACCOUNTS.market.address)).tokenIds;
  });
  afterAll(async () => {
    await node?.close();
    await world?.chain.kill();
  });

  it('is all of the block it names, whatever is mined while it is taken', async () => {
    const before = await world.amm.snapshot(world.pool, [tokenId]);
    let moved = 0;
    node.rewrite = async (body) => {
      if (body.includes('"eth_call"') && moved === 0) {
        moved += 1;
        await world.moveTo('120');
      }
      return body;
    };
    expect(await amm.snapshot(world.pool, [tokenId])).toEqual(before);
    expect(moved).toBe(1);
    expect((await world.amm.snapshot(world.pool, [tokenId])).pool.tick).not.toBe(before.pool.tick);
  });

  it('is taken again when one of its answers came from another block', async () => {
    const slot0 = encodeFunctionData({ abi: POOL_ABI, functionName: 'slot0' });
    let strayed = 0;
    node.rewrite = async (body) => {
      if (!body.includes(slot0) || strayed > 0) return body;
      strayed += 1;
      await world.moveTo('80');
      const request = JSON.parse(body) as { params: unknown[] };
      return JSON.stringify({ ...request, params: [request.params[0], 'latest'] });
    };
    const taken = await amm.snapshot(world.pool, [tokenId]);
    expect(strayed).toBe(1);
    expect(taken).toEqual(await world.amm.snapshot(world.pool, [tokenId]));
  });

  it('is refused when the node never agrees with itself', async () => {
    const slot0 = encodeFunctionData({ abi: POOL_ABI, functionName: 'slot0' });
    let looks = 0;
    node.rewrite = async (body) => {
      if (!body.includes(slot0)) return body;
      looks += 1;
      await world.moveTo(looks % 2 === 0 ? '90' : '110');
      const request = JSON.parse(body) as { params: unknown[] };
      return JSON.stringify({ ...request, params: [request.params[0], 'latest'] });
    };
    expect(await codeOf(amm.snapshot(world.pool, [tokenId]))).toBe('NODE_ERROR');
    expect(looks).toBeLessThanOrEqual(10);
  });

  it('goes on without a break while blocks come one after the other', async () => {
    let over = false;
    const mining = (async () => {
      for (let step = 0; !over; step += 1) await world.moveTo(step % 2 === 0 ? '120' : '80');
    })();
    try {
      for (let look = 0; look < 40; look += 1) {
        const { pool, positions } = await world.amm.snapshot(world.pool, [tokenId]);
        expect(tickAtSqrtPriceX96(BigInt(pool.sqrtPriceX96))).toBe(pool.tick);
        expect(positions[0]?.kind).toBe('open');
      }
    } finally {
      over = true;
      await mining;
    }
  });
});

describe('receipts and calls of other contracts', () => {
  it('a position is believed of the position manager alone', async () => {
    const world = await AmmWorld.start();
    try {
      await world.approveAll();
      const transaction = await world.prepared(await world.mintCall('1', '100', '95', '105'));
      await world.amm.broadcast(transaction.raw);
      await world.confirmed(transaction);
      const { logs } = await world.client.getTransactionReceipt({ hash: transaction.hash as `0x${string}` });
      const kinds = (manager: `0x${string}`) => eventsOfLogs(logs, manager, UNISWAP_SWAP_EVENT_ABI).map(({ kind }) => kind);
      expect(kinds(world.seeded.addresses.positionManager)).toEqual(['minted', 'increased']);
      expect(kinds(world.seeded.addresses.swapRouter)).toEqual([]);
    } finally {
      await world.chain.kill();
    }
  });

  it('a position that changes hands is neither minted nor burned', () => {
    const [trader, market, manager] = [TEST_ACCOUNTS.trader.address, TEST_ACCOUNTS.market.address, TEST_ACCOUNTS.deployer.address];
    const kinds = (from: Address, to: Address) => {
      const topics = encodeEventTopics({ abi: POSITION_MANAGER_ABI, eventName: 'Transfer', args: { from, to, tokenId: 7n } });
      return eventsOfLogs([{ address: manager, data: '0x', topics } as unknown as Log], manager, UNISWAP_SWAP_EVENT_ABI).map(({ kind }) => kind);
    };
    expect([kinds(trader, market), kinds(zeroAddress, trader), kinds(trader, zeroAddress)]).toEqual([[], ['minted'], ['burned']]);
  });

  it('addresses of live chains are written without a slip of the pen', () => {
    const chains = [1, 10, 56, 137, 8_453, 42_161, 84_532, 11_155_111];
    for (const chainId of chains) for (const address of Object.values(uniswapAddresses(chainId) ?? { none: '' })) expect(getAddress(address)).toBe(address);
    expect(uniswapAddresses(LOCAL_CHAIN_ID)).toBeNull();
  });

  it('a router without deadlines gets one around its swap', () => {
    const address = TEST_ACCOUNTS.trader.address;
    const addresses = { factory: address, positionManager: address, swapRouter: address, quoter: address };
    const request = { kind: 'exactIn' as const, tokenIn: address, tokenOut: address, feePips: 500, amount: '5', limit: '4', recipient: address, deadlineSeconds: 1_700_000_000 };
    const first = swapCall(addresses, uniswapDialect('deadlineInSwap'), request).data;
    const second = swapCall(addresses, uniswapDialect('deadlineAround'), request).data;
    // Selectors of exactInputSingle with a deadline, and of multicall(uint256,bytes[]) round exactInputSingle without.
    expect(first.slice(0, 10)).toBe('0x414bf389');
    expect(second.slice(0, 10)).toBe('0x5ae401dc');
    expect(second).toContain('04e45aaf');
    expect(second.slice(10, 74)).toBe((1_700_000_000).toString(16).padStart(64, '0'));
  });
});
