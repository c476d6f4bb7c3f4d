import { isGrpcServiceError, type ConnectionLike } from '@temporalio/client';

export type SearchAttributeType = 'Keyword' | 'KeywordList' | 'Datetime' | 'Double' | 'Int' | 'Bool' | 'Text';
export type SearchAttributeTable = Readonly<Record<string, SearchAttributeType>>;

/** Numbers of the protocol's enumeration IndexedValueType. */
const WIRE_TYPES = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
} as const satisfies Readonly<Record<SearchAttributeType, number>>;

const GRPC_ALREADY_EXISTS = 6;

/**
 * Registers the attributes of the table that the namespace does not have; returns their names. Throws an error that
 * names the attribute and both types when one exists with another type, before anything is added.
 */
export async function addMissingSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
  table: SearchAttributeTable,
): Promise<string[]> {
  const missing = await findMissing(connection, namespace, table);
  if (missing.length === 0) return [];
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, WIRE_TYPES[type]]));
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another process registers the same ones at the same time: what counts is that they exist now.
    if (error.code === GRPC_ALREADY_EXISTS && (await findMissing(connection, namespace, table)).length === 0) return [];
    const list = missing.map(([name, type]) => `${name} (${type})`).join(', ');
    throw new Error(`namespace ${namespace} lacks the search attributes ${list}, and they could not be added: ${error.details}`);
  }
  return missing.map(([name]) => name);
}

async function findMissing(
  connection: ConnectionLike,
  namespace: string,
  table: SearchAttributeTable,
): Promise<[name: string, type: SearchAttributeType][]> {
  const existing = await connection.operatorService.listSearchAttributes({ namespace });
  const types = { ...existing.systemAttributes, ...existing.customAttributes };
  const missing: [string, SearchAttributeType][] = [];
  for (const [name, type] of Object.entries(table)) {
    const found = types[name];
    if (found === undefined || found === null) missing.push([name, type]);
    else if (found !== WIRE_TYPES[type]) {
      throw new Error(
        `namespace ${namespace}: search attribute ${name} exists with the type ${typeName(found)}, it must be ${type}; ` +
          'remove it there or use another namespace',
      );
    }
  }
  return missing;
}

function typeName(wireType: number): string {
  const entry = Object.entries(WIRE_TYPES).find(([, value]) => value === wireType);
  return entry?.[0] ?? `number ${wireType}`;
}
