// The order of test files: those with long or slow tests come first, so that in the end no worker waits alone for one of them. What stays out:
// which tests are long (long-tests.ts) or slow (slow-tests.ts).
import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { readSlowTests, type SlowTests } from './slow-tests.ts';

/** Seconds that a file with a long test may take more, if it is that one's turn: what most of them take. */
const longS = 30;

/**
 * Seconds of processors that a file may take beyond what any takes.
 *
 * @param file from the root of the repository
 * @param text what stands in it
 */
export function mayTakeS(file: string, text: string, slow: SlowTests): number {
  const seconds = Object.values(slow[file] ?? {}).reduce((sum, one) => sum + one, 0);
  return seconds + (text.includes('/long.test-support.ts') ? longS : 0);
}

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slow = readSlowTests();
    // oxlint-disable-next-line no-array-sort -- Vitest's own, which makes a new one
    const others = await super.sort(files);
    const root = `${this.ctx.config.root}/`;
    const takes = new Map(
      others.map(({ moduleId }) => [
        moduleId,
        mayTakeS(moduleId.replace(root, ''), readFileSync(moduleId, 'utf8'), slow),
      ]),
    );
    return others.toSorted((a, b) => (takes.get(b.moduleId) ?? 0) - (takes.get(a.moduleId) ?? 0));
  }
}
