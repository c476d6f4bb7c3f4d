import { errorsPage } from './errors-page.js';
import { httpApiPage } from './http-api-page.js';

/** Path in the repository -> text of every page that is made from the code. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return { 'docs/errors.md': errorsPage(), 'docs/http-api.md': await httpApiPage() };
}
