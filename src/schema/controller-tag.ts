import { InvalidConfigError, showValue } from './config-error.js';

export const DEFAULT_CONTROLLER = 'main';

/**
 * The tag that owns the executor. The body's tag wins, else the config's, else `main`; a body that says `main` beside
 * another tag in the config is a client that fills in the default, and counts as silent. Two different tags are refused:
 * guessing would file the executor under somebody else's name.
 */
export function controllerTag(bodyTag: string | undefined, configTag: string | undefined): string {
  const own = (tag: string | undefined): string | undefined => (tag === DEFAULT_CONTROLLER ? undefined : tag);
  const fromBody = own(bodyTag);
  const fromConfig = own(configTag);
  if (fromBody !== undefined && fromConfig !== undefined && fromBody !== fromConfig) {
    throw new InvalidConfigError([
      { field: 'controller_id', value: showValue(fromBody), rule: `must be the same as executor_config.controller_id ${showValue(fromConfig)}` },
    ]);
  }
  return fromBody ?? fromConfig ?? DEFAULT_CONTROLLER;
}
