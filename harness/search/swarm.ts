// Swarm testing (Groce et al., ISSTA 2012): each run does without a random subset of what runs may do. A run with
// everything in it seldom goes deep anywhere: one kind of operation keeps another from happening. What stays out: what
// the features are (scenarios, fault kinds).
import { askScenario } from '../errors/scenario-error.ts';
import { below, type Random } from '../model/random.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';

/** Chances that a feature is switched off: none in a third of the runs, so that full runs stay frequent. */
const offChances = [0, 0.25, 0.5] as const;

/** A plan without some of its features: kinds of faults, SQLite's settings, and the scenario's own. */
export function swarm(scenario: Scenario, plan: Plan, random: Random): Plan {
  const chance = offChances[below(random, offChances.length)] ?? 0;
  const off = () => random() < chance;
  let { workload, faults, parameters } = plan;
  for (const kind of new Set(faults.map((fault) => fault.kind))) {
    if (off()) faults = faults.filter((fault) => fault.kind !== kind);
  }
  if (parameters.sqlite !== undefined && off()) {
    const { sqlite: _, ...others } = parameters;
    parameters = others;
  }
  for (const feature of scenario.features ?? []) {
    if (!off()) continue;
    const whole = workload;
    workload = askScenario(scenario.name, `its feature "${feature.name}"`, () => feature.without(whole));
  }
  return { ...plan, workload, faults, parameters };
}
