// The one property of all scenarios: run the plan, no invariant is violated. Checked by fast-check, so that a failure
// prints seed and path, and the plan itself is written down. What stays out: which cells must hold it (scenarios/).
import { join } from 'node:path';
import fc from 'fast-check';
import type { Coordinator } from '../run/coordinator.ts';
import { violationsOf } from '../judge/judge-history.ts';
import type { DrawOptions } from './draw-plan.ts';
import type { Plan } from '../model/plan.ts';
import { type PlanShape, plans } from './plan-arbitrary.ts';
import { planText } from './plan-file.ts';
import { writeNew } from '../host/write-whole.ts';
import { planOfRun } from './runner.ts';
import { type Scenario, windowOf } from '../model/scenario.ts';

/**
 * @property only invariants that count; default: all
 * @property examples plans that are tried before any that are drawn
 * @property shape where preemptions are drawn; default: measured by a run
 * @property seed, path of fast-check: those that a failure printed give it again
 * @property shrinkRuns runs that shrinking may take
 * @property folder where a plan that fails is written
 */
export interface PropertyOptions extends Omit<DrawOptions, 'parameters'>, Partial<Pick<DrawOptions, 'parameters'>> {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly runs: number;
  readonly only?: readonly string[];
  readonly examples?: readonly Plan[];
  readonly shape?: PlanShape;
  readonly seed?: number;
  readonly path?: string;
  readonly shrinkRuns?: number;
  readonly folder: string;
}

/**
 * @property reached runs that reached the scenario's window
 * @property report what a person needs to see it again; empty when nothing failed
 */
export interface PropertyOutcome {
  readonly failed: boolean;
  readonly runs: number;
  readonly reached: number;
  readonly seed: number;
  readonly path: string | null;
  readonly plan: Plan | undefined;
  readonly file: string | undefined;
  readonly report: string;
}

/** What runs of a scenario are like, from one run in the default schedule. */
export async function shapeOf({
  coordinator,
  scenario,
  ...options
}: Omit<PropertyOptions, 'runs' | 'folder'>): Promise<PlanShape> {
  const { parameters = scenario.parameters } = options;
  const told = { ...options, parameters, seed: 0, chooser: 'replay' } as const;
  const { endings, steps } = await coordinator.run(scenario, planOfRun(scenario, told, 0));
  return { lanes: endings.map(({ lane }) => lane), steps };
}

/**
 * Runs plans until one violates an invariant, then shrinks it.
 *
 * @throws harness errors, and when it was interrupted
 */
export async function checkPlans(options: PropertyOptions): Promise<PropertyOutcome> {
  const { coordinator, scenario, only, examples = [], shrinkRuns = 200 } = options;
  let runs = 0;
  let reached = 0;
  let failedAt = Infinity;
  let broken: { readonly error: unknown } | undefined;
  const holds = async (plan: Plan): Promise<boolean> => {
    // A failure has been found, and the runs for shrinking it are spent: whatever follows counts as passing.
    if (broken !== undefined || runs - failedAt > shrinkRuns) return true;
    const judged = await judgedRun(coordinator, scenario, plan).catch((error: unknown) => {
      // A smaller plan may be one that cannot be run; before that, it is no violation either, and no pass.
      if (failedAt === Infinity) broken = { error };
    });
    if (judged === undefined) return true;
    runs++;
    if ((judged.history.marks[windowOf(scenario, plan.strategy)] ?? 0) > 0) reached++;
    const violated = judged.violations.some(({ invariant }) => only === undefined || only.includes(invariant));
    if (violated) failedAt = Math.min(failedAt, runs);
    return !violated;
  };
  const arbitrary = plans(
    scenario,
    { ...options, parameters: options.parameters ?? scenario.parameters },
    options.shape ?? (await shapeOf(options)),
  );
  const details = await fc.check(fc.asyncProperty(arbitrary, holds), {
    numRuns: options.runs,
    examples: examples.map((plan) => [plan] as [Plan]),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.path === undefined ? {} : { path: options.path }),
  });
  if (broken !== undefined) throw broken.error;
  const plan = details.counterexample?.[0];
  const { seed, counterexamplePath: path } = details;
  return { failed: details.failed, runs, reached, seed, path, plan, ...reportOf(options, plan, seed, path) };
}

async function judgedRun(coordinator: Coordinator, scenario: Scenario, plan: Plan) {
  const history = await coordinator.run(scenario, plan);
  return { history, violations: violationsOf(scenario, history) };
}

function reportOf(
  { scenario, folder }: PropertyOptions,
  plan: Plan | undefined,
  seed: number,
  path: string | null,
): Pick<PropertyOutcome, 'file' | 'report'> {
  if (plan === undefined) return { file: undefined, report: '' };
  const name = `${scenario.name}-${plan.strategy}-${plan.engine}-property${seed}.json`;
  const file = writeNew(join(folder, name), planText(plan));
  const lines = [
    `${scenario.name}, strategy ${plan.strategy}, SQLite ${plan.engine} violates an invariant`,
    JSON.stringify({ seed, path }),
    `npx lockstep replay ${file}`,
  ];
  return { file, report: lines.join('\n') };
}
