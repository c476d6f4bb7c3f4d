import { AVAILABLE_EXECUTOR_TYPES, EXECUTOR_TYPE_DESCRIPTIONS } from '../../src/schema/executor-types.js';
import { HTTP_API_TEXT } from './http-api-text.js';
import { table } from './markdown-table.js';
import { type JsonSchema, type Operation, operations } from './open-api.js';

/** docs/http-api.md: tables from the document that the facade serves, between texts that say what a table cannot. */
export async function httpApiPage(): Promise<string> {
  const all = await operations();
  const find = (method: string, path: string): Operation => {
    const found = all.find((operation) => operation.method === method && operation.path === path);
    if (found === undefined) throw new Error(`the facade has no ${method} ${path}`);
    return found;
  };
  const create = find('POST', '/executors');
  const configs = configSchemas(create);
  return [
    HTTP_API_TEXT.introduction,
    '## Routes\n',
    routesTable(all),
    HTTP_API_TEXT.creating,
    fieldsTable(create.body),
    '### Executor types\n',
    table(['type', 'available', 'what it does'], EXECUTOR_TYPE_DESCRIPTIONS.map((entry) => [`\`${entry.type}\``, entry.available ? 'yes' : 'not yet', entry.description])),
    ...AVAILABLE_EXECUTOR_TYPES.flatMap((type) => configSection(type, configs)),
    HTTP_API_TEXT.searching,
    fieldsTable(find('POST', '/executors/search').body),
    HTTP_API_TEXT.rows,
    HTTP_API_TEXT.stopping,
    HTTP_API_TEXT.positions,
    HTTP_API_TEXT.differences,
  ].join('\n');
}

function routesTable(all: readonly Operation[]): string {
  return table(
    ['route', 'what', 'answers'],
    all.map((operation) => [`\`${operation.method} ${operation.path}\``, [operation.summary, operation.description].filter((text) => text !== '').join('. '), operation.statuses.join(', ')]),
  );
}

function configSchemas(create: Operation): readonly JsonSchema[] {
  return (create.body?.properties?.['executor_config']?.['oneOf'] ?? []) as readonly JsonSchema[];
}

function configSection(type: string, configs: readonly JsonSchema[]): string[] {
  const schema = configs.find((config) => config['title'] === type);
  if (schema === undefined) throw new Error(`the facade does not document ${type}`);
  const nested = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => nestedSections(name, property));
  return [`### ${type}\n`, fieldsTable(schema), ...nested];
}

/** Objects inside a config get a table of their own. */
function nestedSections(path: string, property: JsonSchema): string[] {
  const object = objectOf(property);
  if (object === null) return [];
  const deeper = Object.entries(object.properties ?? {}).flatMap(([name, inner]) => nestedSections(`${path}.${name}`, inner));
  return [`#### ${path}\n`, `${object.description ?? ''}\n`, fieldsTable(object), ...deeper];
}

function objectOf(property: JsonSchema): JsonSchema | null {
  if (property.properties !== undefined) return property;
  const options = (property['anyOf'] ?? []) as readonly JsonSchema[];
  return options.find((option) => option.properties !== undefined) ?? null;
}

function fieldsTable(schema: JsonSchema | null): string {
  const required = new Set(schema?.required ?? []);
  const rows = Object.entries(schema?.properties ?? {}).map(([name, property]) => [
    `\`${name}\``,
    typeOf(property),
    required.has(name) ? 'required' : 'default' in property ? `\`${JSON.stringify(property['default'])}\`` : '',
    `${property.description ?? objectOf(property)?.description ?? ''}${property['x-amendable'] === true ? ' Amendable.' : ''}`,
  ]);
  return table(['field', 'type', 'default', 'meaning'], rows);
}

function typeOf(property: JsonSchema): string {
  const values = property['enum'] as readonly unknown[] | undefined;
  if (values !== undefined) return values.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  const options = property['anyOf'] as readonly JsonSchema[] | undefined;
  if (options !== undefined) return [...new Set(options.map(typeOf))].join(' or ');
  if (property['oneOf'] !== undefined || property.properties !== undefined) return 'object';
  return [property['type'] ?? 'any'].flat().join(' or ');
}
