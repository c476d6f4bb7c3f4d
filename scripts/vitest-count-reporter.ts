import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Name of the variable with the path of the file that receives {@link TestCounts} as JSON when the run has ended. */
export const COUNTS_FILE_VARIABLE = 'TEST_COUNTS_FILE';

export interface TestCounts {
  readonly passed: number;
  /** Failed tests, files that could not be run at all, and errors outside of any test. */
  readonly failed: number;
}

/** Counts what `scripts/test.ts` prints as its last line. Prints nothing itself. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        if (test.result().state === 'passed') passed += 1;
        if (test.result().state === 'failed') failedHere += 1;
      }
      // A file that does not load, or whose hook fails, has failed although none of its tests has.
      if (failedHere === 0 && !module.ok()) failedHere = 1;
      failed += failedHere;
    }
    const file = process.env[COUNTS_FILE_VARIABLE];
    if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed } satisfies TestCounts));
  }
}
