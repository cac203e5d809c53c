// Power goes in the middle of a run in which a person replaces the board, and of whatever brings it back: the first uses of what is
// left, by the strategy's own means, find every acknowledged row. What stays out: disks that are opened by SQLite alone (durability.test.ts).
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chosenStates } from '../harness/crash/chosen-states.ts';
import { statesAt } from '../harness/disk/crash-states.ts';
import { DurableDisk } from '../harness/disk/durable-disk.ts';
import { Images, writeImage } from '../harness/disk/image.ts';
import { historyAt, judgeImage } from '../harness/crash/judge-image.ts';
import { recordRun } from '../harness/crash/recorded-run.ts';
import { LaneWorld } from '../harness/lane/lane-world.ts';
import type { FileSystem } from '../harness/model/file-systems.ts';
import type { Plan } from '../harness/model/plan.ts';
import { stream } from '../harness/model/random.ts';
import { Examiner } from '../harness/observe/autopsy.ts';
import type { Coordinator } from '../harness/run/coordinator.ts';
import { machinesOf } from '../harness/run/machines.ts';
import { drawPlan } from '../harness/search/draw-plan.ts';
import { FreeGate } from '../harness/search/stress/free-gate.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { withBoard } from '../src/programs/board/board.ts';
import { boardOf } from './kanban/processes.ts';
import { replacedAnyhow } from './replaced.test-support.ts';

const engine = '3.54.1';
const never = () => false;
const honest: FileSystem = { model: 'powersafe' };

let coordinator: Coordinator;
let binding: string;
let folder: string;
let examiner: Examiner;
beforeAll(async () => {
  coordinator = await coordinatorOf({ engine });
  binding = (await machinesOf([engine], { progress: () => {} })).get(engine)?.binding ?? '';
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-power-')));
  const own = join(folder, 'examiner');
  mkdirSync(own);
  examiner = new Examiner(own, never);
});
afterAll(() => {
  examiner.close();
  coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A tick of a dispatcher that comes first after the machine is up, and the next. */
function used(root: string, plan: Plan): void {
  const gate = new FreeGate({ root, horizonMs: 1e9, restMsMax: 0, random: stream('freeLane', 1, 0) });
  const setting = {
    lane: 'gateway-1',
    process: 'gateway-1',
    root,
    binding,
    sqlite: {},
    startThread: () => {},
    fork: undefined,
  };
  const world = new LaneWorld(gate, setting);
  const here = process.cwd();
  process.chdir(root); // what relative names in SQL mean
  try {
    for (const _ of [1, 2])
      withBoard(world, boardOf(plan), (board) => board.do('ready_tasks', {}), { dispatches: true });
  } finally {
    process.chdir(here);
  }
}

interface Found {
  readonly tried: number;
  readonly wrong: readonly string[];
}

/** What is wrong in so many states of one run. */
async function lossesOf(
  strategy: string,
  seed: number,
  statesMax: number,
  system: FileSystem = honest,
): Promise<Found> {
  const { parameters } = replacedAnyhow;
  const options = { strategy, engine, parameters, io: false };
  const plan = drawPlan(replacedAnyhow, options, (name) => stream(name, seed, 0));
  const { log, history } = await recordRun({ coordinator, scenario: replacedAnyhow, plan, stop: never });
  const chosen = chosenStates(log, system, statesMax, stream('crash', seed, 0));
  const disk = new DurableDisk(log, system);
  const images = new Images(disk);
  const wrong: string[] = [];
  let tried = 0;
  for (const [before, indexes] of chosen.indexes) {
    disk.goTo(before);
    images.forget();
    const states = statesAt(disk, before);
    for (const index of indexes) {
      const state = states.at(index);
      const root = join(folder, `state-${tried++}`);
      mkdirSync(root);
      writeImage(images.of(state), root);
      try {
        used(root, plan);
        const { database, queries } = replacedAnyhow;
        const autopsy = examiner.answer(examiner.ask({ root, database, queries, brief: true }));
        const seen = historyAt(history, { before, step: log.operations[before]?.step ?? Infinity }, autopsy);
        for (const { message } of judgeImage(replacedAnyhow, seen, 'acknowledged').violations)
          wrong.push(`${JSON.stringify(state)}: ${message}`);
      } catch (error) {
        wrong.push(`${JSON.stringify(state)}: ${String(error)}`);
      }
      rmSync(root, { recursive: true });
    }
  }
  return { tried, wrong };
}

for (const [seeds, states] of [
  [[1], 60],
  [[2, 3, 4], 500],
] as const) {
  const when = { ...longUnless(seeds.length === 1), timeout: 600_000 };
  test(`durable, ${states} states of ${seeds.length} runs`, when, async () => {
    for (const seed of seeds) {
      const { tried, wrong } = await lossesOf('durable', seed, states);
      expect(tried).toBe(states);
      expect(wrong, `seed ${seed}`).toEqual([]);
    }
  });
}

test('where the sync of the recovery’s folder does nothing, rows are lost', { timeout: 600_000 }, async () => {
  const { wrong } = await lossesOf('durable', 1, 60, { model: 'lying-sync', liars: ['kanban.db.recovery'] });
  expect(wrong.filter((one) => one.includes('acknowledged rows are gone'))).not.toEqual([]);
});
