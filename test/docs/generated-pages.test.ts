import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { generatedPages } from '../../scripts/docs/generated-pages.js';
import { ERRORS } from '../../src/domain/errors.js';

it('pages made from the code are committed as the code makes them; else run scripts/generate-docs.ts', async () => {
  const pages = await generatedPages();
  expect(Object.keys(pages)).toEqual(['docs/errors.md', 'docs/http-api.md']);
  for (const [path, text] of Object.entries(pages)) {
    expect(readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8'), path).toBe(text);
  }
});

it('they hold every error, every route and every field', async () => {
  const pages = await generatedPages();
  for (const code of Object.keys(ERRORS)) expect(pages['docs/errors.md']).toContain(`\`${code}\``);
  for (const part of ['POST /executors/search', 'DELETE /executors/{id}', '`execution_strategy`', '#### triple_barrier_config.trailing_stop', '`trailing_delta`', '`activation_bounds`']) {
    expect(pages['docs/http-api.md']).toContain(part);
  }
});
