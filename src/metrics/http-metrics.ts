import { DefinedRegistry } from './defined-registry.js';
import { HTTP_METRICS } from './metric-definitions.js';

/** The metrics of one process of the HTTP facade. */
export class HttpMetrics {
  readonly #registry = new DefinedRegistry(HTTP_METRICS);

  /** `route`: its pattern, never the path that was asked for. */
  answered(method: string, route: string, status: number, durationMs: number): void {
    this.#registry.observe('durable_executors_http_request_seconds', { method, route, status: String(status) }, durationMs);
  }

  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return await this.#registry.render();
  }
}
