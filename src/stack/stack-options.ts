import type { ExecutorsConfiguration } from './executors-configuration.js';
import type { PriceFeed } from './price-feed.js';

export interface StackPorts {
  readonly temporal?: number;
  readonly temporalUi?: number | 'none';
  readonly paper?: number;
  readonly paperControl?: number;
  readonly secondPaper?: number;
  readonly secondPaperControl?: number;
  readonly http?: number;
}

export interface StackOptions {
  /**
   * Folder for databases, logs and the lock. Everything in it is kept, and a later stack on it resumes. Without one a
   * temporary folder is used and removed by `stop()`.
   */
  readonly dataDirectory?: string;
  /** 0 or nothing: a free port, the same through every restart. A stated port that is taken is an error. */
  readonly ports?: StackPorts;
  /** Taken where they are free; where not, another one is and `onEvent` hears of it. */
  readonly preferredPorts?: Readonly<Partial<Record<keyof StackPorts, number>>>;
  /** Which processes to run; all by default. Temporal is left out by itself when `TEMPORAL_ADDRESS` names a server. */
  readonly processes?: { readonly paper?: boolean; readonly worker?: boolean; readonly http?: boolean };
  /** Prices of the paper exchange. Nothing: no feed, every price comes from the control API. */
  readonly feed?: PriceFeed;
  /** Serve perpetuals too: a second connector, `binance_perpetual_paper_trade`, with a wallet of its own. */
  readonly perpetual?: boolean;
  /** A second paper exchange with accounts, fees and prices of its own, `kucoin_paper_trade`. Nothing: there is one. */
  readonly secondPaper?: SecondPaper;
  readonly namespace?: string;
  /** Added to the environment of the worker and the HTTP facade, and stronger than what the stack sets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Changes the configuration file before it is written, for example to add accounts. */
  readonly configure?: (configuration: ExecutorsConfiguration) => ExecutorsConfiguration;
  /** Default: `logs` in the data directory. */
  readonly logDirectory?: string;
  /** Start a process again when it dies by itself. Default false: tests want to see a death. */
  readonly restartWhenTheyDie?: boolean;
  /** Receives sentences for a person: progress, deaths, restarts. Default: nothing is said. */
  readonly onEvent?: (message: string) => void;
}

/** How the second exchange differs from the first. It has the same feed: offset and delay make the spread between them. */
export interface SecondPaper {
  /** Fraction by which its prices lie above those of the feed; negative: below. */
  readonly priceOffset?: string;
  readonly feedDelayMs?: number;
  /** Fee fractions of its spot market. */
  readonly makerRate?: string;
  readonly takerRate?: string;
}

/** One process of the stack: its id, and what a test or a crash run does to it. `restart` keeps addresses and data. */
export interface StackProcess {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  stop(): Promise<unknown>;
  kill(signal?: NodeJS.Signals): Promise<unknown>;
  restart(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  logTail(): string[];
}

export interface Stack {
  readonly dataDirectory: string;
  readonly logDirectory: string;
  /** Of the server the stack started, or of the outside one, for which `process` is undefined. */
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string | undefined;
    readonly process: StackProcess | undefined;
  };
  readonly paper: (StackProcess & { readonly url: string; readonly controlUrl: string }) | undefined;
  readonly secondPaper: Stack['paper'];
  readonly worker: StackProcess | undefined;
  readonly http: (StackProcess & { readonly url: string; readonly username: string; readonly password: string }) | undefined;
  readonly archiveFile: string;
  readonly configurationFile: string;
  /** The environment of the worker, for programs that stand in for it. Holds the paper credentials. */
  readonly workerEnvironment: Readonly<Record<string, string>>;
  /** Ends everything in the order that loses nothing: HTTP, worker, paper exchange, Temporal. May be called twice. */
  stop(): Promise<void>;
  /** Ends everything at once with SIGKILL. */
  kill(): Promise<void>;
}
