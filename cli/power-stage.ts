// The power losses of `lockstep run`: recorded runs lose it, after the search. What stays out: how they are tried (search/power-runs.ts).
import { join } from 'node:path';
import type { ModelName } from '../harness/model/file-systems.ts';
import { isBroken, type PowerRuns, powerRuns } from '../harness/search/power-runs.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import { powerText } from '../reports/power-words.ts';
import type { Cell } from './cell.ts';
import type { Interrupt } from './interrupt.ts';
import { keepPlan, tellPlan } from './keep-plan.ts';
import type { Output } from './output.ts';
import { StatusLine } from './status-line.ts';
import { tellViolations } from './tell-violations.ts';

/** Recorded runs, and of each the states on each file system at most. */
const most = { runs: 5, states: 300 } as const;

/** What was found, with the files of the plans that show it. */
export interface PowerStage extends PowerRuns {
  readonly files: readonly (string | null)[];
}

/** @param timeMs real milliseconds for it; undefined for as long as it takes @returns undefined where nobody asks for it */
export async function powerStage(
  output: Output,
  cell: Cell,
  models: readonly ModelName[],
  interrupt: Interrupt,
  timeMs: number | undefined,
): Promise<PowerStage | undefined> {
  const { scenario, strategy, engine, machine, options } = cell;
  if (models.length === 0 || interrupt.requested) return undefined;
  using status = new StatusLine(output, `${scenario.name}: power losses in recorded runs`);
  status.says(`${scenario.name}: power losses in recorded runs, on ${models.join(', ')}`);
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs: options.limit * 1000, stop });
  let found: PowerRuns;
  try {
    found = await powerRuns({
      coordinator,
      scenario,
      strategy,
      engine,
      parameters: scenario.parameters,
      seed: options.seed,
      models,
      first: 0,
      runs: Math.min(most.runs, options.runs ?? most.runs),
      statesMax: most.states,
      timeMs: timeMs ?? Infinity,
      stop,
    });
  } finally {
    coordinator.close();
  }
  const files = found.failures.map(({ invariant, model, first }) => {
    const name = `${scenario.name}-${strategy}-${engine}-crash-${model}-${invariant}.json`;
    return keepPlan(join(options.out, name), first.plan, output);
  });
  return { ...found, files };
}

export function tellPower({ figures, failures, files }: PowerStage, { scenario }: Cell, output: Output): void {
  for (const one of figures) output.say(`  power loss, ${one.model}: ${powerText(one)}`);
  for (const [place, { model, invariant, states, first }] of failures.entries()) {
    const name = isBroken({ model }) ? output.paint('red', invariant) : `${invariant} (promised by nobody there)`;
    output.say(`  ${name} after a power loss (${model}), in ${states} of those; the least:`);
    for (const line of first.says) output.say(`    ${line}`);
    tellViolations([first.violation], scenario, output);
    tellPlan(files[place] ?? null, output, '    ');
  }
}

/** What scripts read of it. */
export function powerDocument({ figures, failures, files }: PowerStage): object {
  const findings = failures.map(({ model, invariant, states, first: { violation, hash, says } }, place) => {
    return { model, invariant, message: violation.message, states, says, plan: files[place] ?? null, hash };
  });
  return { powerLoss: figures, powerLossFindings: findings };
}
