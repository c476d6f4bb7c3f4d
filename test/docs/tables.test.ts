import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config.js';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes.js';
import { CLOSE_TYPES } from '../../src/domain/enumerations.js';
import { LIMITS } from '../../src/domain/limits.js';
import { EXECUTOR_TYPE_DESCRIPTIONS } from '../../src/schema/executor-types.js';
import { dcaExecutorSchema } from '../../src/schema/dca-executor-schema.js';
import { GRID_BARRIER_KEYS, gridExecutorSchema } from '../../src/schema/grid-executor-schema.js';
import { orderExecutorSchema } from '../../src/schema/order-executor-schema.js';
import { twapExecutorSchema } from '../../src/schema/twap-executor-schema.js';
import { parseExecutorConfig } from '../../src/schema/parse-executor-config.js';
import { BARRIER_KEYS, positionExecutorSchema, TRAILING_KEYS } from '../../src/schema/position-executor-schema.js';
import { PROJECT_ROOT, isProductionCode, projectFiles } from '../tidy/project-files.js';
import { codeOf, fencedBlocks, section, tableRows } from './markdown.js';

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const readme = read('README.md');
const firstCodes = (markdown: string): readonly string[] => tableRows(markdown).flatMap(([cell = '']) => codeOf(cell) ?? []);

describe('README', () => {
  it('lists the eight executor types and says of each whether it works', () => {
    const listed = tableRows(section(readme, 'Executor types')).map(([type = '', , today]) => [codeOf(type), today]);
    expect(listed).toEqual(EXECUTOR_TYPE_DESCRIPTIONS.map(({ type, available }) => [type, available ? 'works' : 'planned']));
  });

  it('lists every close type with its number', () => {
    const listed = tableRows(section(readme, 'How an executor ends')).map(([name = '', number]) => [codeOf(name), Number(number)]);
    expect(listed).toEqual(Object.entries(CLOSE_TYPES));
  });

  it('lists every search attribute', () => {
    for (const name of Object.keys(SEARCH_ATTRIBUTES)) expect(section(readme, 'Looking at it')).toContain(`\`${name}\``);
  });

  it('has a configuration that is accepted', () => {
    const [example = ''] = fencedBlocks(section(readme, 'Configuration'), 'json');
    expect(parseConfig(JSON.parse(example)).accounts.map(({ name }) => name)).toEqual(['master_account', 'real']);
  });

  it('lists every environment variable that a user may set, and none that nobody reads', () => {
    // What processes of the stack and of test runs tell each other.
    const internal = new Set(['BUILT_PROGRAMS_FOLDER', 'EXIT_WITH_PARENT', 'TEST_COUNTS_FILE', 'CRASH_POINT']);
    const listed = tableRows(section(readme, 'Configuration')).flatMap(([cell = '']) => [...cell.matchAll(/`([A-Z_]+)`/g)].map((match) => match[1] ?? ''));
    const code = projectFiles().filter(({ path }) => isProductionCode(path)).map(({ text }) => text).join('\n');
    const readByCode = [...code.matchAll(/\benv(?:\?\.)?\[\s*'([A-Z][A-Z_]+)'\s*\]|_VARIABLE = '([A-Z][A-Z_]+)'/g)].map((match) => match[1] ?? match[2] ?? '');
    expect(readByCode.length).toBeGreaterThan(8);
    expect([...new Set(readByCode)].filter((name) => !internal.has(name) && !listed.includes(name))).toEqual([]);
    expect(listed.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });
});

describe.each([
  { type: 'order_executor', page: read('docs/executors/order.md'), fields: Object.keys(orderExecutorSchema.in.shape) },
  { type: 'position_executor', page: read('docs/executors/position.md'), fields: [...Object.keys(positionExecutorSchema.shape), ...BARRIER_KEYS, ...TRAILING_KEYS] },
  { type: 'grid_executor', page: read('docs/executors/grid.md'), fields: [...Object.keys(gridExecutorSchema.shape), ...GRID_BARRIER_KEYS, ...TRAILING_KEYS] },
  { type: 'dca_executor', page: read('docs/executors/dca.md'), fields: [...Object.keys(dcaExecutorSchema.shape), ...TRAILING_KEYS] },
  { type: 'twap_executor', page: read('docs/executors/twap.md'), fields: Object.keys(twapExecutorSchema.in.shape) },
])('the page of $type', ({ type, page, fields }) => {
  it('lists every field of its config, and none that is not there', () => {
    const listed = firstCodes(section(page, 'Config')).filter((name) => name === name.toLowerCase());
    expect([...listed].sort()).toEqual([...new Set(fields)].sort());
  });

  it('has examples that are accepted without a warning', () => {
    const examples = fencedBlocks(page, 'json');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const parsed = parseExecutorConfig(JSON.parse(example), { nowMs: 1_700_000_000_000 });
      expect(parsed.config.type).toBe(type);
      expect(parsed.warnings).toEqual([]);
    }
  });
});

it('ARCHITECTURE lists every limit with its value', () => {
  const listed = Object.fromEntries(tableRows(section(read('docs/ARCHITECTURE.md'), 'Bounds')).map(([name = '', value]) => [codeOf(name) ?? name, Number(value)]));
  expect(listed).toEqual(LIMITS);
});
