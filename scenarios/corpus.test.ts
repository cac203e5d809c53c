// Every shipped plan still shows what it was shipped for: it violates, again and again with one hash, in reused and in
// fresh processes, and the fix that cures it passes on the same plan.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ensureEngines } from '../harness/engines/ensure.ts';
import { Coordinator, violationsOf } from '../harness/explore/coordinator.ts';
import { readPlan } from '../harness/explore/plan-file.ts';
import { gatePath } from '../harness/gate/build.ts';
import { scenarios } from './catalogue.ts';

const folder = fileURLToPath(new URL('./corpus/', import.meta.url));

/** A strategy under which the plan violates nothing. */
const cures: { readonly [file: string]: string } = {
  'wal-unlink-wedge.json': 'safe-read',
  'wal-unlink-wedge.delete.json': 'delete+safe-read',
};

test('every plan has a cure here', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(cures).toSorted());
});

test.each(Object.entries(cures))('%s: violates with one hash, and not under %s', async (file, cure) => {
  const plan = readPlan(`${folder}${file}`);
  const scenario = scenarios.find(({ name }) => name === plan.scenario);
  const binding = (await ensureEngines([plan.engine])).get(plan.engine)?.binding;
  if (scenario === undefined || binding === undefined) throw new Error(file);
  const hashes = new Set<string>();
  for (const fresh of [false, true]) {
    const coordinator = new Coordinator({ machine: { binding, gate: await gatePath() }, fresh });
    try {
      for (let i = 0; i < 3; i++) {
        const history = await coordinator.run(scenario, plan);
        hashes.add(history.hash);
        expect(violationsOf(scenario, history).length).toBeGreaterThan(0);
      }
      expect(violationsOf(scenario, await coordinator.run(scenario, { ...plan, strategy: cure }))).toEqual([]);
    } finally {
      coordinator.close();
    }
  }
  expect(hashes.size).toBe(1);
});
