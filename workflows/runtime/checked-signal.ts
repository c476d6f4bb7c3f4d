import { log, setHandler, type SignalDefinition } from '@temporalio/workflow';
import type { Check } from '../../src/contract/check-messages.js';

/** Runs the handler of a signal, and sees to it that history shows that it was heard. */
export type Hearing = <Result>(handle: () => Result) => Result;

/** For workflows without updates: nothing can be sorted wrongly among their signals. */
export const HEARD_ANYWAY: Hearing = (handle) => handle();

/** Handles a signal whose payload is well formed; any other is ignored and told of, because it would stop the workflow for good. */
export function onSignal<News>(hearing: Hearing, signal: SignalDefinition<[News]>, isWellFormed: Check<News>, handle: (news: News) => void | Promise<void>, ignored: (signal: string) => void = () => undefined): void {
  setHandler(signal, (news: unknown) =>
    hearing(() => {
      if (isWellFormed(news)) return handle(news);
      log.warn('a malformed signal is ignored', { signal: signal.name });
      ignored(signal.name);
      return undefined;
    }),
  );
}
