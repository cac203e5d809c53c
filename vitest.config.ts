// How tests run. Tests sit beside what they test. Many start processes, build engines or hold real locks, so two files run at
// a time at most, each in a process that it shares with the files before it (a sixth faster than one process a file), and
// their times are generous: a slow machine is no failure.
import { defineConfig } from 'vitest/config';
import { CountReporter } from './tools/count-reporter.ts';

export default defineConfig({
  test: {
    environment: 'node',
    globalSetup: './harness/testing/prepare.test-support.ts',
    include: ['**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
    reporters: ['default', new CountReporter()],
  },
});
