// The search: runs of one scenario under one strategy on one engine, until one violates an invariant or the budget is
// spent. Run i depends on the seed and on i alone. What stays out: printing, files, shrinking.
import { setImmediate as breathe } from 'node:timers/promises';
import { harnessError } from '../errors.ts';
import type { History } from '../history/history.ts';
import type { Violation } from '../invariants/invariant.ts';
import type { Chooser } from '../schedule/chooser.ts';
import { preemptionsChooser } from '../schedule/choosers/preemptions.ts';
import { replayChooser } from '../schedule/choosers/replay.ts';
import { type Coordinator, violationsOf } from './coordinator.ts';
import { type Parameters, type Plan, planFormat } from './plan.ts';
import { randomOf } from './random.ts';
import type { Scenario } from './scenario.ts';
import { upperBound, type Verdict } from './verdict.ts';

/** `replay` is the default schedule without preemptions; `preemptions` adds random ones. */
export const chooserNames = ['preemptions', 'replay'] as const;
export type ChooserName = (typeof chooserNames)[number];

/**
 * @property runs at most this many
 * @property untilMs stop after this many real milliseconds
 * @property preemptions per run; default varies
 * @property stop asked before each run; true ends the search with what it has
 */
export interface SearchOptions {
  readonly scenario: Scenario;
  readonly strategy: string;
  readonly engine: string;
  readonly parameters: Parameters;
  readonly seed: number;
  readonly chooser: ChooserName;
  readonly runs?: number;
  readonly timeMs?: number;
  readonly preemptions?: number;
  readonly stop?: () => boolean;
  readonly onRun?: (runs: number) => void;
}

export interface SearchResult {
  readonly verdict: Verdict;
  readonly runs: number;
  readonly steps: number;
  readonly seconds: number;
  readonly upperBound: number | null;
  /** Runs that reached each mark. */
  readonly marks: { readonly [name: string]: number };
  readonly violations: readonly Violation[];
  /** The plan that violates, and its history; confirmed by a replay with the same hash. */
  readonly plan: Plan | undefined;
  readonly history: History | undefined;
  readonly interrupted: boolean;
}

/** The plan of run `i`, before any preemption. */
export function planOfRun(options: Omit<SearchOptions, 'chooser'>, run: number): Plan {
  const { scenario, strategy, engine, parameters, seed } = options;
  const random = randomOf(seed, run, 0);
  return {
    format: planFormat,
    scenario: scenario.name,
    strategy,
    engine,
    parameters,
    workload: scenario.generate(random, parameters),
    faults: [],
    preemptions: [],
    seed: Math.floor(random() * 2 ** 32),
  };
}

/** Runs until something is found, or the budget is spent. Throws harness errors. */
export async function search(coordinator: Coordinator, options: SearchOptions): Promise<SearchResult> {
  const { scenario, seed, runs: runsMax = Infinity, timeMs = Infinity } = options;
  const began = performance.now();
  const marks = new Map<string, number>();
  let runs = 0;
  let steps = 0;
  let interrupted = false;
  let points = 0;
  const seconds = () => (performance.now() - began) / 1000;
  const result = (verdict: Verdict, violations: readonly Violation[] = [], plan?: Plan, history?: History): SearchResult => ({
    verdict,
    runs,
    steps,
    seconds: seconds(),
    upperBound: verdict === 'pass' ? upperBound(runs) : null,
    marks: Object.fromEntries(marks),
    violations,
    plan,
    history,
    interrupted,
  });
  while (runs < runsMax && seconds() * 1000 < timeMs) {
    if (options.stop?.() === true) {
      interrupted = true;
      break;
    }
    const plan = planOfRun(options, runs);
    // The first run keeps to the default schedule, and tells how many switch points there are to preempt at.
    const chooser: Chooser =
      runs === 0 || options.chooser === 'replay'
        ? replayChooser([])
        : preemptionsChooser(randomOf(seed, runs, 1), points, options.preemptions);
    const history = coordinator.run(scenario, plan, chooser);
    if (runs === 0) points = history.switchPoints;
    runs++;
    steps += history.steps;
    for (const [name, count] of Object.entries(history.marks)) marks.set(name, (marks.get(name) ?? 0) + (count > 0 ? 1 : 0));
    options.onRun?.(runs);
    const violations = violationsOf(scenario, history);
    if (violations.length > 0) {
      const found = { ...plan, preemptions: history.preemptions };
      confirm(coordinator, scenario, found, history);
      return result('fail', violations, found, { ...history, plan: found });
    }
    await breathe();
  }
  return result((marks.get(scenario.window) ?? 0) > 0 ? 'pass' : 'inconclusive');
}

/** A finding counts only if its plan gives it again, bit for bit. */
function confirm(coordinator: Coordinator, scenario: Scenario, plan: Plan, history: History): void {
  const again = coordinator.run(scenario, plan);
  if (again.hash === history.hash) return;
  throw harnessError(
    'REPLAY_DIFFERS',
    `A run of ${scenario.name} violated an invariant, and its replay took another course (${history.hash.slice(0, 12)} and ${again.hash.slice(0, 12)}).`,
    'This breaks the first promise of Lockstep: report it with scenario, strategy, engine and seed.',
  );
}
