// A board under `durable` comes back whole from whatever a person does to its file, where the same system without a recovery loses
// it. What stays out: each part of it (mutants.test.ts), and a crash before each step (src/programs/board/recovery.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { Runner } from '../harness/search/runner.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { longUnless, runsOf } from '../harness/testing/long.test-support.ts';
import { copiedInACommit, replacedAnyhow } from './replaced.test-support.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine: '3.54.1' });
});
afterAll(() => coordinator.close());

/** What is violated in so many runs, hazards aside. */
async function violatedIn(scenario: typeof replacedAnyhow, strategy: string, runs: number): Promise<readonly string[]> {
  const { parameters, invariants } = scenario;
  const only = invariants.filter(({ about }) => about === 'harm').map(({ name }) => name);
  const options = { strategy, engine: '3.54.1', parameters, seed: 1, chooser: 'preemptions', only } as const;
  const runner = new Runner(coordinator, scenario, options);
  const found = new Set<string>();
  for (let run = 0; run < runs; run++) {
    for (const { invariant } of (await runner.run(run)).violations) found.add(invariant);
  }
  return [...found].toSorted();
}

test('without a recovery a person who replaces the board takes its rows away', { timeout: 120_000 }, async () => {
  expect(await violatedIn(replacedAnyhow, 'delete+safe-read', 1)).toContain('no-silent-loss');
});

const withWal = 'identity-commit+recovery+repair+flock-session+safe-read';

for (const [strategy, scenario, runs] of [
  ['durable+safe-read', replacedAnyhow, 3],
  ['durable+safe-read', replacedAnyhow, 40],
  ['durable+safe-read', copiedInACommit, 20],
  [withWal, replacedAnyhow, 30],
] as const) {
  const when = { ...longUnless(runs < 10), timeout: 600_000 };
  test(`under ${strategy} nothing is lost in ${runs} runs of ${scenario.name}`, when, async () => {
    expect(await violatedIn(scenario, strategy, runsOf(runs, Math.min(runs, 8)))).toEqual([]);
  });
}
