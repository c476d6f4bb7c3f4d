import { defineConfig } from 'vitest/config';
import SlowFilesFirst from './test/slow-files-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/bundle-once.ts'],
    // Files on the real stack own servers and processes, and mostly wait for their clocks: five at a time keep two cores busy.
    maxWorkers: 5,
    testTimeout: 60_000,
    hookTimeout: 90_000,
    pool: 'forks',
    sequence: { sequencer: SlowFilesFirst },
  },
});
