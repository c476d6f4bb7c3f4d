import { existsSync, readFileSync, renameSync } from 'node:fs';

/**
 * A chain killed while it wrote its state leaves half a file, and does not start from it. Such a file is put aside under
 * `<file>.unreadable`, in place of one put aside before. Answers whether that happened: the chain then starts empty.
 */
export function putAsideUnreadableState(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return false;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    renameSync(file, `${file}.unreadable`);
    return true;
  }
}
