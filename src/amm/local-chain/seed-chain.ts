import { encodeFunctionData, parseAbi, zeroAddress, type Address } from 'viem';
import { sqrtX96AtPrice, type PoolTokens } from '../../domain/amm/pool-price.js';
import { rawFromAmount } from '../../domain/amm/token-amount.js';
import { usableTicks } from '../../domain/amm/tick-range.js';
import { exactly, parseDecimal } from '../../domain/money.js';
import { ERC20_ABI, FACTORY_ABI, POSITION_MANAGER_ABI } from '../uniswap-v3/abi.js';
import { linkLocalChain, type ChainLink } from './chain-link.js';
import { deployContracts, localAddresses, type LocalAddresses } from './deploy-contracts.js';
import { TEST_ACCOUNTS } from './test-accounts.js';

export interface SeedOptions {
  /** Quote per base at which the pool opens. Default 100. */
  readonly priceQuote?: string;
  /** Which of the pool's tokens base becomes. Default token0. */
  readonly base?: 'token0' | 'token1';
  /** Base behind the price, over all prices; with as much quote as it is worth. Default 1000. */
  readonly backgroundBase?: string;
}

export interface SeededChain {
  readonly addresses: LocalAddresses;
  readonly poolAddress: Address;
  readonly baseToken: Address;
  readonly quoteToken: Address;
  readonly tokens: PoolTokens;
  readonly feePips: number;
  readonly tickSpacing: number;
  /** Transactions this seeding needed; 0 when everything was there. */
  readonly transactions: number;
}

const FEE_PIPS = 3_000;
const TICK_SPACING = 60;
const BASE = { symbol: 'BASE', decimals: 18 };
const QUOTE = { symbol: 'QUSD', decimals: 6 };
const TRADER_BASE = '1000';
const TRADER_QUOTE = '100000';
/** The market never runs out: whatever price a script wants, it can pay for. */
const MARKET_UNITS = '1000000000000';
const LARGEST_UINT256 = (1n << 256n) - 1n;
const NEVER = LARGEST_UINT256;

const TEST_TOKEN_ABI = parseAbi(['function mint(address to, uint256 value)']);

/**
 * Brings a local chain to the state tests and the demo start from: contracts, a pool with a price and liquidity behind it,
 * accounts with tokens. What is there already is left alone, so it may be called at every start. The liquidity comes last:
 * where it is, everything is.
 */
export async function seedLocalChain(rpcUrl: string, options: SeedOptions = {}): Promise<SeededChain> {
  const link = await linkLocalChain(rpcUrl);
  const plan = planSeed(options);
  let transactions = await deployContracts(link, ...plan.specs);
  const send = async (from: Address, to: Address, data: `0x${string}`): Promise<void> => {
    await link.send({ from, to, data });
    transactions += 1;
  };
  if (!(await hasBackground(link, plan.addresses))) {
    await openPool(plan, send);
    await fund(link, plan, send);
    await addBackground(plan, options, send);
  }
  const poolAddress = await link.client.readContract({
    address: plan.addresses.factory,
    abi: FACTORY_ABI,
    functionName: 'getPool',
    args: [plan.baseToken, plan.quoteToken, FEE_PIPS],
  });
  if (poolAddress === zeroAddress) throw new Error('the local chain was seeded with other tokens; delete its state and start again');
  await checkOrder(link, plan);
  const { addresses, baseToken, quoteToken, tokens } = plan;
  return { addresses, poolAddress, baseToken, quoteToken, tokens, feePips: FEE_PIPS, tickSpacing: TICK_SPACING, transactions };
}

type Send = (from: Address, to: Address, data: `0x${string}`) => Promise<void>;

interface SeedPlan {
  readonly addresses: LocalAddresses;
  readonly specs: readonly [typeof BASE, typeof BASE];
  readonly baseToken: Address;
  readonly quoteToken: Address;
  readonly tokens: PoolTokens;
  readonly sqrtPriceX96: bigint;
}

function planSeed(options: SeedOptions): SeedPlan {
  const addresses = localAddresses();
  const base = options.base ?? 'token0';
  const firstIsToken0 = BigInt(addresses.firstToken) < BigInt(addresses.secondToken);
  const baseIsFirst = firstIsToken0 === (base === 'token0');
  const tokens: PoolTokens = base === 'token0' ? { base, decimals0: BASE.decimals, decimals1: QUOTE.decimals } : { base, decimals0: QUOTE.decimals, decimals1: BASE.decimals };
  return {
    addresses,
    specs: baseIsFirst ? [BASE, QUOTE] : [QUOTE, BASE],
    baseToken: baseIsFirst ? addresses.firstToken : addresses.secondToken,
    quoteToken: baseIsFirst ? addresses.secondToken : addresses.firstToken,
    tokens,
    sqrtPriceX96: sqrtX96AtPrice(tokens, parseDecimal('priceQuote', options.priceQuote ?? '100'), 'down'),
  };
}

async function hasBackground(link: ChainLink, addresses: LocalAddresses): Promise<boolean> {
  const owned = await link.client.readContract({
    address: addresses.positionManager,
    abi: POSITION_MANAGER_ABI,
    functionName: 'balanceOf',
    args: [TEST_ACCOUNTS.market.address],
  });
  return owned > 0n;
}

async function openPool(plan: SeedPlan, send: Send): Promise<void> {
  const [token0, token1] = ordered(plan, plan.baseToken, plan.quoteToken);
  const args = [token0, token1, FEE_PIPS, plan.sqrtPriceX96] as const;
  await send(TEST_ACCOUNTS.market.address, plan.addresses.positionManager, encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'createAndInitializePoolIfNecessary', args }));
}

async function fund(link: ChainLink, plan: SeedPlan, send: Send): Promise<void> {
  const { trader, market } = TEST_ACCOUNTS;
  const wanted: readonly (readonly [Address, Address, number, string])[] = [
    [trader.address, plan.baseToken, BASE.decimals, TRADER_BASE],
    [trader.address, plan.quoteToken, QUOTE.decimals, TRADER_QUOTE],
    [market.address, plan.baseToken, BASE.decimals, MARKET_UNITS],
    [market.address, plan.quoteToken, QUOTE.decimals, MARKET_UNITS],
  ];
  for (const [owner, token, decimals, amount] of wanted) {
    const raw = rawFromAmount(parseDecimal('amount', amount), decimals, 'down');
    const held = await link.client.readContract({ address: token, abi: ERC20_ABI, functionName: 'balanceOf', args: [owner] });
    if (held >= raw) continue;
    await send(market.address, token, encodeFunctionData({ abi: TEST_TOKEN_ABI, functionName: 'mint', args: [owner, raw - held] }));
  }
  for (const token of [plan.baseToken, plan.quoteToken]) {
    for (const spender of [plan.addresses.positionManager, plan.addresses.swapRouter]) {
      await send(market.address, token, encodeFunctionData({ abi: ERC20_ABI, functionName: 'approve', args: [spender, LARGEST_UINT256] }));
    }
  }
}

async function addBackground(plan: SeedPlan, options: SeedOptions, send: Send): Promise<void> {
  const amountBase = parseDecimal('backgroundBase', options.backgroundBase ?? '1000');
  const amountQuote = exactly.product(amountBase, parseDecimal('priceQuote', options.priceQuote ?? '100'));
  const [amount0Desired, amount1Desired] = ordered(plan, rawFromAmount(amountBase, BASE.decimals, 'down'), rawFromAmount(amountQuote, QUOTE.decimals, 'up'));
  const [token0, token1] = ordered(plan, plan.baseToken, plan.quoteToken);
  const { address: recipient } = TEST_ACCOUNTS.market;
  const params = { token0, token1, fee: FEE_PIPS, ...usableTicks(TICK_SPACING), amount0Desired, amount1Desired, amount0Min: 0n, amount1Min: 0n, recipient, deadline: NEVER };
  await send(recipient, plan.addresses.positionManager, encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'mint', args: [params] }));
}

/** A chain seeded with the tokens the other way round has a pool too, and every price of it would be read upside down. */
async function checkOrder(link: ChainLink, plan: SeedPlan): Promise<void> {
  const decimals = await link.client.readContract({ address: plan.baseToken, abi: ERC20_ABI, functionName: 'decimals' });
  if (decimals !== BASE.decimals) throw new Error('the local chain was seeded with its tokens in the other order; delete its state and start again');
}

function ordered<Value>(plan: SeedPlan, ofBase: Value, ofQuote: Value): readonly [Value, Value] {
  return plan.tokens.base === 'token0' ? [ofBase, ofQuote] : [ofQuote, ofBase];
}
