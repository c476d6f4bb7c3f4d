import { describe, expect, it } from 'vitest';
import { workflowBundle } from '../worker/bundle.js';
import { checkFileLength, checkFunctionLength, checkMoneyTypes, MAX_FILE_LINES, MAX_FUNCTION_LINES, needlessExceptions } from './tidy/code-shape.js';
import { checkNames, checkText } from './tidy/forbidden-text.js';
import { checkImports } from './tidy/import-borders.js';
import { checkModuleState } from './tidy/module-state.js';
import { findingsText, PROJECT_ROOT, projectFiles, type Finding, type ProjectFile } from './tidy/project-files.js';
import { bundledSources, checkBundledSource } from './tidy/workflow-bundle.js';

type Check = (file: ProjectFile) => readonly Finding[];

const files = projectFiles();
const file = (path: string, text: string): ProjectFile => ({ path, text });
const code = (text: string): ProjectFile => file('src/domain/example.ts', text);
const machinePath = (...parts: readonly string[]): string => ['', ...parts].join('/');

/** Every check with texts that must be found out and texts that must pass. */
const CHECKS: readonly { readonly name: string; readonly check: Check; readonly bad: readonly ProjectFile[]; readonly good: readonly ProjectFile[] }[] = [
  {
    name: `no file of code has more than ${MAX_FILE_LINES} lines`,
    check: checkFileLength,
    bad: [code('\n'.repeat(MAX_FILE_LINES + 1)), code('x\n'.repeat(MAX_FILE_LINES) + 'x')],
    good: [code('x\n'.repeat(MAX_FILE_LINES)), file('docs/LONG.md', '\n'.repeat(1_000))],
  },
  {
    name: `no function has more than ${MAX_FUNCTION_LINES} lines`,
    check: checkFunctionLength,
    bad: [code(`function f() {${'\n'.repeat(MAX_FUNCTION_LINES)}}`), code(`class A { m(): void {${'\n'.repeat(MAX_FUNCTION_LINES)}} }`), code(`const f = () => {${'\n'.repeat(MAX_FUNCTION_LINES)}};`)],
    good: [code(`function f() {${'\n'.repeat(MAX_FUNCTION_LINES - 1)}}`), file('test/x.test.ts', `it('', () => {${'\n'.repeat(200)}});`)],
  },
  {
    name: 'money is never a number',
    check: checkMoneyTypes,
    bad: [
      code('interface A { readonly priceQuote: number }'),
      code('interface A { feeQuote?: number | null }'),
      code('function f(amountBase: number): void {}'),
      code('const levelsQuote: readonly number[] = [];'),
      code('function netPnl(): number { return 1; }'),
      code('class A { private filled_amount_quote: Promise<number>; }'),
      code('let bestPrice: number;'),
    ],
    good: [code('interface A { readonly priceQuote: Decimal; readonly timeoutMs: number; readonly feeQuote: string }'), code('const toQuote: (ticks: number) => Decimal = f;')],
  },
  {
    name: 'imports keep to their borders',
    check: checkImports,
    bad: [
      file('src/domain/a.ts', "import { z } from 'zod';"),
      file('src/domain/a.ts', "import { readFileSync } from 'node:fs';"),
      file('src/domain/a.ts', "import { X } from '../contract/report.js';"),
      file('src/contract/a.ts', "export * from '../ports/exchange.js';"),
      file('src/ports/a.ts', "import type { C } from '../config.js';"),
      file('workflows/a.ts', "import { randomUUID } from 'node:crypto';"),
      file('workflows/runtime/a.ts', "import type { A } from '../../activities/session/work-order.js';"),
      file('workflows/a.ts', "import { schema } from '../src/schema/requests.js';"),
      file('activities/a.ts', "import { createExchange } from '../src/exchanges/create-exchange.js';"),
      file('activities/a.ts', "import { Client } from '@temporalio/client';"),
      file('src/http/a.ts', "import { workflowBundle } from '../../worker/bundle.js';"),
      file('src/http/a.ts', "const { order } = await import('../../workflows/order.js');"),
      file('src/http/a.ts', "import ccxt from 'ccxt';"),
      file('activities/a.ts', "import type { Exchange } from 'ccxt/js/ccxt.js';"),
      file('activities/a.ts', "import { keccak256 } from 'viem';"),
      file('src/http/a.ts', "import { privateKeyToAccount } from 'viem/accounts';"),
      file('src/exchanges/a.ts', "import { Client } from '@temporalio/client';"),
      file('src/paper/a.ts', "import { LIMITS } from '../domain/limits.js';"),
      file('worker/a.ts', "const path = require.resolve('ccxt');"),
      file('scripts/a.ts', "import { startTestStack } from '../test/stack/start.js';"),
    ],
    good: [
      file('src/domain/a.ts', "import { Decimal } from 'decimal.js';\nimport { ZERO } from './money.js';"),
      file('workflows/a.ts', "import { sleep } from '@temporalio/workflow';\nimport { LIMITS } from '../src/domain/limits.js';"),
      file('src/exchanges/a.ts', "import ccxt from 'ccxt';"),
      file('src/amm/evm/a.ts', "import { keccak256 } from 'viem';"),
      file('src/http/a.ts', "// import ccxt from 'ccxt';\nconst text = \"import ccxt from 'ccxt'\";"),
      file('test/a.test.ts', "import ccxt from 'ccxt';"),
    ],
  },
  {
    name: 'no file or folder has an empty name',
    check: checkNames,
    bad: [file('src/utils/money.ts', ''), file('src/domain/helpers.ts', ''), file('activities/common/index.ts', ''), file('test/order-session/util.test.ts', '')],
    good: [file('src/domain/money.ts', ''), file('test/support/stack.ts', '')],
  },
  {
    name: 'no text names a machine or a registry, or leaves work undone',
    check: checkText,
    bad: [
      file('README.md', `cd ${machinePath('work', 'main')}`),
      file('docs/a.md', `see ${machinePath('home', 'someone')} for it`),
      file('package-lock.json', `"resolved": ${JSON.stringify(['https:', '', ['registry', 'example', 'com'].join('.'), 'x.tgz'].join('/'))}`),
      file('src/a.ts', `const index = 'https://${['pypi', 'org'].join('.')}/simple';`),
      file('src/a.ts', `// ${'TO'}${'DO'} later`),
      file('test/a.test.ts', `${'it'}.${'skip'}('x', () => {});`),
      file('test/a.test.ts', `${'describe'}.${'only'}('x', () => {});`),
      file('src/a.ts', `// @ts-${'ignore'}`),
      file('CHANGELOG.md', `- Fixed (#${12})`),
      code('const nowMs = Date.now();'),
      code('const jitter = Math.random();'),
      code('setTimeout(() => undefined, 1);'),
      file('docs/key.pem', `-----BEGIN ${'PRIVATE'} KEY-----`),
    ],
    good: [file('README.md', 'https://docs.temporal.io/work/main and src/root/x'), file('src/a.ts', "const path = '/executors/search'; // a work in /tmp"), file('src/http/a.ts', 'const nowMs = Date.now();')],
  },
  {
    name: 'no module that workflows share keeps a state',
    check: checkModuleState,
    bad: [
      code('let count = 0;'),
      code('export var last: string;'),
      file('workflows/runtime/a.ts', 'const seen = new Set<string>();'),
      file('src/contract/a.ts', 'export const byId: Map<string, string> = new Map();'),
      file('workflows/a.ts', 'const kept: string[] = [];'),
      file('workflows/a.ts', 'const kept: Record<string, string> = {};'),
    ],
    good: [
      code('export function f(): void {\n  let count = 0;\n  const seen = new Set<string>();\n}'),
      code("const SIDES: ReadonlySet<unknown> = new Set(['BUY']);"),
      code('const NONE: readonly string[] = [];'),
      code('const known = new WeakMap<object, string>();'),
      file('activities/a.ts', 'const seen = new Set<string>();'),
    ],
  },
];

describe.each(CHECKS)('$name', ({ check, bad, good }) => {
  it('in this repository', () => {
    expect(findingsText(files.flatMap(check))).toBe('');
  });

  it('and finds out what breaks it', () => {
    for (const example of bad) expect(check(example).length, `${example.path}: ${example.text.slice(0, 120)}`).toBeGreaterThan(0);
    expect(findingsText(good.flatMap(check))).toBe('');
  });
});

it('no exception from the file length outlives its reason', () => {
  expect(needlessExceptions(files)).toEqual([]);
});

describe('the workflow bundle', () => {
  it('holds workflows, domain, contract and what Temporal needs, nothing else', async () => {
    const sources = bundledSources(await workflowBundle());
    expect(sources.some((source) => source.endsWith('workflows/position.ts'))).toBe(true);
    expect(findingsText(sources.flatMap((source) => checkBundledSource(source, PROJECT_ROOT)))).toBe('');
  });

  it('would be found out with anything else in it', () => {
    const intruders = ['node_modules/zod/v4/core/schemas.js', 'node_modules/ccxt/js/ccxt.js', 'external "node:fs"', 'node:crypto', 'fs', 'src/schema/requests.ts', 'src/config.ts', 'activities/record-close.ts'];
    for (const intruder of intruders) expect(checkBundledSource(`${PROJECT_ROOT}${intruder}`, PROJECT_ROOT), intruder).toHaveLength(1);
    expect(checkBundledSource(`${PROJECT_ROOT}node_modules/decimal.js/decimal.mjs`, PROJECT_ROOT)).toEqual([]);
    expect(() => bundledSources({ code: 'var x;' } as never)).toThrow(/no source map/);
  });
});
