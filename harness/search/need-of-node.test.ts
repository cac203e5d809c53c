// A search goes on in Node where a program does what only Node does, and its runs are those of the Node host.
import { expect, test } from 'vitest';
import { PREBUILT_ENGINE } from '../engines/catalogue.ts';
import { coordinatorOf, process as start, scenarioOf } from '../testing/lab.test-support.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Host } from '../run/hosts.ts';
import { Runner } from './runner.ts';

const module = new URL('../lane/native/language.test-support.ts', import.meta.url).href;
const base = scenarioOf([start('p', 'doing', 'failing')]);
const scenario: Scenario = {
  ...base,
  programs: { setup: { module, export: 'setup' }, doing: { module, export: 'doing' } },
};

async function hashes(host?: Host): Promise<readonly string[]> {
  const coordinator = await coordinatorOf(host === undefined ? {} : { host });
  const { parameters } = scenario;
  const options = { strategy: 'plain', engine: PREBUILT_ENGINE, parameters, seed: 5, chooser: 'preemptions' } as const;
  const runner = new Runner(coordinator, scenario, options);
  try {
    return [(await runner.run(0)).hash, (await runner.run(1)).hash];
  } finally {
    coordinator.close();
  }
}

test('a search goes on in Node where a program needs it', async () => {
  expect(await hashes()).toEqual(await hashes('node'));
});
