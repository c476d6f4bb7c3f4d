import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isHex, type Hex } from 'viem';

/** Contracts of a local chain, in the order in which they are deployed. */
export type LocalContract = 'wrappedNative' | 'factory' | 'positionManager' | 'swapRouter' | 'quoter' | 'firstToken' | 'secondToken';

/**
 * Bytecode as its authors published it; only the test token is ours. It is read when a chain is seeded: in production these
 * packages are not installed.
 */
const PUBLISHED: Readonly<Record<Exclude<LocalContract, 'firstToken' | 'secondToken'>, string>> = {
  wrappedNative: 'canonical-weth/build/contracts/WETH9.json',
  factory: '@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json',
  positionManager: '@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json',
  swapRouter: '@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json',
  quoter: '@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json',
};

/** Creation code of a contract, without its constructor's arguments. */
export function creationCode(contract: LocalContract): Hex {
  const file =
    contract === 'firstToken' || contract === 'secondToken'
      ? fileURLToPath(new URL('./test-token.json', import.meta.url))
      : createRequire(import.meta.url).resolve(PUBLISHED[contract]);
  const { bytecode } = JSON.parse(readFileSync(file, 'utf8')) as { readonly bytecode?: unknown };
  if (!isHex(bytecode)) throw new Error(`${contract}: its artifact has no bytecode`);
  return bytecode;
}
