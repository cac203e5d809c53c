// `run --chooser exhaustive`: every schedule of one plan with up to so many preemptions, and what may be said then.
import { Coordinator } from '../harness/run/coordinator.ts';
import { exhaust, type Exhausted } from '../harness/search/exhaustive/exhaust.ts';
import { rounded } from '../harness/model/count.ts';
import type { Plan } from '../harness/model/plan.ts';
import { windowOf } from '../harness/model/scenario.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { exitCodes, type Verdict, verdictOf } from '../harness/model/verdict.ts';
import { type Cell, fileOf, keepFound, smaller } from './cell.ts';
import type { Interrupt } from './interrupt.ts';
import { keepPlan, tellPlan } from './keep-plan.ts';
import { minimalDocument, tellMinimal } from './minimal.ts';
import type { Output } from './output.ts';
import { StatusLine } from './status-line.ts';
import { tellViolations } from './tell-violations.ts';
import { verdictWord } from './words.ts';

/** Preemptions when none are asked for: enough for the WAL-reset bug. */
const defaultPreemptions = 2;

function planOf({ scenario, strategy, engine, base, options }: Cell): Plan {
  const { parameters } = scenario;
  const { gateways, seed } = options;
  const given = gateways === undefined ? parameters : { ...parameters, gateways };
  const fixed = { strategy, engine, parameters: given, gatewaysFixed: gateways !== undefined, seed };
  return planOfRun(scenario, { ...fixed, chooser: 'replay', ...(base === undefined ? {} : { base }) }, 0);
}

/** @returns the exit code */
export async function runExhaustive(output: Output, cell: Cell, interrupt: Interrupt): Promise<number> {
  const { scenario, machine, only, options, time } = cell;
  const plan = planOf(cell);
  const preemptions = options.preemptions ?? defaultPreemptions;
  const began = performance.now();
  let found = false;
  const stop = () => interrupt.requested || time.isUp(found);
  const coordinator = new Coordinator({ machine, limitMs: options.limit * 1000, stop: () => interrupt.requested });
  let exhausted: Exhausted;
  try {
    using status = new StatusLine(output, `${scenario.name}: the first run`);
    exhausted = await exhaust({
      coordinator,
      scenario,
      plan,
      preemptions,
      reduction: options.reduction,
      stop,
      ...(only === undefined ? {} : { only }),
      onRun: (_, now) => {
        found ||= now.failed > 0;
        status.says(
          `${scenario.name}: ${now.preemptions} preemptions, ${now.run} schedules run, ${now.skipped} skipped`,
        );
      },
    });
  } finally {
    coordinator.close();
  }
  const seconds = (performance.now() - began) / 1000;
  const { failure, complete, marks } = exhausted;
  const verdict = verdictOf({
    failed: failure !== undefined,
    exhausted: { complete, inWindow: marks[windowOf(scenario, plan.strategy)] ?? 0 },
  });
  const foundFile = failure === undefined ? null : keepFound(output, cell, failure.plan);
  const small =
    failure === undefined || !options.shrink ? undefined : await smaller(output, cell, failure.plan, interrupt);
  const plans = small === undefined ? foundFile : (keepPlan(fileOf(cell), small.shrunk.plan, output) ?? foundFile);
  output.result({
    ...document(cell, plan, exhausted, seconds, verdict),
    violations: small?.shrunk.violations ?? failure?.violations ?? [],
    plan: plans,
    hash: small?.shrunk.hash ?? failure?.hash ?? null,
    interrupted: interrupt.requested,
    timeUp: !complete && !interrupt.requested,
    confirmed: failure?.confirmed ?? null,
    found: foundFile,
    ...(small === undefined ? {} : minimalDocument(small)),
  });
  if (!output.json) {
    tell(output, cell, exhausted, seconds, verdict);
    if (failure?.confirmed === false) output.say('  there was no time to confirm it by a replay');
    if (failure !== undefined) tellViolations(failure.violations, scenario, output);
    if (small !== undefined) tellMinimal(small, scenario, output);
    tellPlan(plans, output);
  }
  if (verdict === 'fail') return exitCodes.fail;
  return interrupt.requested ? interrupt.exitCode : exitCodes[verdict];
}

function document(cell: Cell, plan: Plan, exhausted: Exhausted, seconds: number, verdict: Verdict): object {
  const { schedules, run, skipped, failed, byPreemptions, steps, marks, complete } = exhausted;
  return {
    format: 2,
    scenario: cell.scenario.name,
    strategy: cell.strategy,
    engine: cell.engine,
    gateways: plan.parameters.gateways,
    chooser: 'exhaustive',
    seed: cell.options.seed,
    verdict,
    runs: run,
    steps,
    seconds,
    runsPerSecond: run / seconds,
    upperBound: null,
    upperBoundAllRuns: null,
    marks,
    schedules: { reduction: cell.options.reduction, tried: schedules, run, skipped, failed, byPreemptions, complete },
  };
}

function tell(output: Output, cell: Cell, exhausted: Exhausted, seconds: number, verdict: Verdict): void {
  const { schedules, run, skipped, failed, byPreemptions, complete, marks } = exhausted;
  const last = byPreemptions.at(-1)?.preemptions ?? 0;
  const { options } = cell;
  output.say(
    `${verdictWord(output, verdict)}  ${cell.scenario.name}, strategy ${cell.strategy}, SQLite ${cell.engine}`,
  );
  output.say(
    complete && options.reduction === 'races'
      ? `  every order of dependent steps tried, with any number of preemptions (${last} at most): ${run} schedules run`
      : complete
        ? `  all ${schedules} schedules with up to ${last} preemptions tried: ${run} run, ${skipped} the same as one of these`
        : run === 0
          ? '  stopped before the first schedule was run'
          : `  stopped early: ${run} schedules run, ${skipped} skipped as the same as one of these`,
  );
  if (run === 0) return;
  output.table([
    ['preemptions', 'schedules', 'run', 'skipped', 'failed'],
    ...byPreemptions.map((one) => [one.preemptions, one.schedules, one.run, one.skipped, one.failed].map(String)),
  ]);
  output.say(`  ${rounded(run / seconds, 2)} runs/s; ${failed} failed`);
  if (verdict === 'inconclusive')
    output.say(
      complete
        ? `  no schedule reached the window ${windowOf(cell.scenario, cell.strategy)}: this is no pass`
        : '  not all schedules were tried: this is no pass',
    );
  for (const [mark, count] of Object.entries(marks)) if (count > 0) output.say(`  reached ${mark} in ${count} runs`);
}
