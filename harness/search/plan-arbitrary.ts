// Plans as a fast-check arbitrary: workload, faults, parameters and preemptions drawn together, and shrunk together. For
// properties ("run the plan, no invariant is violated") in any test runner. What stays out: searching at full speed
// (search.ts), where choosers know who can run, and the shrinking of one plan as far as it goes (shrink/).
import fc from 'fast-check';
import { faultSchema } from '../model/fault.ts';
import type { Json } from '../model/values.ts';
import { type DrawOptions, drawPlan } from './draw-plan.ts';
import { planSchema, type Plan, type Preemption } from '../model/plan.ts';
import { below, type Random, stream } from '../model/random.ts';
import type { Scenario } from '../model/scenario.ts';
import { keys, leaves, lists, partAt, simpler, withPart } from './shrink/json-edits.ts';

/**
 * What runs of a scenario are like: preemptions are drawn for these lanes, within so many steps.
 *
 * @property lanes logical names, from one run of the default schedule
 */
export interface PlanShape {
  readonly lanes: readonly string[];
  readonly steps: number;
}

/** Longest turn between two preemptions, as a power of two of steps. */
const longestLog2 = { least: 5, most: 12 } as const;

const preemptionsMax = 200;

/** Turns of random, heavy-tailed length, as the chooser `preemptions` takes them; none at all in one plan of eight. */
function drawPreemptions(random: Random, { lanes, steps }: PlanShape): readonly Preemption[] {
  if (lanes.length === 0 || below(random, 8) === 0) return [];
  const longest = longestLog2.least + below(random, longestLog2.most - longestLog2.least + 1);
  const preemptions: Preemption[] = [];
  for (let at = 0; preemptions.length < preemptionsMax; ) {
    at += Math.max(1, Math.floor(2 ** (random() * longest)));
    if (at >= steps) break;
    preemptions.push({ at, to: lanes[below(random, lanes.length)] ?? '' });
  }
  return preemptions;
}

/** Lists without their first or second half, then without one entry. */
function* shorter<T>(list: readonly T[]): Generator<readonly T[]> {
  if (list.length === 0) return;
  yield [];
  const half = Math.ceil(list.length / 2);
  if (list.length > 2) yield* [list.slice(half), list.slice(0, half)];
  if (list.length > 1) for (let i = list.length - 1; i >= 0; i--) yield list.toSpliced(i, 1);
}

class PlanArbitrary extends fc.Arbitrary<Plan> {
  readonly #scenario: Scenario;
  readonly #options: DrawOptions;
  readonly #shape: PlanShape;

  constructor(scenario: Scenario, options: DrawOptions, shape: PlanShape) {
    super();
    this.#scenario = scenario;
    this.#options = options;
    this.#shape = shape;
  }

  generate(mrng: fc.Random): fc.Value<Plan> {
    const seed = mrng.nextInt(0, 2 ** 31 - 1);
    const plan = drawPlan(this.#scenario, this.#options, (name) => stream(name, seed, 0));
    return new fc.Value(
      { ...plan, preemptions: drawPreemptions(stream('preemptions', seed, 0), this.#shape) },
      undefined,
    );
  }

  /** Any plan of the scenario can be shrunk: all that is needed stands in it. */
  canShrinkWithoutContext(value: unknown): value is Plan {
    const parsed = planSchema.safeParse(value);
    return parsed.success && this.#scenario.workload.safeParse(parsed.data.workload).success;
  }

  shrink(plan: Plan): fc.Stream<fc.Value<Plan>> {
    return fc.stream(this.#smaller(plan)).map((smaller) => new fc.Value(smaller, undefined));
  }

  /** Large pieces first. Every candidate is a plan that the format and the scenario take. */
  *#smaller(plan: Plan): Generator<Plan> {
    for (const faults of shorter(plan.faults)) yield { ...plan, faults };
    for (const preemptions of shorter(plan.preemptions)) yield { ...plan, preemptions };
    for (const workload of this.#smallerWorkloads(plan.workload)) yield { ...plan, workload };
    for (const key of ['sqlite', 'ioCost', 'switchPoints'] as const) {
      const { [key]: setting, ...parameters } = plan.parameters;
      if (setting !== undefined) yield { ...plan, parameters };
    }
    for (const [i, fault] of plan.faults.entries()) {
      for (const path of leaves(fault as unknown as Json)) {
        for (const value of simpler(partAt(fault as unknown as Json, path) ?? 0)) {
          const parsed = faultSchema.safeParse(withPart(fault as unknown as Json, path, value));
          if (parsed.success) yield { ...plan, faults: plan.faults.with(i, parsed.data) };
        }
      }
    }
  }

  *#smallerWorkloads(workload: Json): Generator<Json> {
    const fits = (candidate: Json) => this.#scenario.workload.safeParse(candidate).success;
    for (const path of lists(workload)) {
      for (const list of shorter(partAt(workload, path) as readonly Json[])) {
        const candidate = withPart(workload, path, list);
        if (fits(candidate)) yield candidate;
      }
    }
    for (const path of keys(workload)) {
      const candidate = withPart(workload, path, undefined);
      if (fits(candidate)) yield candidate;
    }
    for (const path of leaves(workload)) {
      for (const value of simpler(partAt(workload, path) ?? 0)) {
        const candidate = withPart(workload, path, value);
        if (fits(candidate)) yield candidate;
      }
    }
  }
}

/** Plans of a scenario. The same for the same seed of fast-check, whatever else a test draws before. */
export function plans(scenario: Scenario, options: DrawOptions, shape: PlanShape): fc.Arbitrary<Plan> {
  return new PlanArbitrary(scenario, options, shape);
}
