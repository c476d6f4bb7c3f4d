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
export const DEFAULT_ACCOUNT = 'master_account';
const DEFAULT_MAX_SESSIONS = 5_000;

/** One account on the paper exchange that listens on this host and port, and with `perpetual` its futures wallet too. */
export function paperConfiguration(host: string, port: number, perpetual = false): ExecutorsConfiguration {
  const connectors = perpetual ? [PAPER_CONNECTOR, PAPER_PERPETUAL_CONNECTOR] : [PAPER_CONNECTOR];
  return {
    accounts: connectors.map((connector) => ({
      name: DEFAULT_ACCOUNT,
      connector,
      credentials: { apiKeyEnv: 'PAPER_API_KEY', secretEnv: 'PAPER_API_SECRET' },
      maxSessions: DEFAULT_MAX_SESSIONS,
    })),
    connectors: Object.fromEntries(connectors.map((connector) => [connector, { restUrl: `http://${host}:${port}`, websocketUrl: `ws://${host}:${port}` }])),
  };
}

/** Names of the environment variables that hold credentials: only the process that owns the accounts gets them. */
export function credentialVariables(configuration: ExecutorsConfiguration): Set<string> {
  return new Set(
    configuration.accounts.flatMap(({ credentials }) => [credentials.apiKeyEnv, credentials.secretEnv]),
  );
}
