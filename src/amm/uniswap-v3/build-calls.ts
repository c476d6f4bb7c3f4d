import { encodeFunctionData, type Address, type Hex } from 'viem';
import type { CallPurpose, CloseRequest, ContractCall, MintRequest, SwapRequest } from '../../ports/amm.js';
import { addressOf, integerOf } from '../evm/hex-text.js';
import { ERC20_ABI, POSITION_MANAGER_ABI, SWAP_ROUTER_02_ABI, SWAP_ROUTER_ABI } from './abi.js';
import type { VenueAddresses, VenueDialect } from './venue.js';

const LARGEST_UINT128 = (1n << 128n) - 1n;

export function approveCall(token: string, spender: string, amount: string): ContractCall {
  const args = [addressOf('spender', spender), integerOf('amount', amount)] as const;
  return call('approve', addressOf('token', token), encodeFunctionData({ abi: ERC20_ABI, functionName: 'approve', args }));
}

export function mintCall(addresses: VenueAddresses, request: MintRequest): ContractCall {
  const params = {
    token0: addressOf('token0', request.pool.token0.address),
    token1: addressOf('token1', request.pool.token1.address),
    fee: request.pool.feePips,
    tickLower: request.tickLower,
    tickUpper: request.tickUpper,
    amount0Desired: integerOf('amount0Desired', request.amount0Desired),
    amount1Desired: integerOf('amount1Desired', request.amount1Desired),
    amount0Min: integerOf('amount0Min', request.amount0Min),
    amount1Min: integerOf('amount1Min', request.amount1Min),
    recipient: addressOf('recipient', request.recipient),
    deadline: BigInt(request.deadlineSeconds),
  };
  return call('mint', addresses.positionManager, encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'mint', args: [params] }));
}

/**
 * One multicall, so that there is no half-closed position. A position without liquidity, as somebody else may have left it,
 * is only collected and burned: the contract refuses to decrease nothing.
 */
export function closeCall(addresses: VenueAddresses, request: CloseRequest): ContractCall {
  const tokenId = integerOf('tokenId', request.tokenId);
  const liquidity = integerOf('liquidity', request.liquidity);
  const decrease = {
    tokenId,
    liquidity,
    amount0Min: integerOf('amount0Min', request.amount0Min),
    amount1Min: integerOf('amount1Min', request.amount1Min),
    deadline: BigInt(request.deadlineSeconds),
  };
  const collect = { tokenId, recipient: addressOf('recipient', request.recipient), amount0Max: LARGEST_UINT128, amount1Max: LARGEST_UINT128 };
  const steps: readonly Hex[] = [
    ...(liquidity === 0n ? [] : [encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'decreaseLiquidity', args: [decrease] })]),
    encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'collect', args: [collect] }),
    encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'burn', args: [tokenId] }),
  ];
  return call('close', addresses.positionManager, encodeFunctionData({ abi: POSITION_MANAGER_ABI, functionName: 'multicall', args: [steps] }));
}

export function swapCall(addresses: VenueAddresses, dialect: VenueDialect, request: SwapRequest): ContractCall {
  const deadline = BigInt(request.deadlineSeconds);
  switch (dialect.router) {
    case 'deadlineInSwap':
      return call('swap', addresses.swapRouter, firstGeneration(request, deadline));
    case 'deadlineAround':
      return call('swap', addresses.swapRouter, encodeFunctionData({ abi: SWAP_ROUTER_02_ABI, functionName: 'multicall', args: [deadline, [secondGeneration(request)]] }));
  }
}

function firstGeneration(request: SwapRequest, deadline: bigint): Hex {
  const pair = { ...pairOf(request), deadline };
  return request.kind === 'exactIn'
    ? encodeFunctionData({ abi: SWAP_ROUTER_ABI, functionName: 'exactInputSingle', args: [{ ...pair, ...exactIn(request) }] })
    : encodeFunctionData({ abi: SWAP_ROUTER_ABI, functionName: 'exactOutputSingle', args: [{ ...pair, ...exactOut(request) }] });
}

function secondGeneration(request: SwapRequest): Hex {
  const pair = pairOf(request);
  return request.kind === 'exactIn'
    ? encodeFunctionData({ abi: SWAP_ROUTER_02_ABI, functionName: 'exactInputSingle', args: [{ ...pair, ...exactIn(request) }] })
    : encodeFunctionData({ abi: SWAP_ROUTER_02_ABI, functionName: 'exactOutputSingle', args: [{ ...pair, ...exactOut(request) }] });
}

function pairOf(request: SwapRequest) {
  return {
    tokenIn: addressOf('tokenIn', request.tokenIn),
    tokenOut: addressOf('tokenOut', request.tokenOut),
    fee: request.feePips,
    recipient: addressOf('recipient', request.recipient),
    sqrtPriceLimitX96: 0n,
  };
}

function exactIn(request: SwapRequest) {
  return { amountIn: integerOf('amount', request.amount), amountOutMinimum: integerOf('limit', request.limit) };
}

function exactOut(request: SwapRequest) {
  return { amountOut: integerOf('amount', request.amount), amountInMaximum: integerOf('limit', request.limit) };
}

function call(purpose: CallPurpose, to: Address, data: Hex): ContractCall {
  return { purpose, to, data, valueWei: '0' };
}
