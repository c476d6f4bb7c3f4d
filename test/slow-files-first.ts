import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take the better part of a minute or more, the slowest first. */
const SLOW = [
  'crash/short-crash-run',
  'outages/standby',
  'executors/cancellation/worker-stop',
  'model/session-model',
  'executors/cancellation/freeze-and-outage',
  'docs/commands-on-the-stack',
  'executors/many-positions',
  'exchanges/fault-cards/session-cards',
  'crash/lost-commands',
  'outages/',
  'executors/',
  'perpetual/',
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
