import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HTTP_METRICS, type MetricDefinition, WORKER_METRICS } from '../../src/metrics/metric-definitions.js';
import { PROJECT_ROOT } from '../tidy/project-files.js';
import { codeOf, section, tableRows } from './markdown.js';

const page = readFileSync(join(PROJECT_ROOT, 'docs/observability.md'), 'utf8');

function rowsOf(definitions: Readonly<Record<string, MetricDefinition>>): readonly (readonly string[])[] {
  return Object.entries(definitions).map(([name, { kind, labels, help }]) => [`\`${name}\``, kind, labels.map((label) => `\`${label}\``).join(', '), help]);
}

/** Up to the table of labels. */
function listed(heading: string): readonly (readonly string[])[] {
  return tableRows(section(page, heading)).filter(([name = '']) => codeOf(name)?.startsWith('durable_executors_') === true);
}

it.each([
  ['Metrics of a worker', WORKER_METRICS],
  ['Metrics of the HTTP facade', HTTP_METRICS],
])('%s: the page lists what the registry has', (heading, definitions) => {
  expect(listed(heading)).toEqual(rowsOf(definitions));
});

it('its expressions name metrics that exist, with labels they have', () => {
  const known: Readonly<Record<string, MetricDefinition>> = { ...WORKER_METRICS, ...HTTP_METRICS };
  const expressions = section(page, 'What to watch');
  const named = [...expressions.matchAll(/durable_executors_[a-z_]+?(?=_bucket\b|\b(?!_))/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in known))).toEqual([]);
});
