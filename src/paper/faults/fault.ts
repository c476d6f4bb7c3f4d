/** What goes wrong. "Commit" is the moment the exchange's ledger holds the effect of the request. */
export type FaultKind =
  | { readonly kind: 'drop-before-commit' }
  | { readonly kind: 'drop-after-commit' }
  | { readonly kind: 'cut-body-after-commit' }
  | { readonly kind: 'status-before-commit'; readonly status: number; readonly body?: string | undefined }
  | { readonly kind: 'status-after-commit'; readonly status: number; readonly body?: string | undefined }
  | { readonly kind: 'delay-before-commit'; readonly delayMs: number }
  | { readonly kind: 'delay-after-commit'; readonly delayMs: number }
  | { readonly kind: 'read-lag'; readonly lagMs: number };

/** Which requests it hits. An absent field matches every request. */
export interface FaultTarget {
  readonly method?: string | undefined;
  readonly route?: string | undefined;
  readonly account?: string | undefined;
  readonly symbol?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly clientOrderIdPrefix?: string | undefined;
}

export interface Fault {
  readonly id: number;
  readonly fault: FaultKind;
  readonly target: FaultTarget;
  /** Matching requests that are still let through first. */
  skip: number;
  /** Matching requests it still hits; null until it is cleared. */
  remaining: number | null;
  hits: number;
}

export interface FaultSubject {
  readonly method: string;
  readonly route: string;
  readonly account: string | undefined;
  readonly symbol: string | undefined;
  readonly clientOrderId: string | undefined;
}

export function matches(target: FaultTarget, subject: FaultSubject): boolean {
  const { method, route, account, symbol, clientOrderId, clientOrderIdPrefix } = target;
  return (
    (method === undefined || method === subject.method) &&
    (route === undefined || route === subject.route) &&
    (account === undefined || account === subject.account) &&
    (symbol === undefined || symbol === subject.symbol) &&
    (clientOrderId === undefined || clientOrderId === subject.clientOrderId) &&
    (clientOrderIdPrefix === undefined || subject.clientOrderId?.startsWith(clientOrderIdPrefix) === true)
  );
}
