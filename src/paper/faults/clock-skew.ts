import type { RequestFault } from './fault.js';

/** How far ahead the exchange's clock is for a request that these faults hit. */
export function clockSkew(faults: readonly RequestFault[]): number {
  return faults.reduce((skewMs, fault) => (fault.kind === 'clock-skew' ? fault.skewMs : skewMs), 0);
}
