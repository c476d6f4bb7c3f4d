/** Addresses as ccxt keeps them: text, or a map of maps of text. */
export type AddressTree = string | { readonly [name: string]: AddressTree };

export interface Addresses {
  /** Scheme, host and port for everything over HTTP; a path is kept in front of the exchange's own. */
  readonly restUrl: string;
  readonly websocketUrl: string;
}

/** The tree with every host replaced, so that no entry is left that leads to where ccxt would go by itself. */
export function redirectAddresses(tree: AddressTree, to: Addresses): AddressTree {
  if (typeof tree === 'string') return redirect(tree, to);
  return Object.fromEntries(Object.entries(tree).map(([name, entry]) => [name, redirectAddresses(entry, to)]));
}

function redirect(address: string, to: Addresses): string {
  if (!URL.canParse(address)) return to.restUrl;
  const url = new URL(address);
  const base = url.protocol.startsWith('ws') ? to.websocketUrl : to.restUrl;
  return `${base.replace(/\/$/, '')}${url.pathname === '/' ? '' : url.pathname}`;
}

/** Every host (with port) in the tree. Text that is no address counts as itself, so that no check overlooks it. */
export function hostsOf(tree: unknown): Set<string> {
  if (typeof tree === 'string') return new Set([URL.canParse(tree) ? new URL(tree).host : tree]);
  if (typeof tree !== 'object' || tree === null) return new Set();
  return new Set(Object.values(tree).flatMap((entry) => [...hostsOf(entry)]));
}

/** A host name without its port. */
export function hostName(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** The last two labels of a host name: an exchange has more hosts under its domain than ccxt lists. */
export function parentDomain(host: string): string {
  return hostName(host).split('.').slice(-2).join('.');
}
