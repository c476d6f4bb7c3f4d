import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, isGrpcServiceError, type ConnectionLike } from '@temporalio/client';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import { SEARCH_ATTRIBUTES } from '../contract/search-attributes.js';
import { addMissingSearchAttributes, type SearchAttributeTable } from './register-search-attributes.js';
import type { TemporalConnectionConfig } from './connection-config.js';

export interface PrepareNamespaceOptions {
  /** Closed executions are kept at least this long. A namespace that keeps them longer is left as it is. Default 30. */
  readonly retentionDays?: number;
  readonly searchAttributes?: SearchAttributeTable;
  /** Bound on the whole preparation in ms. Default 90,000: servers other than the dev server cache namespaces. */
  readonly timeoutMs?: number;
}

/** What was changed; on a namespace that was prepared before, nothing. */
export interface PreparedNamespace {
  readonly namespaceCreated: boolean;
  readonly attributesAdded: readonly string[];
  /** The retention before, in days, when it was raised. */
  readonly retentionRaisedFromDays: number | undefined;
  /** What could not be changed but does not stop executors from running, in sentences for the log. */
  readonly warnings: readonly string[];
}

const MS_PER_DAY = 86_400_000;
const GRPC_INVALID_ARGUMENT = 3;
const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;
const GRPC_PERMISSION_DENIED = 7;
const GRPC_UNIMPLEMENTED = 12;
const STALE_CACHE_CODES: ReadonlySet<number> = new Set([GRPC_INVALID_ARGUMENT, GRPC_NOT_FOUND]);
const RETRY_INTERVAL_MS = 100;

/** Connects, prepares the namespace and closes the connection. */
export async function prepareNamespaceAt(
  config: TemporalConnectionConfig,
  options: PrepareNamespaceOptions = {},
): Promise<PreparedNamespace> {
  const connection = await Connection.connect(config.connectionOptions);
  try {
    return await prepareNamespace(connection, config.namespace, options);
  } finally {
    await connection.close();
  }
}

/**
 * Makes the namespace ready for executors: creates it when missing, raises its retention, registers the search
 * attributes, and waits until the server accepts them. Done again it changes nothing, and several processes may do it
 * at once. Throws when an attribute exists with another type or when attributes are missing and may not be added.
 */
export async function prepareNamespace(
  connection: ConnectionLike,
  namespace: string,
  options: PrepareNamespaceOptions = {},
): Promise<PreparedNamespace> {
  const retentionDays = options.retentionDays ?? 30;
  if (!Number.isInteger(retentionDays) || retentionDays < 1) {
    throw new Error(`retentionDays: must be a whole number of at least 1, got ${retentionDays}`);
  }
  const deadline = Date.now() + (options.timeoutMs ?? 90_000);
  return await connection.withDeadline(deadline, async () => {
    const warnings: string[] = [];
    const attributes = options.searchAttributes ?? SEARCH_ATTRIBUTES;
    const namespaceCreated = await createIfMissing(connection, namespace, retentionDays);
    await waitUntilAccepted(connection, namespace, {}, deadline);
    const retentionRaisedFromDays = await raiseRetention(connection, namespace, retentionDays, warnings);
    const attributesAdded = await addMissingSearchAttributes(connection, namespace, attributes);
    await waitUntilAccepted(connection, namespace, attributes, deadline);
    return { namespaceCreated, attributesAdded, retentionRaisedFromDays, warnings };
  });
}

async function createIfMissing(connection: ConnectionLike, namespace: string, retentionDays: number): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return false;
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== GRPC_NOT_FOUND) throw error;
  }
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      description: 'Trading executors',
      workflowExecutionRetentionPeriod: msToTs(retentionDays * MS_PER_DAY),
    });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === GRPC_ALREADY_EXISTS) return false;
    throw error;
  }
}

async function raiseRetention(
  connection: ConnectionLike,
  namespace: string,
  retentionDays: number,
  warnings: string[],
): Promise<number | undefined> {
  const description = await connection.workflowService.describeNamespace({ namespace });
  const current = (optionalTsToMs(description.config?.workflowExecutionRetentionTtl) ?? 0) / MS_PER_DAY;
  if (current >= retentionDays) return undefined;
  try {
    await connection.workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: msToTs(retentionDays * MS_PER_DAY) },
    });
    return current;
  } catch (error) {
    if (!isRefused(error)) throw error;
    warnings.push(
      `Namespace ${namespace} keeps closed executions for ${current} days, less than the wanted ${retentionDays}, and ` +
        `this connection may not change it: ${error.details}`,
    );
    return undefined;
  }
}

/**
 * A new namespace or attribute is known to the server's front end only after its cache was refreshed. Only the two
 * answers that a stale cache gives are waited out; everything else is an error at once.
 */
async function waitUntilAccepted(
  connection: ConnectionLike,
  namespace: string,
  attributes: SearchAttributeTable,
  deadline: number,
): Promise<void> {
  const query = Object.keys(attributes).map((name) => `${name} IS NOT NULL`).join(' OR ');
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      const stale = isGrpcServiceError(error) && STALE_CACHE_CODES.has(error.code);
      if (!stale || Date.now() + RETRY_INTERVAL_MS >= deadline) throw error;
    }
    await sleep(RETRY_INTERVAL_MS);
  }
}

function isRefused(error: unknown): error is Error & { readonly details: string } {
  return isGrpcServiceError(error) && (error.code === GRPC_PERMISSION_DENIED || error.code === GRPC_UNIMPLEMENTED);
}
