// A backup that programs make of a database is a database that they worked on.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Coordinator } from '../run/coordinator.ts';
import { machineOf, planOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = new Coordinator({ machine: await machineOf() });
});
afterAll(() => coordinator.close());

test('what a database is copied or renamed to is one, and nothing else that is copied', async () => {
  const acts = [
    ['insert', '1'],
    ['append', 'f'],
    ['copy', 'lab.db', 'copied.db'],
    ['rename', 'copied.db', 'renamed.db'],
    ['copy', 'f', 'g'],
  ];
  const { databases } = await coordinator.run(scenarioOf([start('a', 'acting', acts)], 'delete'), planOf());
  expect(databases).toEqual(['lab.db', 'copied.db', 'renamed.db']);
});
