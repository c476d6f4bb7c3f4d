import { concatHex, encodeAbiParameters, getContractAddress, type Address, type Hex } from 'viem';
import type { ChainLink } from './chain-link.js';
import { creationCode, type LocalContract } from './contract-artifacts.js';
import { TEST_ACCOUNTS } from './test-accounts.js';

/** Each at the deployer's nonce of its place here, so that it stands at the same address on every local chain. */
const ORDER: readonly LocalContract[] = ['wrappedNative', 'factory', 'positionManager', 'swapRouter', 'quoter', 'firstToken', 'secondToken'];

export interface TestTokenSpec {
  readonly symbol: string;
  readonly decimals: number;
}

export type LocalAddresses = Readonly<Record<LocalContract, Address>>;

/** Where the contracts of a local chain are, deployed or not. */
export function localAddresses(): LocalAddresses {
  const addressAt = (contract: LocalContract): Address => getContractAddress({ from: TEST_ACCOUNTS.deployer.address, nonce: BigInt(ORDER.indexOf(contract)) });
  return {
    wrappedNative: addressAt('wrappedNative'),
    factory: addressAt('factory'),
    positionManager: addressAt('positionManager'),
    swapRouter: addressAt('swapRouter'),
    quoter: addressAt('quoter'),
    firstToken: addressAt('firstToken'),
    secondToken: addressAt('secondToken'),
  };
}

/**
 * Deploys what is missing, so that a seeding that was cut short goes on where it was. Answers how many it deployed. Throws
 * when the deployer's account was used for anything else: its addresses are then not these.
 */
export async function deployContracts(link: ChainLink, first: TestTokenSpec, second: TestTokenSpec): Promise<number> {
  const addresses = localAddresses();
  const { address: from } = TEST_ACCOUNTS.deployer;
  const done = await link.client.getTransactionCount({ address: from });
  for (const [nonce, contract] of ORDER.entries()) {
    if (nonce < done) {
      const code = await link.client.getCode({ address: addresses[contract] });
      if (code === undefined) throw new Error(`the local chain has no ${contract} where it belongs; delete its state and start again`);
      continue;
    }
    const receipt = await link.send({ from, to: null, data: concatHex([creationCode(contract), constructorArguments(contract, addresses, first, second)]) });
    if (receipt.contractAddress?.toLowerCase() !== addresses[contract].toLowerCase()) {
      throw new Error(`the local chain put ${contract} at another address; delete its state and start again`);
    }
  }
  return Math.max(0, ORDER.length - done);
}

function constructorArguments(contract: LocalContract, addresses: LocalAddresses, first: TestTokenSpec, second: TestTokenSpec): Hex {
  const address = { type: 'address' } as const;
  switch (contract) {
    case 'wrappedNative':
    case 'factory':
      return '0x';
    case 'positionManager':
      // The third draws pictures of positions; nobody here asks for them, so any address will do.
      return encodeAbiParameters([address, address, address], [addresses.factory, addresses.wrappedNative, addresses.wrappedNative]);
    case 'swapRouter':
    case 'quoter':
      return encodeAbiParameters([address, address], [addresses.factory, addresses.wrappedNative]);
    case 'firstToken':
      return tokenArguments(first);
    case 'secondToken':
      return tokenArguments(second);
  }
}

function tokenArguments({ symbol, decimals }: TestTokenSpec): Hex {
  return encodeAbiParameters([{ type: 'string' }, { type: 'uint8' }], [symbol, decimals]);
}
