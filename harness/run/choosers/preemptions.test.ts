// Turns: as long as nobody else can run nobody is asked, and as soon as somebody can, turns go on.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { coordinatorOf, planOf, process, scenarioOf, StepKeeper } from '../../testing/lab.test-support.ts';
import { stream } from '../../model/random.ts';
import type { Chooser, Decision } from '../chooser.ts';
import type { Coordinator } from '../coordinator.ts';
import { turnsChooser } from './preemptions.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf();
});
afterAll(() => coordinator.close());

/** Turns, and every decision that they were asked for. */
function watchedTurns(run: number): { readonly chooser: Chooser; readonly decisions: readonly Decision[] } {
  const turns = turnsChooser(stream('chooser', 6, run));
  const decisions: Decision[] = [];
  const choose: Chooser['choose'] = (decision) => {
    decisions.push(decision);
    return turns.choose(decision);
  };
  return { chooser: { choose }, decisions };
}

test('a lane that is alone is not stopped at the end of its turns', async () => {
  const scenario = scenarioOf([process('p', 'inserting', { from: 0, count: 20 })]);
  for (let run = 0; run < 4; run++) {
    const { chooser, decisions } = watchedTurns(run);
    const { steps } = await coordinator.run(scenario, planOf(), chooser);
    expect(steps).toBeGreaterThan(400);
    expect(decisions.map(({ points }) => points)).toEqual([0]);
  }
});

test('one that gives back what another waits for is stopped there', async () => {
  const scenario = scenarioOf([process('p', 'handingOver')]);
  let between = 0;
  for (let run = 0; run < 20; run++) {
    const keeper = new StepKeeper();
    await coordinator.run(scenario, planOf(), watchedTurns(run).chooser, [keeper]);
    const lanes = keeper.steps.filter(({ text }) => text === 'after').map(({ lane }) => lane);
    expect(lanes).toHaveLength(80);
    if (lanes.indexOf('p/second') < lanes.lastIndexOf('p')) between++;
  }
  expect(between).toBeGreaterThan(2);
});
