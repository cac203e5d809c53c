// A Vitest reporter that says one thing, as the very last line of a run and alone on it: `N passed, N failed`, with
// `, N skipped` when there are any. What stays out: everything else about a run, which the default reporter tells.
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts tests. A file that broke before or beside its tests (a syntax error, a failed hook) counts as one failed test
 * for each error, and so does an error outside of any test: otherwise a run could fail with `0 failed`.
 */
export function count(modules: readonly TestModule[], strayErrors: readonly SerializedError[]): Counts {
  let [passed, failed, skipped] = [0, strayErrors.length, 0];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'failed') failed += 1;
      else skipped += 1;
    }
  }
  return { passed, failed, skipped };
}

/** The line itself, without its line end. */
export function countLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

/** Prints the line when the process exits, after every other reporter; a run in which no test ran fails. */
export class CountReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    process.once('exit', (code) => {
      const { passed, failed } = this.#counts;
      if (code === 0 && (failed > 0 || passed === 0)) process.exitCode = 1;
      process.stdout.write(`${countLine(this.#counts)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], strayErrors: readonly SerializedError[]): void {
    this.#counts = count(modules, strayErrors);
  }
}
