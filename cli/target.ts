// The one run that a command works on: a plan file, or what a scenario makes. What stays out: what is done to it.
import { existsSync } from 'node:fs';
import type { Plan } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { checkWorkload } from '../harness/search/plan-check.ts';
import { readPlan } from '../harness/search/plan-file.ts';
import { planOfRun } from '../harness/search/runner.ts';
import { findScenario, findStrategy } from '../scenarios/find.ts';

/** @property file null for a plan that the scenario made */
export interface Target {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly file: string | null;
}

/** @property seed of the plan that a scenario makes */
interface Chosen {
  readonly strategy?: string | undefined;
  readonly engine?: string | undefined;
  readonly seed: number;
}

/** A plan file, or run 0 of a search: what the scenario makes by the seed, in the default schedule. */
export function targetOf(name: string, { strategy, engine, seed }: Chosen): Target {
  if (name.endsWith('.json') || existsSync(name)) {
    const read = readPlan(name);
    const scenario = findScenario(read.scenario);
    const plan = {
      ...read,
      strategy: findStrategy(scenario, strategy ?? read.strategy),
      engine: engine ?? read.engine,
    };
    checkWorkload(scenario, plan, name);
    return { scenario, plan, file: name };
  }
  const scenario = findScenario(name);
  const { parameters } = scenario;
  const cell = { strategy: findStrategy(scenario, strategy), engine: engine ?? scenario.engine };
  return { scenario, plan: planOfRun(scenario, { ...cell, parameters, seed, chooser: 'replay' }, 0), file: null };
}
