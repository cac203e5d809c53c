// Power goes in the middle of a run in which a person replaces the board, and of whatever brings it back: the first use of what is
// left, by the strategy's own means, finds every acknowledged row. What stays out: boards that nobody takes away (durability.test.ts).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CrashSearch, crashSearch } from '../harness/crash/crash-search.ts';
import { Openers } from '../harness/crash/openers.ts';
import { recordRun } from '../harness/crash/recorded-run.ts';
import { replayCrash } from '../harness/crash/replay-crash.ts';
import { type DiskOperation, isOnNames } from '../harness/model/disk.ts';
import type { FileSystem } from '../harness/model/file-systems.ts';
import type { Plan } from '../harness/model/plan.ts';
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

function planOf(seed: number): Plan {
  const { parameters } = replacedAnyhow;
  const options = { strategy: 'durable', engine, parameters, io: false };
  return drawPlan(replacedAnyhow, options, (name) => stream(name, seed, 0));
}

interface Asked {
  readonly seed?: number;
  readonly statesMax: number;
  readonly system?: FileSystem;
}

/** What so many states of one run come to under `durable`. */
async function searched({ seed = 1, statesMax, system = honest }: Asked): Promise<CrashSearch> {
  return crashSearch({
    coordinator,
    scenario: replacedAnyhow,
    plan: planOf(seed),
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

test('a board that a person has just put away comes back by its first use, and by nothing else', async () => {
  const plan = planOf(1);
  const never = () => false;
  const { log } = await recordRun({ coordinator, scenario: replacedAnyhow, plan, stop: never });
  const isGone = (one: DiskOperation) => isOnNames(one) && one.kind !== 'link' && one.name === replacedAnyhow.database;
  const before = 1 + log.operations.findIndex(isGone);
  expect(before).toBeGreaterThan(0);
  const crashed = { ...plan, crash: { model: 'powersafe' as const, before, lost: [] } };
  const { database, queries } = replacedAnyhow;
  const openers = new Openers({ database, queries, stop: never });
  try {
    const replayed = (scenario: Scenario) =>
      replayCrash({ coordinator, openers, scenario, plan: crashed, stop: never });
    const real = await replayed(replacedAnyhow);
    expect(real.bare.map(({ invariant }) => invariant)).toContain('acknowledged-commits');
    expect(real).toMatchObject({ violations: [], lostRows: 0 });
    const mutant = await replayed(neverUsed);
    // No board is there. Its rows are not asked for yet: nobody has taken the time in which they are to be back.
    expect(mutant.violations.map(({ invariant }) => invariant)).toEqual(['integrity']);
  } finally {
    openers.close();
  }
}, 600_000);

test('where the sync of the recovery’s folder does nothing, rows are lost', { timeout: 600_000 }, async () => {
  const found = await searched({ statesMax: 300, system: { model: 'lying-sync', liars: ['kanban.db.recovery'] } });
  expect(violated(found)).toContain('no-silent-loss');
});
