/** The file that `DURABLE_EXECUTORS_CONFIG` names, as far as the stack writes it. */
export interface ExecutorsConfiguration {
  readonly accounts: readonly AccountEntry[];
  readonly connectors: Readonly<Record<string, ConnectorEntry>>;
}

export interface AccountEntry {
  readonly name: string;
  readonly connector: string;
  /** Names of environment variables, never the secrets themselves. */
  readonly credentials: { readonly apiKeyEnv: string; readonly secretEnv: string };
  readonly maxSessions: number;
  readonly strict?: boolean;
}

export interface ConnectorEntry {
  readonly restUrl: string;
  readonly websocketUrl: string;
  /** Whether requests keep the limits the exchange tells; a paper exchange sets none unless told to. */
  readonly rateLimited?: boolean;
  /** In place of those. */
  readonly rateLimits?: readonly { readonly unit: 'weight' | 'requests' | 'orders'; readonly limit: number; readonly intervalMs: number }[];
}

export const PAPER_CONNECTOR = 'binance_paper_trade';
export const PAPER_PERPETUAL_CONNECTOR = 'binance_perpetual_paper_trade';
/** The second instance of the paper exchange. */
export const SECOND_PAPER_CONNECTOR = 'kucoin_paper_trade';
export const SECOND_PAPER_PERPETUAL_CONNECTOR = 'kucoin_perpetual_paper_trade';
export const DEFAULT_ACCOUNT = 'master_account';
const DEFAULT_MAX_SESSIONS = 5_000;

/** One account on every paper exchange at these addresses, and with `perpetual` its futures wallet too. */
export function paperConfiguration(urls: { readonly first: string; readonly second?: string | undefined }, perpetual = false): ExecutorsConfiguration {
  const first = instance(urls.first, PAPER_CONNECTOR, perpetual ? PAPER_PERPETUAL_CONNECTOR : null);
  const second = urls.second === undefined ? [] : instance(urls.second, SECOND_PAPER_CONNECTOR, perpetual ? SECOND_PAPER_PERPETUAL_CONNECTOR : null);
  const connectors = [...first, ...second];
  return {
    accounts: connectors.map(([connector]) => ({
      name: DEFAULT_ACCOUNT,
      connector,
      credentials: { apiKeyEnv: 'PAPER_API_KEY', secretEnv: 'PAPER_API_SECRET' },
      maxSessions: DEFAULT_MAX_SESSIONS,
    })),
    connectors: Object.fromEntries(connectors),
  };
}

function instance(restUrl: string, spot: string, perpetual: string | null): readonly (readonly [connector: string, entry: ConnectorEntry])[] {
  const entry = { restUrl, websocketUrl: restUrl.replace(/^http/, 'ws') };
  return perpetual === null ? [[spot, entry]] : [[spot, entry], [perpetual, entry]];
}

/** Names of the environment variables that hold credentials: only the process that owns the accounts gets them. */
export function credentialVariables(configuration: ExecutorsConfiguration): Set<string> {
  return new Set(
    configuration.accounts.flatMap(({ credentials }) => [credentials.apiKeyEnv, credentials.secretEnv]),
  );
}
