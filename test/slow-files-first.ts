import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take the better part of a minute or more, the slowest first. */
const SLOW = [
  'crash/short-crash-run',
  'outages/standby',
  'executors/grid-',
  'executors/xemm',
  'executors/arbitrage',
  'executors/cancellation/',
  'executors/twap-',
  'executors/what-cannot-be-closed',
  'docs/commands-on-the-stack',
  'executors/dca-close-types',
  'perpetual/perpetual-executors',
  'exchanges/fault-cards/session-cards',
  'model/session-model',
  'executors/',
  'outages/',
  'stack/nothing-left-behind',
  'http/product-page',
  'http/stuck-executor',
  'crash/',
  'replay/replay',
  'perpetual/',
  'bench/',
  'exchanges/paper',
];

/** A long file that begins last leaves the other cores idle; a fresh checkout knows no durations of before. */
export default class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = SLOW.findIndex((part) => moduleId.includes(`/test/${part}`));
      return found === -1 ? SLOW.length : found;
    };
    return rest.toSorted((a, b) => rank(a) - rank(b));
  }
}
