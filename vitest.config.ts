// How tests run. Tests sit beside what they test. Many start processes, build engines or hold real locks, so two files run at
// a time at most, each in a process that it shares with the files before it (a sixth faster than one process a file), and
// their times are generous: a slow machine is no failure. Long ones have a turn (tools/long-tests.ts), slow ones a day
// (tools/slow-tests.ts).
import { defineConfig } from 'vitest/config';
import { CountReporter } from './tools/count-reporter.ts';
import { RoomCoverageReporter } from './tools/room-coverage.ts';
import { LongFirst } from './tools/test-order.ts';
import { readSlowTests, slowDayOf, slowDays, slowLeftOut } from './tools/slow-tests.ts';
import { longButFirstTag, longTag, longTurnLine, longTurnOf } from './tools/long-tests.ts';

const longTurn = longTurnOf(process.env, Date.now());
const days = slowDays(readSlowTests());

/** Of a long test that names none of its own: what takes seconds takes minutes on a machine with much else to do. */
const longTimeoutMs = 300_000;

/** Says whose turn it is. */
const turnReporter = { onInit: () => void process.stdout.write(`${longTurnLine(longTurn, days.length)}\n`) };

export default defineConfig({
  test: {
    environment: 'node',
    globalSetup: './harness/testing/prepare.test-support.ts',
    runner: './tools/long-tests.runner.ts',
    provide: { longTurn, slowLeftOut: slowLeftOut(days, slowDayOf(longTurn, days.length)) },
    tags: [
      { name: longTag, description: 'takes seconds, and waits for its turn', timeout: longTimeoutMs },
      {
        name: longButFirstTag,
        description: 'of a table: the first runs every time, each other waits for its turn',
        timeout: longTimeoutMs,
      },
    ],
    include: ['**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
    reporters: ['default', turnReporter, new RoomCoverageReporter(), new CountReporter()],
    coverage: {
      provider: 'v8',
      include: ['{campaign,cli,compare,harness,reports,scenarios,src}/**/*.{ts,tsx}'],
      exclude: ['**/*.{test,bench,test-support}.ts'],
      reporter: ['html'],
      reportOnFailure: true,
    },
  },
});
