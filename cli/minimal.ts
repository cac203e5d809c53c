// From a plan that fails to one that a person can read: shrunk, explained, and tried on the plain engine where it was
// found on a deep one. `run`, `shrink` and `bisect` share it. What stays out: where the plan came from.
import { variantName } from '../harness/engines/engine.ts';
import { Coordinator } from '../harness/run/coordinator.ts';
import type { ExplainedFact } from '../harness/explain/fact.ts';
import { explainSteps } from '../harness/explain/explain-steps.ts';
import { StepBook } from '../harness/explain/run-steps.ts';
import { anchorsOf, judgePlan, type Judgement } from '../harness/search/judge-plan.ts';
import type { Plan } from '../harness/model/plan.ts';
import type { Scenario } from '../harness/model/scenario.ts';
import { shrink, type Shrunk } from '../harness/search/shrink/shrink.ts';
import { lastReplays } from '../harness/search/shrink/trials.ts';
import type { PlanSize } from '../harness/search/size.ts';
import { count } from '../reports/words.ts';
import type { LaneBinaries } from '../harness/run/pool.ts';
import { type Interrupt, isInterruption } from './interrupt.ts';
import { hostOf } from '../harness/run/machines.ts';
import { machineFor } from './machine.ts';
import type { Output } from './output.ts';
import { StatusLine } from './status-line.ts';
import { tellViolations } from './tell-violations.ts';

/** Runs near a plan on another engine before the answer is that nothing was found. */
export const searchesNear = 2000;

/**
 * @property only invariants of which those that the plan violates stay; default: the harm that it does, or else all that it
 *   violates
 * @property timeMs real milliseconds for the shrinking
 * @property limitMs real milliseconds that a lane may take for one stretch of steps
 * @property bound that a pass on the plain engine must keep to
 */
export interface MinimalOptions {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly machine: LaneBinaries;
  readonly only?: readonly string[] | undefined;
  readonly timeMs: number;
  readonly limitMs: number;
  readonly bound: number;
  readonly interrupt: Interrupt;
}

/** What became of a plan found on a deep engine when it was tried on the plain one. */
export interface TriedPlain extends Judgement {
  readonly engine: string;
}

/**
 * @property explanation in the order of steps; empty when there was no time for it
 * @property plain null where the plan is one of a plain engine, and where no run was made there
 */
export interface Minimal {
  readonly shrunk: Shrunk;
  readonly explanation: readonly ExplainedFact[];
  readonly plain: TriedPlain | null;
}

/** There was not even time to run the plan once. */
export const noTime = Symbol('no time');

/** @returns undefined when the plan does not fail */
export async function minimal(options: MinimalOptions, output: Output): Promise<Minimal | undefined | typeof noTime> {
  const { scenario, plan, machine, only, timeMs, limitMs, interrupt } = options;
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs, stop });
  const witness = new StepBook();
  using status = new StatusLine(output, 'shrinking: the plan as it is');
  let size: PlanSize | undefined;
  try {
    const shrinking = shrink({
      coordinator,
      scenario,
      plan,
      timeMs,
      stop,
      witness,
      ...(only === undefined ? {} : { target: only }),
      onTrial: (trials, smallest) => {
        size = smallest ?? size;
        status.says(`shrinking: ${trials} trials${size === undefined ? '' : `, ${sizeWords(size)} left`}`);
      },
    });
    const shrunk = await unlessInterrupted(() => shrinking, noTime);
    if (shrunk === undefined || shrunk === noTime) return shrunk;
    const { last } = shrunk;
    const meant = scenario.invariants.filter(({ name }) => only?.includes(name) ?? true);
    const facts = last === undefined ? [] : explainSteps(witness.steps, last, meant, witness.statements);
    const plain = await unlessInterrupted(() => triedPlain(coordinator, options, shrunk, output, status), null);
    return { shrunk, explanation: facts, plain };
  } finally {
    coordinator.close();
  }
}

async function unlessInterrupted<T, U>(body: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await body();
  } catch (error) {
    if (isInterruption(error)) return otherwise;
    throw error;
  }
}

/** A deep engine reaches windows in which no VFS call happens; users run the plain one. It has as long as the shrinking. */
async function triedPlain(
  deep: Coordinator,
  { scenario, machine: given, timeMs, limitMs, bound, interrupt }: MinimalOptions,
  { plan, violations }: Shrunk,
  output: Output,
  status: StatusLine,
): Promise<TriedPlain | null> {
  const engine = variantName(plan.engine, 'plain');
  if (engine === plan.engine) return null;
  const untilMs = performance.now() + timeMs;
  const anchors = await anchorsOf(deep, scenario, plan);
  const machine = await machineFor(engine, output, interrupt, { host: hostOf(given), scenarios: [scenario] });
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs, stop });
  try {
    const target = [...new Set(violations.map(({ invariant }) => invariant))];
    const mustEnd = () => stop() || performance.now() >= untilMs;
    const onRun = (runs: number) => status.says(`on plain SQLite ${engine}: ${runs} runs near the plan`);
    const near = { anchors, target, searches: searchesNear, bound, stop: mustEnd, onRun };
    const judged = await judgePlan({ coordinator, scenario, plan: { ...plan, engine }, ...near });
    return judged.runs === 0 ? null : { engine, ...judged };
  } finally {
    coordinator.close();
  }
}

export function sizeWords({ preemptions, faults, operations }: PlanSize): string {
  return `${count(preemptions, 'preemption')}, ${count(faults, 'fault')}, ${count(operations, 'operation')}`;
}

/** What a result document says of a minimal plan; stands beside the fields of the contract. */
export function minimalDocument({ shrunk, explanation, plain }: Minimal): object {
  const { from, size, minimal: locallyMinimal, complete, runs, replays, seconds, errors, found, besides } = shrunk;
  return {
    foundViolations: found,
    besides,
    minimal: { locallyMinimal, complete, ...size, from, runs, replays, errors, seconds },
    explanation: explanation.map(({ sentence }) => sentence),
    plain: plain === null ? null : { ...plain, plan: undefined },
  };
}

/** What the plan violated and shrinking did not hold on to, and how to make it; '' where there is none. */
export function besidesWords({ besides, violations }: Pick<Shrunk, 'besides' | 'violations'>): string {
  if (besides.length === 0) return '';
  const kept = new Set(violations.map(({ invariant }) => invariant));
  const all = [...kept, ...besides.filter((name) => !kept.has(name))].join(',');
  return `not held on to: ${besides.join(', ')}; \`npx lockstep shrink PLAN --only ${all}\` of the plan as it was found does`;
}

/** What became of a plan that a deep engine found on the plain one; '' for a plan of a plain engine. */
export function plainWords({ plan }: Pick<Shrunk, 'plan'>, plain: TriedPlain | null): string {
  const where = `on plain SQLite ${variantName(plan.engine, 'plain')}`;
  if (variantName(plan.engine, 'plain') === plan.engine) return '';
  if (plain === null) return `found deep; ${where} it was not tried`;
  const { verdict, how, runs, reached, missing } = plain;
  if (verdict === 'fail') return `found deep; it fails ${where} too (${how}, run ${runs})`;
  const near = `${count(runs, 'run')} near it did not fail, ${reached} reached the window`;
  return verdict === 'pass'
    ? `found deep only: ${where}, ${near}`
    : `found deep; ${where}, ${near}: ${missing} are missing for a pass`;
}

/** The same in prose. */
export function tellMinimal({ shrunk, explanation, plain }: Minimal, scenario: Scenario, output: Output): void {
  const { from, size, runs, replays, seconds, violations, minimal: locallyMinimal, complete } = shrunk;
  output.say(`  shrunk from ${sizeWords(from)}`);
  output.say(`         to ${sizeWords(size)}, in ${runs} runs and ${seconds.toFixed(1)} s`);
  output.say(
    locallyMinimal
      ? '  minimal: without any one preemption, fault or operation it passes'
      : '  not yet known to be minimal',
  );
  if (!complete) {
    const untried = locallyMinimal ? 'its numbers may get smaller' : 'not everything was tried';
    output.say(`  ${untried}: \`npx lockstep shrink PLAN --time 5m\` goes on`);
  }
  if (replays < lastReplays) output.say('  the time was up before it had been replayed as often as it should be');
  output.say('  what is left of it violates');
  tellViolations(violations, scenario, output);
  for (const line of [besidesWords(shrunk), plainWords(shrunk, plain)]) if (line !== '') output.say(`  ${line}`);
  if (explanation.length === 0) return;
  output.say();
  for (const { step, sentence } of explanation)
    output.sayLines(`- ${step === null ? '' : `step ${step}: `}${sentence}`, '  ');
}
