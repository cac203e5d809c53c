// A process that dies of SIGBUS because a file it has mapped became shorter dies in the run, as the real one would; a crash of
// any other kind is the harness's own (coordinator.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Coordinator } from './coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import { coordinatorOf, observed, planOf, process, scenarioOf } from '../testing/lab.test-support.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

test('a mapped file that somebody makes shorter ends who reads from it, and the run goes on', async () => {
  const scenario = scenarioOf([process('p', 'mapping'), process('q', 'shortening'), process('r', 'sleeping', 5000)]);
  const history = await coordinator.run(scenario, planOf());
  expect(history.deaths).toMatchObject([{ process: 'p', ending: { how: 'killed', signal: 'SIGBUS' } }]);
  expect(observed(history, 'slept')).toEqual([5000]);
  expect(violationsOf(scenario, history).map(({ invariant }) => invariant)).toContain('lanes-end');
  const again = await coordinator.run(scenario, planOf());
  expect(again.hash).toBe(history.hash);
});
