import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConnectorError } from './connector-error.js';
import type { CcxtClient } from './ccxt-client.js';

export type CcxtClass = new (configuration: Readonly<Record<string, unknown>>) => CcxtClient;

const loaded = new Map<string, Promise<CcxtClass>>();

/**
 * One streaming exchange class of ccxt, by its file: the package's entry point loads all hundred of them, which costs
 * 50 MB and a third of a second more. Throws ConnectorError (NOT_SUPPORTED) when this version of ccxt has no such class.
 */
export async function loadCcxtClass(ccxtId: string): Promise<CcxtClass> {
  let loading = loaded.get(ccxtId);
  if (loading === undefined) {
    loading = importClass(ccxtId);
    loaded.set(ccxtId, loading);
  }
  return await loading;
}

async function importClass(ccxtId: string): Promise<CcxtClass> {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const file = join(dirname(entry), '..', 'js', 'src', 'pro', `${ccxtId}.js`);
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default: CcxtClass };
    return module.default;
  } catch (error) {
    loaded.delete(ccxtId);
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConnectorError('NOT_SUPPORTED', `This version of ccxt has no streaming class ${JSON.stringify(ccxtId)}.`);
  }
}
