import { log, setHandler, type SignalDefinition } from '@temporalio/workflow';
import type { Check } from '../../src/contract/check-messages.js';

/** Handles a signal whose payload is well formed; any other is ignored and told of, because it would stop the workflow for good. */
export function onSignal<News>(signal: SignalDefinition<[News]>, isWellFormed: Check<News>, handle: (news: News) => void | Promise<void>, ignored: (signal: string) => void = () => undefined): void {
  setHandler(signal, (news: unknown) => {
    if (isWellFormed(news)) return handle(news);
    log.warn('a malformed signal is ignored', { signal: signal.name });
    ignored(signal.name);
    return undefined;
  });
}
