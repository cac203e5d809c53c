// Shrinking: a smaller plan that fails in the same way. Faults, preemptions, operations, processes, payloads and times
// shrink together: whenever one of them got smaller, the others are tried again. The result is locally minimal: without
// any one preemption, fault or operation it passes. What stays out: the passes, and what a trial is.
import type { History } from '../../model/history.ts';
import type { StepSink } from '../../model/step.ts';
import type { Violation } from '../../model/invariant.ts';
import { RunInterrupted } from '../../errors/interrupted.ts';
import type { Coordinator } from '../../run/coordinator.ts';
import type { Plan } from '../../model/plan.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { PlanSize } from '../size.ts';
import {
  earlierEnd,
  fewerEntries,
  fewerFaults,
  fewerKeys,
  fewerOperations,
  fewerPreemptions,
  oneOperationLess,
  plainParameters,
  smallerByChance,
  smallerNumbers,
} from './passes.ts';
import { smallerLosses } from './smaller-losses.ts';
import { type Failing, lastReplays, type TrialOptions, Trials } from './trials.ts';

/**
 * @property target default: all invariants that the plan violates, and of these only the harm if there is any
 * @property witness sees the steps of a replay of what is left, the first
 */
export interface ShrinkOptions extends Partial<TrialOptions> {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly witness?: StepSink;
}

/**
 * @property plan fails as the first one did: with the gravest signature of each invariant that counts (judge/signature.ts)
 * @property found what the first one violated, whatever counts
 * @property besides names of those among it that do not count: what is left may violate them or not
 * @property replays so often it was replayed, with one hash: twice, unless the time was up
 * @property last history of the last replay; undefined when there was no time for one
 * @property minimal without any one preemption, fault or operation it passes, or runs ten times as long: tried, each of them. False when the
 *   budget was spent before they were
 * @property complete everything was tried, numbers too. False when the budget was spent before
 * @property errors candidates that the harness could not run, and that therefore count as not failing
 */
export interface Shrunk {
  readonly plan: Plan;
  readonly hash: string;
  readonly steps: number;
  readonly found: readonly Violation[];
  readonly besides: readonly string[];
  readonly violations: readonly Violation[];
  readonly replays: number;
  readonly last: History | undefined;
  readonly marks: { readonly [name: string]: number };
  readonly from: PlanSize;
  readonly size: PlanSize;
  readonly minimal: boolean;
  readonly complete: boolean;
  readonly runs: number;
  readonly errors: number;
  readonly seconds: number;
}

type Pass = (state: Failing, trials: Trials) => Promise<Failing>;

/** What makes the runs short comes first, then what makes the plan small. */
const structure: readonly Pass[] = [
  earlierEnd,
  fewerFaults,
  smallerLosses,
  fewerPreemptions,
  smallerByChance,
  fewerEntries,
  fewerOperations,
  fewerKeys,
  plainParameters,
];

/**
 * @returns undefined when the plan does not fail
 * @throws harness errors, REPLAY_DIFFERS among them; RunInterrupted where there was not even time to run the plan once
 */
export async function shrink(options: ShrinkOptions): Promise<Shrunk | undefined> {
  const { coordinator, scenario, plan, witness } = options;
  const began = performance.now();
  const all = scenario.invariants.map(({ name }) => name);
  const trials = new Trials(coordinator, scenario, { ...options, target: options.target ?? all });
  const first = await trials.begin(plan);
  if (first === undefined && trials.cut) throw new RunInterrupted();
  if (first === undefined) return undefined;
  const target = options.target ?? targetOf(scenario, first.violations);
  trials.keep(first, target);
  const { now, minimal, complete } = await smallest(first, trials);
  let last: History | undefined;
  let replays = 0;
  for (; replays < lastReplays; replays++) {
    // The first has what an explanation is made from: there may be no time for more.
    const history = await trials.replay(now, replays === 0 && witness !== undefined ? [witness] : []);
    if (history === undefined) break;
    last = history;
  }
  return {
    plan: now.plan,
    hash: now.hash,
    steps: now.steps,
    found: first.all,
    besides: namesOf(first.all).filter((name) => !target.includes(name)),
    violations: trials.counted(now),
    replays,
    last,
    marks: now.marks,
    from: first.size,
    size: now.size,
    minimal,
    complete,
    runs: trials.runs,
    errors: trials.errors,
    seconds: (performance.now() - began) / 1000,
  };
}

function namesOf(violations: readonly Violation[]): readonly string[] {
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

/** The harm among what is violated, if there is any: that is what a person wants explained. */
function targetOf(scenario: Scenario, violations: readonly Violation[]): readonly string[] {
  const violated = namesOf(violations);
  const harm = violated.filter((name) => scenario.invariants.some((one) => one.name === name && one.about === 'harm'));
  return harm.length > 0 ? harm : violated;
}

function weight({ plan, size }: Failing): string {
  return JSON.stringify([size, plan.workload, plan.faults, plan.parameters]);
}

interface Smallest extends Pick<Shrunk, 'minimal' | 'complete'> {
  readonly now: Failing;
}

/**
 * The passes, over and over until none finds anything.
 *
 * Whether the plan is minimal is tried before its numbers are: they are many, and say the least. They stop while there is
 * time to try it again. When the budget ends all the same, the plan that was last known to be minimal is the result, unless
 * another has fewer parts by then.
 */
async function smallest(first: Failing, trials: Trials): Promise<Smallest> {
  let now = first;
  let minimal: Failing | undefined;
  let cut = false;
  /** Nothing less fails: `now` is minimal, if there was time to try. Else `now` is what does. */
  const nothingLess = async (): Promise<boolean> => {
    const less = await withOneLess(now, trials);
    if (less === undefined && !trials.spent) minimal = now;
    now = less ?? now;
    return less === undefined;
  };
  for (let before = ''; before !== weight(now) && !trials.spent; ) {
    before = weight(now);
    for (const pass of structure) now = await pass(now, trials);
    if (!(await nothingLess())) continue;
    const goesOn = timeToTry(now, trials);
    now = await smallerNumbers(now, trials, goesOn);
    cut = !goesOn();
    await nothingLess();
  }
  const complete = !cut && !trials.spent;
  if (minimal === undefined || parts(now.size) < parts(minimal.size)) return { now, minimal: false, complete };
  return { now: minimal, minimal: true, complete };
}

/** Is there time left to try whether a plan of this size is minimal? */
function timeToTry({ size }: Failing, trials: Trials): () => boolean {
  const runs = 2 * parts(size) + 2; // an accepted run is made twice
  return () => trials.hasTimeFor(runs);
}

function parts({ preemptions, faults, operations }: PlanSize): number {
  return preemptions + faults + operations;
}

/**
 * Tries each plan with one preemption, fault or operation less; remembered trials need not be made again.
 *
 * @returns one that fails; undefined when none does, or when the budget is spent
 */
async function withOneLess(now: Failing, trials: Trials): Promise<Failing | undefined> {
  const { plan, anchors } = now;
  const candidates = [
    ...anchors.map((_, i) => ({ plan, anchors: anchors.toSpliced(i, 1) })),
    ...plan.faults.map((_, i) => ({ plan: { ...plan, faults: plan.faults.toSpliced(i, 1) }, anchors })),
    ...oneOperationLess(trials.scenario, plan).map((less) => ({ plan: less, anchors })),
  ];
  for (const candidate of candidates) {
    const found = await trials.attempt(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Is a plan locally minimal: does it fail, and pass without any one preemption, fault or operation? */
export async function isMinimal(options: ShrinkOptions & Pick<TrialOptions, 'target'>): Promise<boolean> {
  const trials = new Trials(options.coordinator, options.scenario, options);
  const found = await trials.begin(options.plan);
  if (found === undefined) return false;
  trials.keep(found, options.target);
  return (await withOneLess(found, trials)) === undefined;
}
