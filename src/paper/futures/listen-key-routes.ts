import type { RequestContext } from '../binance/request-context.js';
import { WireError } from '../binance/wire-error.js';

export function createListenKey({ listenKeys, account }: RequestContext): unknown {
  return { listenKey: listenKeys.create(account) };
}

export function renewListenKey({ listenKeys, account }: RequestContext): unknown {
  const listenKey = listenKeys.renew(account);
  if (listenKey === undefined) throw new WireError(-1125, 'This listenKey does not exist.');
  return { listenKey };
}

export function endListenKey({ listenKeys, account }: RequestContext): unknown {
  listenKeys.end(account);
  return {};
}
