// Swarm testing (Groce et al., ISSTA 2012): each run does without a random subset of what runs may do. A run with
// everything in it seldom goes deep anywhere: one kind of operation keeps another from happening. What stays out: what
// the features are (scenarios, fault kinds, model/operation-kinds.ts).
import { askScenario } from '../errors/scenario-error.ts';
import { below, type Random } from '../model/random.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Json } from '../model/values.ts';
import { kindsIn, withoutKind } from '../model/operation-kinds.ts';

/** Chances that a feature is switched off: none in a third of the runs, so that full runs stay frequent. */
const offChances = [0, 0.25, 0.5] as const;

/** A plan without some of its features: kinds of faults, SQLite's settings, the scenario's own, and kinds of operations. */
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
  return { ...plan, workload: withoutKinds(scenario, workload, off), faults, parameters };
}

/** A kind stays where the schema does not take what is left, and where no operation of any kind would be left: such a run does nothing. */
function withoutKinds({ name, workload: schema, essential }: Scenario, whole: Json, off: () => boolean): Json {
  let workload = whole;
  for (const kind of kindsIn(schema, workload, essential)) {
    if (!off()) continue;
    const less = withoutKind(schema, workload, kind);
    const taken = askScenario(name, '`workload`', () => schema.safeParse(less).success);
    if (taken && kindsIn(schema, less).length > 0) workload = less;
  }
  return workload;
}
