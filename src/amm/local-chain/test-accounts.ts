/** Chain id of local chains; the public test phrase is used on no other. */
export const LOCAL_CHAIN_ID = 31_337;

/** Known to everybody, and so are its keys: whatever it holds on a real chain is taken at once. */
export const PUBLIC_TEST_PHRASE = 'test test test test test test test test test test test junk';

/** Accounts of that phrase and what a local chain uses them for. The chain keeps their keys itself. */
export const TEST_ACCOUNTS = {
  /** Owns positions of executors. */
  trader: { index: 0, address: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' },
  /** Moves the price and provides the liquidity behind it. */
  market: { index: 1, address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' },
  /** Deploys contracts and does nothing else, so that its nonces, and with them all addresses, are the same every time. */
  deployer: { index: 9, address: '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720' },
} as const;
