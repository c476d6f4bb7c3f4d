import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { isHex, toHex, type Hex, type LocalAccount } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { conceal } from '../../redact.js';
import { LOCAL_CHAIN_ID, PUBLIC_TEST_PHRASE } from '../local-chain/test-accounts.js';
import { ammError } from './chain-failure.js';

/** Where a wallet's key comes from. Settings name it, they never hold it. */
export type KeySource =
  | { readonly kind: 'environment'; readonly variable: string }
  /** A file that only its owner may read, with the key in hex. */
  | { readonly kind: 'file'; readonly path: string }
  /** Of the public test phrase: local chains alone. */
  | { readonly kind: 'testAccount'; readonly index: number };

/** A key that prints as `[key]` wherever it is logged, serialised or inspected by accident. */
export class WalletKey {
  readonly #account: LocalAccount;

  constructor(account: LocalAccount) {
    this.#account = account;
  }

  get address(): Hex {
    return this.#account.address;
  }

  /** The only way to sign. */
  account(): LocalAccount {
    return this.#account;
  }

  toString(): string {
    return '[key]';
  }

  toJSON(): string {
    return '[key]';
  }

  [inspect.custom](): string {
    return '[key]';
  }
}

const KEY_LENGTH = 66;
const MAX_FILE_BYTES = 1_024;
const GROUP_AND_OTHERS = 0o077;
/** Accounts of the public phrase that are looked for; more are in use nowhere. */
const TEST_ACCOUNTS_CHECKED = 50;

/**
 * Reads the key of a wallet. Throws AmmError KEY_REFUSED that says which source breaks which rule, never a value: no key, a
 * malformed one, or one of the public test phrase on any chain but a local one, where whatever it holds is taken at once.
 */
export function loadWalletKey(source: KeySource, chainId: number, env: Readonly<Record<string, string | undefined>>): WalletKey {
  if (source.kind === 'testAccount') {
    refuseTestKey(chainId, true, 'the public test phrase');
    if (!Number.isInteger(source.index) || source.index < 0 || source.index >= TEST_ACCOUNTS_CHECKED) {
      throw ammError('KEY_REFUSED', `the test account must be one from 0 to ${TEST_ACCOUNTS_CHECKED - 1}`);
    }
    return new WalletKey(mnemonicToAccount(PUBLIC_TEST_PHRASE, { addressIndex: source.index }));
  }
  const [text, place] = source.kind === 'file' ? [readPrivateFile(source.path), `the key file ${source.path}`] : [env[source.variable], `the environment variable ${source.variable}`];
  const key = parseKey(text?.trim() ?? '', place);
  conceal(key);
  conceal(key.slice(2));
  const account = accountOf(key, place);
  refuseTestKey(chainId, chainId !== LOCAL_CHAIN_ID && isTestAddress(account.address), place);
  return new WalletKey(account);
}

function refuseTestKey(chainId: number, isTestKey: boolean, place: string): void {
  if (isTestKey && chainId !== LOCAL_CHAIN_ID) throw ammError('KEY_REFUSED', `${place} holds a key that everybody knows; it is refused on chain ${chainId}`);
}

function parseKey(text: string, place: string): Hex {
  const key = text.startsWith('0x') ? text : `0x${text}`;
  if (!isHex(key) || key.length !== KEY_LENGTH) throw ammError('KEY_REFUSED', `${place} must hold 32 bytes in hex`);
  return key;
}

/** Not every 32 bytes are a key; what the library says about them may repeat them. */
function accountOf(key: Hex, place: string): LocalAccount {
  try {
    return privateKeyToAccount(key);
  } catch {
    throw ammError('KEY_REFUSED', `${place} does not hold a key of this curve`);
  }
}

function isTestAddress(address: string): boolean {
  const parent = mnemonicToAccount(PUBLIC_TEST_PHRASE, { path: "m/44'/60'/0'/0" }).getHdKey();
  for (let index = 0; index < TEST_ACCOUNTS_CHECKED; index += 1) {
    const { privateKey } = parent.deriveChild(index);
    if (privateKey !== null && privateKeyToAccount(toHex(privateKey)).address === address) return true;
  }
  return false;
}

function readPrivateFile(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    throw ammError('KEY_REFUSED', `the key file ${path} cannot be read`);
  }
  try {
    const { mode, size } = fstatSync(descriptor);
    if (process.platform !== 'win32' && (mode & GROUP_AND_OTHERS) !== 0) throw ammError('KEY_REFUSED', `the key file ${path} must be readable by its owner alone`);
    if (size > MAX_FILE_BYTES) throw ammError('KEY_REFUSED', `the key file ${path} must have at most ${MAX_FILE_BYTES} bytes`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
