// What a coordinator takes from scenario and machine for one run. What stays out: the run (run.ts), and when (coordinator.ts).
import { promisedBy } from '../disk/promised.ts';
import type { Look } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import { isCommand, type ProgramRef, type StartProcess } from '../model/process.ts';
import type { Scenario } from '../model/scenario.ts';
import type { DiskRecorder } from '../observe/disk-recorder.ts';
import { look } from '../observe/look.ts';
import type { Tables } from '../observe/tables.ts';
import type { RunOptions, TakeLook } from './run-options.ts';
import { programRef } from './run-state.ts';
import { worldPower } from './world-power.ts';

/** What is seen of those that live, from outside. */
export function lookAt(
  label: string,
  step: number,
  all: Parameters<TakeLook>[2],
  { root, tables }: { readonly root: string; readonly tables: Tables },
): Look {
  const living = all
    .filter(({ ending }) => ending === undefined)
    .map(({ name, pooled }) => ({ name, pid: pooled.pid }));
  return { label, step, ...look(living, root, tables.locks.believed()) };
}

/** What the power's loss leaves of a run's world. @param shared folder of what its processes share in memory */
export function losePowerOf(
  scenario: Scenario,
  plan: Plan,
  disk: DiskRecorder,
  root: string,
  shared: string,
): Pick<RunOptions, 'losePower'> {
  return { losePower: worldPower(disk, root, shared, promisedBy(scenario, plan.strategy)) };
}

/** Also where the scenario names its programs only when it is asked for one: those that it begins with. */
export function programsOf({ programs }: Scenario, named: readonly StartProcess[]): readonly ProgramRef[] {
  return [...Object.values(programs), ...named.flatMap(({ program }) => programs[program] ?? [])];
}

/** Names of processes that are commands. */
export function commandsOf({ programs }: Scenario, start: readonly StartProcess[]): readonly string[] {
  const isOne = (ref: ProgramRef | undefined) => ref !== undefined && isCommand(ref);
  return start.filter(({ program }) => isOne(programRef(programs, program))).map(({ name }) => name);
}
