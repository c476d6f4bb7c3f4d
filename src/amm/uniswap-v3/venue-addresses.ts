import type { VenueAddresses } from './venue.js';

/** The first deployments, at the same addresses on four chains. */
const FIRST_CHAINS: VenueAddresses = {
  factory: '0x1F98431c8aD98523631AE4a59f267346ea31F984',
  positionManager: '0xC36442b4a4522E871399CD717aBDD847Ab11FE88',
  swapRouter: '0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45',
  quoter: '0x61fFE014bA17989E743c5F6cB21bF9697530B21e',
};

/**
 * Uniswap v3 by chain id, with the router of the second generation. From the deployments pages of docs.uniswap.org; they are
 * compared with the chain before anything is approved (`verifyVenue`), and a config may name others.
 */
const UNISWAP: ReadonlyMap<number, VenueAddresses> = new Map<number, VenueAddresses>([
  [1, FIRST_CHAINS],
  [10, FIRST_CHAINS],
  [137, FIRST_CHAINS],
  [42_161, FIRST_CHAINS],
  [
    8_453,
    {
      factory: '0x33128a8fC17869897dcE68Ed026d694621f6FDfD',
      positionManager: '0x03a520b32C04BF3bEEf7BEb72E919cf822Ed34f1',
      swapRouter: '0x2626664c2603336E57B271c5C0b26F421741e481',
      quoter: '0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a',
    },
  ],
  [
    56,
    {
      factory: '0xdB1d10011AD0Ff90774D0C6Bb92e5C5c8b4461F7',
      positionManager: '0x7b8A01B39D58278b5DE7e48c8449c9f4F5170613',
      swapRouter: '0xB971eF87ede563556b2ED4b1C0b0019111Dd85d2',
      quoter: '0x78D78E420Da98ad378D7799bE8f4AF69033EB077',
    },
  ],
  [
    11_155_111,
    {
      factory: '0x0227628f3F023bb0B980b67D528571c95c6DaC1c',
      positionManager: '0x1238536071E1c677A632429e3655c799b22cDA52',
      swapRouter: '0x3bFA4769FB09eefC5a80d6E87c3B9C650f7Ae48E',
      quoter: '0xEd1f6473345F45b75F8179591dd5bA1888cf2FB3',
    },
  ],
  [
    84_532,
    {
      factory: '0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24',
      positionManager: '0x27F971cb582BF9E50F397e4d29a5C7A34f11faA2',
      swapRouter: '0x94cC0AaC535CCDB3C01d6787D6413C739ae12bc4',
      quoter: '0xC5290058841028F1614F3A6F0F5816cAd0df5E27',
    },
  ],
]);

/** Null where Uniswap's contracts are not known here. */
export function uniswapAddresses(chainId: number): VenueAddresses | null {
  return UNISWAP.get(chainId) ?? null;
}
