// What a result document says of its strategies: what they do, and what those of the kanban system change.
import { expect, test } from 'vitest';
import { findScenario } from '../scenarios/find.ts';
import { aboutRun } from './about.ts';

const given = {
  seed: 1,
  chooser: 'preemptions',
  jobs: 1,
  budget: { runs: 1, timeMs: null },
  bound: 0.05,
  short: false,
  shard: null,
} as const;

test('strategies say what they change, single choices among them; those of another system do not', async () => {
  const scenarios = ['wal-reset', 'wal-unlink-wedge'].map(findScenario);
  const cell = (strategy: string, scenario = 'wal-unlink-wedge') => ({ scenario, strategy, engine: '3.50.4' });
  const of = async (...cells: ReturnType<typeof cell>[]) =>
    (await aboutRun(given, scenarios, cells, new AbortController().signal)).strategies;
  const [reported, changed] = await of(cell('wal'), cell('wal', 'wal-reset'), cell('safe-read+guard=watchdog'));
  expect(reported?.changes, 'the canary has a strategy of that name, too').toEqual([]);
  expect(changed?.changes).toMatchObject([
    { axis: 'probe', from: 'every-connect', to: 'tracked' },
    { axis: 'guard', from: 'none', to: 'watchdog' },
  ]);
  const says = 'no raw read of a database that this process has open · ';
  expect(changed?.says).toBe(`${says}${changed?.changes?.[1]?.says ?? ''}`);
  expect((await of(cell('wal', 'wal-reset')))[0]).not.toHaveProperty('changes');
});
