// Every shipped plan still shows what it was shipped for: it violates, again and again with one hash, in reused and in
// fresh processes, and the fix that cures it passes on the same plan.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ensureEngines } from '../harness/engines/ensure.ts';
import { Coordinator, violationsOf } from '../harness/explore/coordinator.ts';
import type { Plan } from '../harness/explore/plan.ts';
import { readPlan } from '../harness/explore/plan-file.ts';
import { gatePath } from '../harness/gate/build.ts';
import type { Machine } from '../harness/schedule/pool.ts';
import { scenarios } from './catalogue.ts';

const folder = fileURLToPath(new URL('./corpus/', import.meta.url));

/** What a plan is changed to so that it does no harm any more; undefined where we know of nothing. */
type Cure = Partial<Pick<Plan, 'strategy' | 'engine'>> | undefined;

const cures: { readonly [file: string]: Cure } = {
  'checkpoint-race.json': { engine: '3.54.1' },
  'checkpoint-race.delete.json': { strategy: 'delete+safe-read' },
  'checkpoint-race.safe-read.json': { engine: '3.54.1' },
  'corrupt-board-storm.by-itself.json': undefined,
  'corrupt-board-storm.json': { strategy: 'quarantine+safe-read' },
  // A person takes the board away, or puts an older one in its place: no strategy brings back what was in it.
  'init-inode-swap.json': undefined,
  'init-inode-swap.cp-over.json': undefined,
  'init-inode-swap.mv-all.json': undefined,
  'init-inode-swap.mv-aside.json': undefined,
  'init-inode-swap.rebuild.json': undefined,
  'init-inode-swap.restore.json': undefined,
  'init-inode-swap.rm-all.json': undefined,
  'orphan-dispatcher.json': { strategy: 'safe-read' },
  'wal-unlink-wedge.json': { strategy: 'safe-read' },
  'wal-unlink-wedge.delete.json': { strategy: 'delete+safe-read' },
};

test('every plan has a line here', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(cures).toSorted());
});

async function machineOf(engine: string): Promise<Machine> {
  const binding = (await ensureEngines([engine])).get(engine)?.binding;
  if (binding === undefined) throw new Error(engine);
  return { binding, gate: await gatePath() };
}

/** Runs a plan so many times, at first in fresh processes, then in used ones. Result: hashes, and what was done of harm. */
async function runs(plan: Plan, times: number) {
  const scenario = scenarios.find(({ name }) => name === plan.scenario);
  if (scenario === undefined) throw new Error(plan.scenario);
  const harm = new Set(scenario.invariants.filter(({ about }) => about === 'harm').map(({ name }) => name));
  const coordinator = new Coordinator({ machine: await machineOf(plan.engine) });
  try {
    const done: { readonly hash: string; readonly harm: readonly string[] }[] = [];
    for (let i = 0; i < times; i++) {
      const history = await coordinator.run(scenario, plan);
      const violated = violationsOf(scenario, history).map(({ invariant }) => invariant);
      done.push({ hash: history.hash, harm: violated.filter((name) => harm.has(name)) });
    }
    return done;
  } finally {
    coordinator.close();
  }
}

/** Real time for the largest plan on a busy machine. */
const timeout = 300_000;

test.each(Object.keys(cures))(
  '%s: does harm, in fresh and in used processes, with one hash',
  { timeout },
  async (file) => {
    const done = await runs(readPlan(`${folder}${file}`), 2);
    expect(new Set(done.map(({ hash }) => hash)).size).toBe(1);
    for (const { harm } of done) expect(harm.length).toBeGreaterThan(0);
  },
);

test.each(Object.entries(cures).flatMap(([file, cure]) => (cure === undefined ? [] : [[file, cure] as const])))(
  '%s: does none under %j',
  { timeout },
  async (file, cure) => {
    expect((await runs({ ...readPlan(`${folder}${file}`), ...cure }, 1))[0]?.harm).toEqual([]);
  },
);
