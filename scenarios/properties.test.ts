// The one property of all scenarios, "run the plan, no invariant is violated": it holds in every cell (scenario × strategy ×
// engine) that is claimed to be safe and of which no failing plan is known, and a violation is found under the strategy as
// reported, by a search without examples in all but one; if that is red, the search has gone blind. A failure prints seed and path,
// and writes the plan. LOCKSTEP_PLANS multiplies the number of plans (CI at night: 50), LOCKSTEP_SEED draws others.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Coordinator } from '../harness/run/coordinator.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { PlanShape } from '../harness/search/plan-arbitrary.ts';
import { checkPlans, shapeOf } from '../harness/search/property.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { coordinatorOf } from '../harness/testing/lab.test-support.ts';
import { longUnless } from '../harness/testing/long.test-support.ts';
import { scenarios } from './catalogue.ts';
import { corpusFiles, corpusPlan, minimalFolder } from './corpus-index.ts';
import { smallParameters } from './small.ts';

const factor = Number(process.env['LOCKSTEP_PLANS'] ?? 1);
/** The same plans each time, so that a change turns this red and not chance; another seed looks for more. */
const seed = Number(process.env['LOCKSTEP_SEED'] ?? 1);
const folder = join(tmpdir(), 'lockstep-properties');

/** Plans for a cell: many where runs are short. */
const stepsPerCell = 30_000;
const plansMost = 15;

const coordinators = new Map<string, Promise<Coordinator>>();
afterAll(async () => {
  for (const coordinator of coordinators.values()) (await coordinator).close();
});

function coordinatorFor(engine: string): Promise<Coordinator> {
  const known = coordinators.get(engine) ?? coordinatorOf({ engine });
  coordinators.set(engine, known);
  return known;
}

const shapes = new Map<string, Promise<PlanShape>>();

/** Of the scenario as reported: other strategies have the same lanes, roughly. */
async function shapeFor(scenario: Scenario): Promise<PlanShape> {
  const { name, engine, strategies } = scenario;
  const coordinator = await coordinatorFor(engine);
  const known =
    shapes.get(name) ??
    shapeOf({
      coordinator,
      scenario,
      engine,
      strategy: strategies[0]?.name ?? '',
      parameters: smallParameters(scenario),
    });
  shapes.set(name, known);
  return known;
}

interface Cell {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly engine: string;
  readonly invariants: readonly string[];
}

/** How a cell is tried; by default as its length has it. */
interface Trial {
  readonly plansAtMost?: number;
  readonly examples?: readonly Plan[];
  readonly shrinkRuns?: number;
}

/** Of a plan that fails: enough to see what it takes. */
const shrinkRunsMost = 60;

/** Where an example comes first, nothing needs to be known of those that are drawn. */
const unknown: PlanShape = { lanes: [], steps: 1 };

async function check(
  { scenario, strategy, engine, invariants }: Cell,
  { plansAtMost, examples, shrinkRuns = shrinkRunsMost }: Trial = {},
) {
  const shape = examples !== undefined && examples.length > 0 ? unknown : await shapeFor(scenario);
  const runs = plansAtMost ?? Math.min(plansMost, Math.max(1, Math.floor(stepsPerCell / shape.steps)));
  const coordinator = await coordinatorFor(engine);
  const only = invariants.length === 0 ? {} : { only: invariants };
  const told = {
    coordinator,
    scenario,
    strategy,
    engine,
    shape,
    folder,
    seed,
    parameters: smallParameters(scenario),
    ...only,
  };
  return checkPlans({
    ...told,
    ...(examples === undefined ? {} : { examples }),
    runs: Math.ceil(runs * factor),
    shrinkRuns,
  });
}

/** Cells of which the corpus holds a plan that fails: a claim of safety is refuted there. */
const refuted = new Set(
  corpusFiles().map((file) => {
    const { scenario, strategy, engine } = corpusPlan(file);
    return `${scenario} ${strategy} ${engine}`;
  }),
);

/** One cell may be claimed to be safe from several things. */
function safeCells(scenario: Scenario): readonly (readonly [string, Cell])[] {
  const cells = new Map<string, Cell>();
  for (const { strategy, engine, expects, invariants = [] } of scenario.claims) {
    const key = `${strategy} on ${engine}`;
    if (expects !== 'none' || refuted.has(`${scenario.name} ${strategy} ${engine}`)) continue;
    const others = cells.get(key)?.invariants ?? [];
    cells.set(key, { scenario, strategy, engine, invariants: [...new Set([...others, ...invariants])] });
  }
  return [...cells];
}

const timeout = 300_000 * factor;

/** A busy hour takes too long to be searched blindly in a test. */
const tooLong = new Set(['checkpoint-race']);

/** A minimal plan of the corpus that fails in this cell: tried first where there is no time to search. */
function exampleOf(scenario: Scenario, strategy: string): readonly Plan[] {
  const found = corpusFiles()
    .filter((file) => file.startsWith(minimalFolder))
    .map(corpusPlan)
    .find((plan) => plan.scenario === scenario.name && plan.strategy === strategy && plan.engine === scenario.engine);
  return found === undefined ? [] : [found];
}

const shortRuns = new Set(['wal-reset', 'wal-unlink-wedge']);

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  const safe = safeCells(scenario);
  // Runs of an hour or a day take seconds each.
  const turn = { ...longUnless(shortRuns.has(scenario.name)), timeout };
  test.runIf(safe.length > 0).each(safe)('holds under %s', turn, async (__, cell) => {
    const outcome = await check(cell);
    expect(outcome.report).toBe('');
    expect(outcome).toMatchObject({ failed: false });
  });

  // Where that is long, corpus.test.ts replays the plan that would be tried first.
  test('does not hold as reported', turn, async () => {
    const strategy = scenario.strategies[0]?.name ?? '';
    const harm = scenario.invariants.filter(({ about }) => about === 'harm').map(({ name }) => name);
    const { name, engine } = scenario;
    const examples = tooLong.has(name) ? exampleOf(scenario, strategy) : [];
    // Where this runs every time, what it finds is left as it is.
    const shrinkRuns = shortRuns.has(name) ? 0 : shrinkRunsMost;
    const found = await check(
      { scenario, strategy, engine, invariants: harm },
      { plansAtMost: 1500, examples, shrinkRuns },
    );
    expect(found.failed).toBe(true);
    expect(found.report).toContain(JSON.stringify({ seed: found.seed, path: found.path }));
  });
});
