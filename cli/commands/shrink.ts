// lockstep shrink: a smaller plan that fails in the same way, and why it fails, in sentences.
import { basename, dirname, join } from 'node:path';
import { variantName } from '../../harness/engines/engine.ts';
import { checkWorkload } from '../../harness/search/plan-check.ts';
import type { Plan } from '../../harness/model/plan.ts';
import { checkWritable, readPlan } from '../../harness/search/plan-file.ts';
import { defaultBound, exitCodes, verdictOf } from '../../harness/model/verdict.ts';
import { findInvariants, findScenario, findStrategy } from '../../scenarios/find.ts';
import type { Interrupt } from '../interrupt.ts';
import { keepPlan, replacePlan, tellPlan } from '../keep-plan.ts';
import { machineFor } from '../machine.ts';
import { minimal, minimalDocument, noTime, tellMinimal } from '../minimal.ts';
import { RunTime } from '../run-time.ts';
import type { ShrinkCommandOptions } from '../declared/shrink.ts';
import type { Output } from '../output.ts';
import { tellViolations } from '../tell-violations.ts';
import { verdictWord } from '../words.ts';

/** `plans/x.json` becomes `plans/x.min.json`. */
function besideOf(path: string): string {
  return join(dirname(path), `${basename(path, '.json').replace(/\.min$/, '')}.min.json`);
}

/** Only a file that a person named is written over: the one with --out, or the plan itself, which is smaller now. */
function keepShrunk(path: string, { out }: ShrinkCommandOptions, plan: Plan, output: Output): string | null {
  const beside = besideOf(path);
  return out === undefined && beside !== path ? keepPlan(beside, plan, output) : replacePlan(out ?? path, plan, output);
}

/** One run is reported, so a mark was reached in one run or in none. */
function reachedOnce(marks: { readonly [name: string]: number }): { readonly [name: string]: number } {
  return Object.fromEntries(Object.entries(marks).flatMap(([name, count]) => (count > 0 ? [[name, 1]] : [])));
}

export async function shrinkPlan(
  output: Output,
  interrupt: Interrupt,
  path: string,
  options: ShrinkCommandOptions,
): Promise<number> {
  const plan = readPlan(path);
  const scenario = findScenario(plan.scenario);
  findStrategy(scenario, plan.strategy);
  checkWorkload(scenario, plan, path);
  const only = options.only === undefined ? undefined : findInvariants(scenario, options.only);
  checkWritable(dirname(options.out ?? besideOf(path)));
  const machine = await machineFor(plan.engine, output, interrupt, { host: options.host, scenarios: [scenario] });
  const time = new RunTime(options.time);
  const { limit } = options;
  // A plan of a deep engine is tried on the plain one afterwards, for as long.
  const timeMs = time.shrinkMs(options.time, variantName(plan.engine, 'plain') === plan.engine ? 1 : 2) ?? 0;
  const told = { scenario, plan, machine, only, timeMs, limitMs: limit * 1000, bound: defaultBound, interrupt };
  const outcome = await minimal(told, output);
  const found = outcome === noTime ? undefined : outcome;
  const kept = found === undefined ? null : keepShrunk(path, options, found.shrunk.plan, output);
  const verdict = verdictOf({ failed: found !== undefined });
  output.result({
    format: 2,
    scenario: plan.scenario,
    strategy: plan.strategy,
    engine: plan.engine,
    gateways: (found?.shrunk.plan ?? plan).parameters.gateways,
    chooser: 'replay',
    seed: plan.seed,
    verdict,
    runs: found?.shrunk.runs ?? 1,
    steps: found?.shrunk.steps ?? 0,
    seconds: found?.shrunk.seconds ?? 0,
    runsPerSecond: found === undefined ? 0 : found.shrunk.runs / found.shrunk.seconds,
    upperBound: null,
    marks: reachedOnce(found?.shrunk.marks ?? {}),
    violations: found?.shrunk.violations ?? [],
    plan: kept,
    hash: found?.shrunk.hash ?? null,
    interrupted: interrupt.requested,
    ...(found === undefined ? {} : minimalDocument(found)),
  });
  if (!output.json) {
    const cell = `${plan.scenario}, strategy ${plan.strategy}, SQLite ${plan.engine}`;
    output.say(`${verdictWord(output, verdict)}  ${cell}`);
    if (found === undefined) {
      output.say(
        outcome === undefined
          ? '  this plan does not fail: nothing to shrink, and one plan that is replayed is no pass'
          : interrupt.requested
            ? '  interrupted before its first run was over'
            : '  the time was up before its first run was over: give it more with --time',
      );
    } else {
      output.say('  the plan violates');
      tellViolations(found.shrunk.found, scenario, output);
      tellMinimal(found, scenario, output);
      tellPlan(kept, output);
    }
  }
  return interrupt.requested ? interrupt.exitCode : exitCodes[verdict];
}
