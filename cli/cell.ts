// A cell to explore, as a command line asks for it: scenario, strategy, engine, and what becomes of a plan that fails.
// What stays out: the exploring.
import { join } from 'node:path';
import { variantName } from '../harness/engines/engine.ts';
import { LockstepError } from '../harness/errors/errors.ts';
import type { Plan } from '../harness/model/plan.ts';
import { replayDiffersCode } from '../harness/search/replay-differs.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import type { Interrupt } from './interrupt.ts';
import { keepPlan } from './keep-plan.ts';
import { type Minimal, minimal, noTime } from './minimal.ts';
import type { Output } from './output.ts';
import type { RunTime } from './run-time.ts';
import type { RunCommandOptions } from './declared/run.ts';

/** A cell to explore: scenario, strategy and engine, and what keeps its runs alike. */
export interface Cell {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly engine: string;
  readonly machine: LaneBinaries;
  readonly base: Plan | undefined;
  readonly only: readonly string[] | undefined;
  readonly options: RunCommandOptions;
  readonly time: RunTime;
}

/** Where a plan of this cell goes. */
export function fileOf({ scenario, strategy, engine, options }: Cell, what?: 'found'): string {
  const name = `${scenario.name}-${strategy}-${engine}-seed${options.seed}`;
  return join(options.out, what === undefined ? `${name}.json` : `${name}.${what}.json`);
}

/** Writes a plan as it was found, and says where before anything else is done with it. Result: its path, or null. */
export function keepFound(output: Output, cell: Cell, plan: Plan): string | null {
  const file = keepPlan(fileOf(cell, 'found'), plan, output);
  if (file !== null && cell.options.shrink) output.progress(`found: ${file}; now it is made smaller`);
  return file;
}

/** The plan made smaller; undefined when there was no time for it, or when the harness failed: what was found counts. */
export async function smaller(
  output: Output,
  { scenario, engine, machine, only, options, time }: Cell,
  plan: Plan,
  interrupt: Interrupt,
): Promise<Minimal | undefined> {
  if (interrupt.requested) return undefined;
  const { shrinkTime, limit, bound } = options;
  const timeMs = time.shrinkMs(shrinkTime, variantName(engine, 'plain') === engine ? 1 : 2);
  if (timeMs === undefined) return undefined;
  try {
    const small = await minimal(
      { scenario, plan, machine, only, timeMs, limitMs: limit * 1000, bound, interrupt },
      output,
    );
    return small === noTime ? undefined : small;
  } catch (error) {
    if (!(error instanceof LockstepError) || error.code === replayDiffersCode) throw error;
    output.complain(`It was not made smaller: ${error.message}`, error.remedy);
    return undefined;
  }
}
