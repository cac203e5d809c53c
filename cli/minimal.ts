// From a plan that fails to one that a person can read: shrunk, explained, and tried on the plain engine where it was
// found on a deep one. `run`, `shrink` and `bisect` share it. What stays out: where the plan came from.
import { variantName } from '../harness/engines/engine.ts';
import { Coordinator } from '../harness/explore/coordinator.ts';
import { explain } from '../harness/explore/explain/explain.ts';
import { anchorsOf, judgePlan, type Judgement } from '../harness/explore/judge-plan.ts';
import type { Plan } from '../harness/explore/plan.ts';
import type { Scenario } from '../harness/explore/scenario.ts';
import { shrink, type Shrunk } from '../harness/explore/shrink/shrink.ts';
import type { PlanSize } from '../harness/explore/size.ts';
import type { Machine } from '../harness/schedule/pool.ts';
import { type Interrupt, isInterruption } from './interrupt.ts';
import { machineFor } from './machine.ts';
import type { Output } from './output.ts';

/** Runs near a plan on another engine before the answer is that nothing was found. */
export const searchesNear = 2000;

/**
 * @property only invariants that count; default: the harm that the plan does, or else all that it violates
 * @property timeMs real milliseconds for the shrinking
 * @property limitMs real milliseconds that a lane may take for one stretch of steps
 * @property bound that a pass on the plain engine must keep to
 */
export interface MinimalOptions {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly machine: Machine;
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

/** @property explanation in sentences, in the order of steps; empty when there was no time for it */
export interface Minimal {
  readonly shrunk: Shrunk;
  readonly explanation: readonly string[];
  readonly plain: TriedPlain | null;
}

/** @returns undefined when the plan does not fail */
export async function minimal(options: MinimalOptions, output: Output): Promise<Minimal | undefined> {
  const { scenario, plan, machine, only, timeMs, limitMs, interrupt } = options;
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs, stop });
  try {
    const shrunk = await shrink({
      coordinator,
      scenario,
      plan,
      timeMs,
      stop,
      ...(only === undefined ? {} : { target: only }),
      onTrial: (trials, smallest) => {
        if (smallest !== undefined) output.status(`shrinking: ${trials} trials, ${sizeWords(smallest)}`);
      },
    });
    if (shrunk === undefined) return undefined;
    const [explanation, plain] = await unlessInterrupted(
      async () =>
        [
          await sentences(coordinator, scenario, shrunk.plan),
          await triedPlain(coordinator, options, shrunk, output),
        ] as const,
      [[], null] as const,
    );
    return { shrunk, explanation, plain };
  } finally {
    coordinator.close();
  }
}

async function sentences(coordinator: Coordinator, scenario: Scenario, plan: Plan): Promise<readonly string[]> {
  return (await explain(coordinator, scenario, plan)).map(({ sentence }) => sentence);
}

async function unlessInterrupted<T>(body: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isInterruption(error)) return otherwise;
    throw error;
  }
}

/** A deep engine reaches windows in which no VFS call happens; users run the plain one. */
async function triedPlain(
  deep: Coordinator,
  { scenario, limitMs, bound, interrupt }: MinimalOptions,
  { plan, violations }: Shrunk,
  output: Output,
): Promise<TriedPlain | null> {
  const engine = variantName(plan.engine, 'plain');
  if (engine === plan.engine) return null;
  const anchors = await anchorsOf(deep, scenario, plan);
  const machine = await machineFor(engine, output, interrupt);
  const stop = () => interrupt.requested;
  const coordinator = new Coordinator({ machine, limitMs, stop });
  try {
    const target = [...new Set(violations.map(({ invariant }) => invariant))];
    const near = { anchors, target, searches: searchesNear, bound, stop };
    const tried = { coordinator, scenario, plan: { ...plan, engine }, ...near };
    return { engine, ...(await judgePlan(tried)) };
  } finally {
    coordinator.close();
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

export function sizeWords({ preemptions, faults, operations }: PlanSize): string {
  return `${count(preemptions, 'preemption')}, ${count(faults, 'fault')}, ${count(operations, 'operation')}`;
}

/** What a result document says of a minimal plan; stands beside the fields of the contract. */
export function minimalDocument({ shrunk, explanation, plain }: Minimal): object {
  const { from, size, minimal: locallyMinimal, complete, runs, seconds, errors } = shrunk;
  return {
    minimal: { locallyMinimal, complete, ...size, from, runs, errors, seconds },
    explanation,
    plain: plain === null ? null : { ...plain, plan: undefined },
  };
}

/** The same in prose. */
export function tellMinimal({ shrunk, explanation, plain }: Minimal, output: Output): void {
  const { from, size, runs, seconds, minimal: locallyMinimal, complete } = shrunk;
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
  if (plain !== null) {
    const where = `on plain SQLite ${plain.engine}`;
    if (plain.verdict === 'fail') output.say(`  found deep; it fails ${where} too (${plain.how}, run ${plain.runs})`);
    else
      output.say(
        `  found deep only: ${where}, ${plain.runs} runs near it did not fail, ${plain.reached} reached the window`,
      );
  }
  if (explanation.length === 0) return;
  output.say();
  for (const sentence of explanation) output.say(`  - ${sentence}`);
}
