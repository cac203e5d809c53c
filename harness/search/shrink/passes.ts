// The passes of a shrinking: each takes a failing plan and gives back one that fails too and is no larger. What stays
// out: their order (shrink.ts), and whether a candidate fails (trials.ts).
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { faultSchema } from '../../model/fault.ts';
import type { Json } from '../../model/values.ts';
import { AnchoredChooser, nearAnchors } from '../../run/choosers/anchored.ts';
import { spreadChooser } from '../../run/choosers/preemptions.ts';
import { type Parameters, parametersSchema, type Plan } from '../../model/plan.ts';
import { below, type Random, stream } from '../../model/random.ts';
import type { Scenario } from '../../model/scenario.ts';
import { operationsOf, type PlanSize } from '../size.ts';
import { anchorsFromTheEnd, faultsFromTheEnd, isAnchored } from './anchoring.ts';
import { keys, leaves, lists, partAt, type Path, renumbered, simpler, withPart } from './json-edits.ts';
import { minimise } from './minimise.ts';
import type { Candidate, Failing, Trials } from './trials.ts';

/** Steps that looking for a smaller failure by chance may take without finding one. */
const byChanceSteps = 600_000;

/** Runs by chance of this plan: bounded in steps, not in time, so that a plan shrinks alike on a busy machine. */
function runsByChance({ steps }: Failing, { byChanceRuns }: Trials): number {
  return Math.min(byChanceRuns, Math.floor(byChanceSteps / Math.max(1, steps)));
}

/** So many preemptions at most go at once, or are spread anew. */
const preemptionsAtOnce = 4;

const faultsSchema = z.array(faultSchema);

/**
 * Tries a plan with something taken away: as it is; then with the schedule and the faults counted from the ends of the
 * lanes, in case what is gone came before them.
 */
async function attempt(trials: Trials, state: Failing, plan: Plan): Promise<Failing | undefined> {
  const found = await trials.attempt({ plan, anchors: state.anchors });
  if (found !== undefined || !isAnchored(state)) return found;
  const { counts } = state;
  const after = trials.lastCounts;
  const faults = plan.faults.length === state.plan.faults.length ? plan.faults : [];
  return trials.attempt({
    plan: faults.length === 0 ? plan : { ...plan, faults: faultsFromTheEnd(faults, counts, after) },
    anchors: anchorsFromTheEnd(state.anchors, counts, after),
  });
}

/** Follows `minimise` with the state that the last accepted list led to. */
async function minimiseWith<T>(
  state: Failing,
  items: readonly T[],
  trial: (now: Failing, rest: readonly T[]) => Promise<Failing | undefined>,
): Promise<Failing> {
  let now = state;
  await minimise(items, async (rest) => {
    const found = await trial(now, rest);
    if (found !== undefined) now = found;
    return found !== undefined;
  });
  return now;
}

/** Fewer preemptions: by delta debugging, by doing without a lane's, and by letting a lane go on for longer. */
export async function fewerPreemptions(state: Failing, trials: Trials): Promise<Failing> {
  const by = (now: Failing, anchors: Candidate['anchors']) => trials.attempt({ plan: now.plan, anchors });
  let now = await minimiseWith(state, state.anchors, by);
  for (const lane of new Set(now.anchors.flatMap((anchor) => [anchor.lane, anchor.to]))) {
    const others = now.anchors.filter((anchor) => anchor.lane !== lane && anchor.to !== lane);
    if (others.length < now.anchors.length) now = (await by(now, others)) ?? now;
  }
  return mergeSwitches(now, trials);
}

/**
 * Merges turns: two preemptions that go together (there and back again), and two that become one, somewhat later than the
 * first of them was.
 */
async function mergeSwitches(state: Failing, trials: Trials): Promise<Failing> {
  let now = state;
  const without = async (...gone: readonly number[]): Promise<boolean> => {
    const anchors = now.anchors.filter((_, i) => !gone.includes(i));
    const found = await trials.attempt({ plan: now.plan, anchors });
    if (found === undefined || found.size.preemptions >= now.size.preemptions) return false;
    now = found;
    return true;
  };
  for (let i = 0; i + 1 < now.anchors.length; i++) {
    const [next, second, third] = [i + 1, i + 2, i + 3];
    const merged =
      (await without(i, next)) ||
      (await without(i, second)) ||
      (await without(i, next, second)) ||
      (await without(i, third));
    if (merged) i = Math.max(-1, i - 3);
  }
  return mergeLater(now, trials);
}

async function mergeLater(state: Failing, trials: Trials): Promise<Failing> {
  let now = state;
  for (let i = 0; i < now.anchors.length; i++) {
    for (const ahead of [1, 4, 16, 64]) {
      const anchor = now.anchors[i];
      if (anchor === undefined) break;
      const later = { ...anchor, at: { steps: anchor.at.steps + ahead, marks: 0 } };
      const anchors = now.anchors.with(i, later).toSpliced(i + 1, 1);
      const found = await trials.attempt({ plan: now.plan, anchors });
      if (found !== undefined && found.size.preemptions < now.size.preemptions) now = found;
    }
  }
  return now;
}

export async function fewerFaults(state: Failing, trials: Trials): Promise<Failing> {
  return minimiseWith(state, state.plan.faults, (now, faults) =>
    trials.attempt({ ...now, plan: { ...now.plan, faults } }),
  );
}

/** How much earlier than the end to try, the earliest last. */
const earlier = [0.9, 0.75, 0.5, 0.25, 0.1, 0.01, 0.001] as const;

/** What usually lies between a failure and its consequences for whoever looks. */
const afterwardsMs = [1, 1000, 10_000, 120_000] as const;

/** An earlier end, where the plan's end ends the run: soon after the violation, or by parts. */
export async function earlierEnd(state: Failing, trials: Trials): Promise<Failing> {
  if (state.end === 'done') return state;
  let now = state;
  const endAt = async (horizonMs: number): Promise<boolean> => {
    if (horizonMs < 1 || horizonMs >= now.plan.parameters.horizonMs) return false;
    const found = await trials.attempt(withParameters(now, { ...now.plan.parameters, horizonMs }));
    now = found ?? now;
    return found !== undefined;
  };
  for (const ms of afterwardsMs) if (await endAt(state.violatedMs + ms)) break;
  for (const part of earlier) if (!(await endAt(Math.floor(now.plan.parameters.horizonMs * part)))) break;
  return now;
}

function withParameters(state: Failing, parameters: Parameters): Candidate {
  return { ...state, plan: { ...state.plan, parameters } };
}

/** SQLite's own settings, where a plan has others; no costs of I/O; and the switch points that every plan has. */
export async function plainParameters(state: Failing, trials: Trials): Promise<Failing> {
  let now = state;
  for (const path of [
    ['ioCost'],
    ['switchPoints'],
    ['sqlite'],
    ...keys((now.plan.parameters.sqlite ?? {}) as Json).map((key) => ['sqlite', ...key]),
  ]) {
    const { parameters } = now.plan;
    if (partAt(parameters as unknown as Json, path) === undefined) continue;
    const without = parametersSchema.safeParse(withPart(parameters as unknown as Json, path, undefined));
    if (without.success) now = (await attempt(trials, now, withParameters(now, without.data).plan)) ?? now;
  }
  return now;
}

/** Lists of the workload without some of their entries, the heaviest lists first. */
export async function fewerEntries(state: Failing, trials: Trials): Promise<Failing> {
  let now = state;
  for (const path of lists(now.plan.workload)) {
    const list = partAt(now.plan.workload, path);
    if (!Array.isArray(list)) continue; // went with an entry of another list
    now = await minimiseWith(now, list as readonly Json[], (current, rest) =>
      attempt(trials, current, { ...current.plan, workload: withPart(current.plan.workload, path, rest) }),
    );
    now = await renumber(now, trials, path);
  }
  return now;
}

/** Entries whose place gives them their name: the later ones move up, wherever they are meant. */
async function renumber(state: Failing, trials: Trials, path: Path): Promise<Failing> {
  let now = state;
  for (let i = 0; ; i++) {
    const list = partAt(now.plan.workload, path);
    const key = path.at(-1);
    if (!Array.isArray(list) || i >= list.length || typeof key !== 'string' || list.length < 2) return now;
    const { workload, faults } = now.plan;
    const moved = (value: unknown) => renumbered(value as Json, key, i);
    const plan = {
      ...now.plan,
      workload: moved(withPart(workload, path, list.toSpliced(i, 1) as readonly Json[])),
      faults: faultsSchema.parse(moved(faults)),
    };
    const anchors = moved(now.anchors) as unknown as Failing['anchors'];
    const found = await trials.attempt({ plan, anchors });
    if (found !== undefined) [now, i] = [found, i - 1];
  }
}

/** Objects of the workload without the keys that they can do without. */
export async function fewerKeys(state: Failing, trials: Trials): Promise<Failing> {
  const optional = keys(state.plan.workload).filter(
    (path) => trials.scenario.workload.safeParse(withPart(state.plan.workload, path, undefined)).success,
  );
  const without = (workload: Json, gone: readonly Path[]) =>
    gone.reduce((rest, path) => (partAt(rest, path) === undefined ? rest : withPart(rest, path, undefined)), workload);
  const { workload } = state.plan;
  return minimiseWith(state, optional, (now, kept) =>
    attempt(trials, now, {
      ...now.plan,
      workload: without(
        workload,
        optional.filter((path) => !kept.includes(path)),
      ),
    }),
  );
}

/** One operation less: every plan that an entry or a count less makes of this one. */
export function oneOperationLess(scenario: Scenario, plan: Plan): readonly Plan[] {
  const operations = operationsOf(scenario, plan.workload);
  const candidates = [
    ...lists(plan.workload).flatMap((path) => {
      const list = partAt(plan.workload, path) as readonly Json[];
      return list.map((_, i) => withPart(plan.workload, path, list.toSpliced(i, 1))).toReversed();
    }),
    ...leaves(plan.workload).flatMap((path) => {
      const leaf = partAt(plan.workload, path);
      return typeof leaf === 'number' ? [withPart(plan.workload, path, leaf - 1)] : [];
    }),
  ];
  return candidates
    .filter(
      (workload) => operationsOf(scenario, workload) < operations && scenario.workload.safeParse(workload).success,
    )
    .map((workload) => ({ ...plan, workload }));
}

/** Fewer operations, one at a time. */
export async function fewerOperations(state: Failing, trials: Trials): Promise<Failing> {
  for (const plan of oneOperationLess(trials.scenario, state.plan)) {
    const found = await attempt(trials, state, plan);
    if (found !== undefined) return fewerOperations(found, trials);
  }
  return state;
}

/** Some operations less, by chance. */
function someOperationsLess(scenario: Scenario, plan: Plan, random: Random): Plan {
  let less = plan;
  for (let gone = 1 + below(random, 4); gone > 0; gone--) {
    const candidates = oneOperationLess(scenario, less);
    less = candidates[below(random, candidates.length)] ?? less;
  }
  return less;
}

/**
 * A plan near a failing one: preemptions are missing, or operations, and the rest of the schedule moves.
 *
 * @param operations may operations be missing?
 */
function propose(scenario: Scenario, { plan, anchors, switchPoints }: Failing, operations: boolean, random: Random) {
  const less = operations && random() < 0.6 ? someOperationsLess(scenario, plan, random) : plan;
  if (random() < 0.2) {
    const count = below(random, Math.min(preemptionsAtOnce, anchors.length) + 1);
    return { plan: less, schedule: () => spreadChooser(random, switchPoints, count) };
  }
  const gone = less === plan || random() < 0.5 ? 1 + below(random, Math.min(preemptionsAtOnce, anchors.length)) : 0;
  const near = nearAnchors(anchors, random, gone);
  return { plan: less, schedule: () => new AnchoredChooser(near) };
}

/** Without the bytes, which numbers have too: chance takes away parts. */
function partsOf({ preemptions, faults, operations }: PlanSize): Omit<PlanSize, 'bytes'> {
  return { preemptions, faults, operations };
}

/** A preemption is harder to understand than an operation. */
function effort({ preemptions, operations }: PlanSize): number {
  return 3 * preemptions + operations;
}

/**
 * Smaller by chance, where the schedule matters: what none of the other passes finds one step at a time, since an
 * operation less needs another schedule, and another schedule other operations. Preemptions go first: a plan with few
 * operations leaves little room for other schedules.
 */
export async function smallerByChance(state: Failing, trials: Trials): Promise<Failing> {
  let now = state;
  if (isDeepStrictEqual(trials.nothingByChance, partsOf(now.size))) return now;
  for (const operations of [false, true]) {
    for (let tries = 0; tries < runsByChance(now, trials) && now.anchors.length > 0; tries++) {
      // The other half is for what comes after it: whether the plan is minimal, and its numbers.
      if (trials.halfSpent || (!operations && now.size.preemptions <= preemptionsAtOnce)) break;
      const { plan, schedule } = propose(trials.scenario, now, operations, stream('shrink', now.plan.seed, tries));
      const found = await trials.attemptSchedule(plan, schedule);
      if (found === undefined || effort(found.size) >= effort(now.size)) continue;
      now = await fewerPreemptions(found, trials);
      if (operations) now = await fewerOperations(now, trials);
      tries = 0;
    }
  }
  if (!trials.halfSpent) trials.nothingByChance = partsOf(now.size);
  return now;
}

/**
 * Smaller numbers in workload and faults: all at once as far as that goes, then each by fast-check's shrinking.
 *
 * @param goesOn asked before each trial; false ends it with what there is
 */
export async function smallerNumbers(state: Failing, trials: Trials, goesOn: () => boolean): Promise<Failing> {
  const numbers = (now: Failing) => ({ workload: now.plan.workload, faults: now.plan.faults }) as unknown as Json;
  const withNumbers = (now: Failing, both: Json): Plan | undefined => {
    const { workload, faults } = both as unknown as { readonly workload: Json; readonly faults: unknown };
    const parsed = faultsSchema.safeParse(faults);
    return parsed.success ? { ...now.plan, workload, faults: parsed.data } : undefined;
  };
  const tryIt = async (now: Failing, both: Json): Promise<Failing | undefined> => {
    const plan = goesOn() ? withNumbers(now, both) : undefined;
    return plan === undefined ? undefined : attempt(trials, now, plan);
  };
  const original = numbers(state);
  const least = (path: Path) =>
    [0, 1, false].find((value) => {
      const plan = withNumbers(state, withPart(original, path, value));
      return plan !== undefined && trials.scenario.workload.safeParse(plan.workload).success;
    });
  const reducible = leaves(original).filter((path) => least(path) !== undefined);
  let now = await minimiseWith(state, reducible, (current, kept) => {
    const changed = reducible.filter((path) => !kept.includes(path));
    return tryIt(
      current,
      changed.reduce<Json>((both, path) => withPart(both, path, least(path) ?? 0), original),
    );
  });
  for (const path of leaves(numbers(now))) {
    for (const value of simpler(partAt(numbers(now), path) ?? 0)) {
      if (!goesOn()) return now;
      const found = await tryIt(now, withPart(numbers(now), path, value));
      if (found === undefined) continue;
      now = found;
      break;
    }
  }
  return now;
}
