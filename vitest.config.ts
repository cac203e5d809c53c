// How tests run. Tests sit beside what they test. Many start processes, build engines or hold real locks, so files run in
// processes of their own and two at a time at most, and their times are generous: a slow machine is no failure.
import { defineConfig } from 'vitest/config';
import { CountReporter } from './tools/count-reporter.ts';

export default defineConfig({
  test: {
    environment: 'node',
    globalSetup: './harness/testing/prepare.test-support.ts',
    include: ['**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
    reporters: ['default', new CountReporter()],
  },
});
