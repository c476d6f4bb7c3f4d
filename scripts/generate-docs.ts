/** `node --import tsx scripts/generate-docs.ts`: writes the pages that are made from the code. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedPages } from './docs/generated-pages.js';

for (const [path, text] of Object.entries(await generatedPages())) {
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text);
  process.stdout.write(`${path}\n`);
}
