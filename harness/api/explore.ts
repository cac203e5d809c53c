// Explores a scenario from code: runs by chance until one violates an invariant or the budget is spent; a failure is shrunk and explained.
// What stays out: printing and files.
import { explainSteps } from '../explain/explain-steps.ts';
import { StepBook } from '../explain/run-steps.ts';
import { harnessError, usageError } from '../errors/errors.ts';
import type { Violation } from '../model/invariant.ts';
import type { Noticed } from '../model/noticed.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Verdict } from '../model/verdict.ts';
import { defaultChooser, type RandomChooserName } from '../run/choosers/names.ts';
import { checkScenario } from '../run/check-scenario.ts';
import { Coordinator } from '../run/coordinator.ts';
import type { Host } from '../run/hosts.ts';
import { machinesOf } from '../run/machines.ts';
import { search, type SearchResult } from '../search/search.ts';
import { shrink } from '../search/shrink/shrink.ts';

/**
 * @property strategy default: the scenario's first
 * @property engine SQLite version, such as `3.51.2`. Default: the scenario's
 * @property runs at most so many. Default: 200
 * @property timeMs real milliseconds at most for searching. Default: no limit
 * @property shrinkMs real milliseconds at most for making a failure smaller. Default: 10 s; with less it is larger
 * @property seed of the search: the same gives the same runs. Default: 1
 * @property chooser who chooses the schedules. Default: `portfolio`
 * @property only invariants that count, by name. Default: all
 * @property bound failure rate of a run in the window that a pass rules out at 95 % confidence. Default: 0.05
 * @property limitMs real milliseconds that a lane may compute in one stretch. Default: 20 s
 * @property host what simulated processes are. Default: what can run them
 * @property onProgress told in words when something is compiled, which happens once
 */
export interface ExploreOptions {
  readonly strategy?: string;
  readonly engine?: string;
  readonly runs?: number;
  readonly timeMs?: number;
  readonly shrinkMs?: number;
  readonly seed?: number;
  readonly chooser?: RandomChooserName;
  readonly only?: readonly string[];
  readonly bound?: number;
  readonly limitMs?: number;
  readonly host?: Host;
  readonly onProgress?: (line: string) => void;
}

/**
 * What exploring came to.
 *
 * @property verdict `fail`, `pass` (enough distinct runs reached the window, and none failed), or `inconclusive` (none failed, and that
 *   says nothing yet)
 * @property reached distinct runs that reached the scenario's window
 * @property missing runs in the window that a pass would have taken besides; 0 unless inconclusive
 * @property upperBound at 95 % confidence, on the failure rate of a run in the window; null unless it is a pass
 * @property marks how many runs reached each mark
 * @property noticed what is no violation and should be known: words on the standard error of programs, programs that work on no database
 * @property failedRun number of the first run that failed, from 1 on; null when none did
 * @property violations of the plan
 * @property plan the smallest that was found to fail in the same way; null when no run failed
 * @property found the plan as it was found
 * @property explanation how the violation came about, in sentences
 * @property hash of the plan's run: every replay gives it again
 */
export interface Result {
  readonly scenario: string;
  readonly strategy: string;
  readonly engine: string;
  readonly verdict: Verdict;
  readonly runs: number;
  readonly reached: number;
  readonly missing: number;
  readonly upperBound: number | null;
  readonly marks: { readonly [name: string]: number };
  readonly noticed: Noticed;
  readonly failedRun: number | null;
  readonly violations: readonly Violation[];
  readonly plan: Plan | null;
  readonly found: Plan | null;
  readonly explanation: readonly string[];
  readonly hash: string | null;
}

const defaults = { runs: 200, shrinkMs: 10_000, seed: 1, chooser: defaultChooser } as const;

/**
 * Explores a scenario in this process. What is missing of the engine is compiled at its first use, which takes minutes.
 *
 * @throws usage errors: what is wrong with the scenario, an unknown strategy, engine or invariant; harness errors: no compiler, a lane that
 *   does not come back, replays that differ
 */
export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<Result> {
  checkScenario(scenario);
  const strategy = named(scenario, 'strategy', scenario.strategies, options.strategy);
  const engine = options.engine ?? scenario.engine;
  for (const name of options.only ?? []) named(scenario, 'invariant', scenario.invariants, name);
  const { host, onProgress } = options;
  const programs = Object.values(scenario.programs);
  const machine = (await machinesOf([engine], { host, programs, ...(onProgress && { progress: onProgress }) })).get(
    engine,
  );
  if (machine === undefined) throw harnessError('NO_ENGINE', `The engine ${engine} is not there.`, 'Build it first.');
  const { limitMs } = options;
  const coordinator = new Coordinator({ machine, ...(limitMs !== undefined && { limitMs }) });
  try {
    const { runs = defaults.runs, seed = defaults.seed, chooser = defaults.chooser, only, bound, timeMs } = options;
    const result = await search({
      scenario,
      scenarioModule: '', // for jobs in other processes, of which there are none
      machine,
      coordinator,
      strategy,
      engine,
      parameters: scenario.parameters,
      runs,
      seed,
      chooser,
      ...(only !== undefined && { only }),
      ...(bound !== undefined && { bound }),
      ...(timeMs !== undefined && { timeMs }),
    });
    const about = { scenario: scenario.name, strategy, engine };
    return { ...about, ...(await shown(coordinator, scenario, options, result)) };
  } finally {
    coordinator.close();
  }
}

function named(scenario: Scenario, kind: string, all: readonly { readonly name: string }[], name?: string): string {
  const wanted = name ?? all[0]?.name ?? '';
  if (all.some((one) => one.name === wanted)) return wanted;
  throw usageError(
    `UNKNOWN_${kind.toUpperCase()}`,
    `The scenario ${scenario.name} has no ${kind} "${wanted}".`,
    `It has ${all.map((one) => one.name).join(', ')}.`,
  );
}

type Shown = Omit<Result, 'scenario' | 'strategy' | 'engine'>;

/** What was found, made smaller and explained. */
async function shown(
  coordinator: Coordinator,
  scenario: Scenario,
  { only, shrinkMs = defaults.shrinkMs }: ExploreOptions,
  { verdict, runs, reached, missing, upperBound, marks, noticed, plan, violations, hash, failures }: SearchResult,
): Promise<Shown> {
  const counts = { verdict, runs, reached, missing, upperBound, marks, noticed, failedRun: null, violations, hash };
  const [first] = failures;
  if (plan === undefined || first === undefined) return { ...counts, plan: null, found: null, explanation: [] };
  const witness = new StepBook();
  const small = await shrink({
    coordinator,
    scenario,
    plan,
    timeMs: shrinkMs,
    witness,
    ...(only !== undefined && { target: only }),
  });
  const last = small?.last;
  const meant = scenario.invariants.filter(({ name }) => only?.includes(name) ?? true);
  return {
    ...counts,
    failedRun: first.run + 1,
    violations: small?.violations ?? violations,
    hash: small?.hash ?? hash,
    plan: small?.plan ?? plan,
    found: plan,
    explanation:
      last === undefined
        ? []
        : explainSteps(witness.steps, last, meant, witness.statements).map(({ sentence }) => sentence),
  };
}
