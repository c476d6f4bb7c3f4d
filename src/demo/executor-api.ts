import { exactJsonText, parseExactJson } from '../http/exact-json.js';
import { ExecutorRow } from './executor-row.js';

export interface ApiAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

const CALL_TIMEOUT_MS = 15_000;

/** The executor routes of the HTTP facade, as any client would call them. Every call is bounded. */
export class ExecutorApi {
  readonly #url: string;
  readonly #authorization: string;

  constructor({ url, username, password }: ApiAddress) {
    this.#url = url;
    this.#authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  /** Creates an executor and answers its id. Throws with the facade's own words when it refuses. */
  async create(controllerId: string, config: Readonly<Record<string, unknown>>): Promise<string> {
    const answer = await this.#call('POST', '/executors', { controller_id: controllerId, executor_config: config });
    return new ExecutorRow(answer).id;
  }

  async get(id: string): Promise<ExecutorRow> {
    return new ExecutorRow(await this.#call('GET', `/executors/${id}`));
  }

  /** Decides to stop it; the end follows. */
  async stop(id: string): Promise<void> {
    await this.#call('DELETE', `/executors/${id}`);
  }

  async #call(method: string, path: string, body?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: this.#authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: exactJsonText(body) }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 500)}`);
    const answer = parseExactJson(text);
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error(`${method} ${path} was not answered with an object`);
    return answer as Readonly<Record<string, unknown>>;
  }
}
