// Power goes in the middle of a run in which a person replaces the board, and of whatever brings it back: the first use of what is
// left, by the strategy's own means, finds every acknowledged row. What stays out: boards that nobody takes away (durability.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CrashSearch, crashSearch } from '../harness/crash/crash-search.ts';
import type { FileSystem } from '../harness/model/file-systems.ts';
import { stream } from '../harness/model/random.ts';
import type { FirstUse, Scenario } from '../harness/model/scenario.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { drawPlan } from '../harness/search/draw-plan.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { replacedAnyhow } from './replaced.test-support.ts';

const engine = '3.54.1';
const honest: FileSystem = { model: 'powersafe' };

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine });
});
afterAll(() => coordinator.close());

interface Asked {
  readonly seed?: number;
  readonly statesMax: number;
  readonly system?: FileSystem;
  readonly scenario?: Scenario;
}

/** What so many states of one run come to under `durable`. */
async function searched({
  seed = 1,
  statesMax,
  system = honest,
  scenario = replacedAnyhow,
}: Asked): Promise<CrashSearch> {
  const { parameters } = scenario;
  const plan = drawPlan(scenario, { strategy: 'durable', engine, parameters, io: false }, (name) =>
    stream(name, seed, 0),
  );
  return crashSearch({
    coordinator,
    scenario,
    plan,
    system,
    durability: 'acknowledged',
    statesMax,
    recoveriesMax: 0,
    seed,
    stop: () => false,
  });
}

const violated = ({ failures }: CrashSearch) => failures.map(({ invariant }) => invariant);

for (const [seeds, states] of [
  [[1], 60],
  [[2, 3, 4], 500],
] as const) {
  const when = { ...longUnless(seeds.length === 1), timeout: 600_000 };
  test(`durable, ${states} states of ${seeds.length} runs`, when, async () => {
    for (const seed of seeds) {
      const found = await searched({ seed, statesMax: states });
      expect(found.states.tried).toBe(states);
      expect(violated(found), `seed ${seed}`).toEqual([]);
      expect(found.states.bare).toBeGreaterThan(0); // SQLite alone would not do
    }
  });
}

/** A mutant of the first use: whoever comes first opens nothing, and so brings nothing back. */
const neverUsed: Scenario = {
  ...replacedAnyhow,
  firstUse(plan) {
    const first = replacedAnyhow.firstUse?.(plan) as FirstUse;
    const start = first.start.map((one) => ({ ...one, args: { ...(one.args as object), ticks: 0 } }));
    return { ...first, start };
  },
};

test('where nothing is brought back, the same disks fail', { timeout: 600_000 }, async () => {
  const found = await searched({ statesMax: 60, scenario: neverUsed });
  expect(found.states.failing).toBeGreaterThan(0);
});

test('where the sync of the recovery’s folder does nothing, rows are lost', { timeout: 600_000 }, async () => {
  const found = await searched({ statesMax: 60, system: { model: 'lying-sync', liars: ['kanban.db.recovery'] } });
  expect(violated(found)).toContain('no-silent-loss');
});
