/** Assets that are one and the same under other names: wrapped on another chain, or bridged. */
const SAME: readonly ReadonlySet<string>[] = [
  new Set(['ETH', 'WETH', 'UETH']),
  new Set(['BTC', 'WBTC', 'UBTC']),
  new Set(['BNB', 'WBNB']),
  new Set(['POL', 'WPOL']),
  new Set(['AVAX', 'WAVAX']),
  new Set(['ONE', 'WONE']),
  new Set(['USDC', 'USDC.E']),
  new Set(['SOL', 'USOL']),
];

/** Whether what is bought as one asset can be sold as the other: equal, wrapped or bridged, or both a dollar. */
export function areInterchangeable(left: string, right: string): boolean {
  if (left === right) return true;
  if (left.includes('USD') && right.includes('USD')) return true;
  return SAME.some((names) => names.has(left) && names.has(right));
}
