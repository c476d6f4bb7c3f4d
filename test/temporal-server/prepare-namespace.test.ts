import { Client, Connection } from '@temporalio/client';
import { tsToMs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { startDevServer, type DevServer } from '../../src/temporal-server/dev-server.js';
import { prepareNamespace } from '../../src/temporal-server/prepare-namespace.js';

const MS_PER_DAY = 86_400_000;
const NOTHING = { namespaceCreated: false, attributesAdded: [], retentionRaisedFromDays: undefined, warnings: [] };

let server: DevServer;
let connection: Connection;

beforeAll(async () => {
  server = await startDevServer();
  connection = await Connection.connect({ address: server.address });
});

afterAll(async () => {
  await connection.close();
  await server.stop();
});

async function retentionDays(namespace: string): Promise<number> {
  const description = await connection.workflowService.describeNamespace({ namespace });
  return tsToMs(description.config?.workflowExecutionRetentionTtl) / MS_PER_DAY;
}

describe('preparing a namespace on a server that learns of changes slowly', () => {
  it('returns only when workflows with the attributes can be started', async () => {
    const slow = await startDevServer({
      dynamicConfig: {
        'system.namespaceCacheRefreshInterval': '3s',
        'system.forceSearchAttributesCacheRefreshOnRead': false,
      },
    });
    const slowConnection = await Connection.connect({ address: slow.address });
    await prepareNamespace(slowConnection, 'default');
    const client = new Client({ connection: slowConnection });
    const start = client.workflow.start('neverPolled', {
      taskQueue: 'nobody',
      workflowId: 'first',
      searchAttributes: { ExecutorType: ['order_executor'] },
    });
    await expect(start).resolves.toBeDefined();
    await slowConnection.close();
    await slow.kill();
  });
});

describe('preparing a namespace', () => {
  it('registers the attributes and raises the retention; doing it again changes nothing', async () => {
    expect(await retentionDays('default')).toBe(1);
    expect(await prepareNamespace(connection, 'default')).toEqual({
      ...NOTHING,
      attributesAdded: Object.keys(SEARCH_ATTRIBUTES),
      retentionRaisedFromDays: 1,
    });
    expect(await retentionDays('default')).toBe(30);
    expect(await prepareNamespace(connection, 'default')).toEqual(NOTHING);
  });

  it('creates a missing namespace and returns when workflows with the attributes can be started in it', async () => {
    const prepared = await prepareNamespace(connection, 'fresh', { retentionDays: 7 });
    expect(prepared).toMatchObject({ namespaceCreated: true, attributesAdded: Object.keys(SEARCH_ATTRIBUTES) });
    expect(await retentionDays('fresh')).toBe(7);
    const client = new Client({ connection, namespace: 'fresh' });
    const handle = await client.workflow.start('neverPolled', {
      taskQueue: 'nobody',
      workflowId: 'first',
      searchAttributes: { ExecutorType: ['order_executor'], Markets: ['a|b|c'], NeedsAttention: [true] },
    });
    expect((await handle.describe()).searchAttributes).toMatchObject({ Markets: ['a|b|c'] });
    expect(await prepareNamespace(connection, 'fresh', { retentionDays: 7 })).toEqual(NOTHING);
  });

  it('leaves a longer retention alone', async () => {
    await prepareNamespace(connection, 'keeper', { retentionDays: 90 });
    expect(await prepareNamespace(connection, 'keeper', { retentionDays: 30 })).toEqual(NOTHING);
    expect(await retentionDays('keeper')).toBe(90);
  });

  it('may be done by several processes at once', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, async () => await prepareNamespace(connection, 'shared')));
    expect(all.filter((prepared) => prepared.namespaceCreated)).toHaveLength(1);
    expect(await prepareNamespace(connection, 'shared')).toEqual(NOTHING);
  });

  it('refuses an attribute that exists with another type, and adds none of the others then', async () => {
    await prepareNamespace(connection, 'conflict', { searchAttributes: { ControllerId: 'Int' } });
    await expect(prepareNamespace(connection, 'conflict')).rejects.toThrow(
      'namespace conflict: search attribute ControllerId exists with the type Int, it must be Keyword',
    );
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'conflict' });
    expect(Object.keys(customAttributes ?? {})).not.toContain('ExecutorType');
  });

  it('names a retention that makes no sense', async () => {
    const preparing = prepareNamespace(connection, 'default', { retentionDays: 0.5 });
    await expect(preparing).rejects.toThrow('retentionDays: must be a whole number of at least 1, got 0.5');
  });
});
