import { defineConfig } from 'vitest/config';
import SlowFilesFirst from './test/slow-files-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build-once.ts'],
    // Files on the real stack own servers and processes, and mostly wait for their clocks: four at a time keep two cores busy.
    maxWorkers: 4,
    // A file shares its process with those before it: what all import is loaded and rewritten once, not two hundred times.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 90_000,
    pool: 'forks',
    sequence: { sequencer: SlowFilesFirst },
  },
});
