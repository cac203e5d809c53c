// The error that must never be: two runs of one plan that took different courses. It is not only said: the plan is run again
// with every step kept, until two replays show where they part.
import { harnessError, type LockstepError } from '../errors/errors.ts';
import type { History } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import { RunInterrupted } from '../errors/interrupted.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { type Difference, differenceOf, tellDifference } from './difference.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { StepLog } from './step-log.ts';

/** Code of that error. */
export const replayDiffersCode = 'REPLAY_DIFFERS';

/** Replays that are made to see the difference: two at least, more while there is time, in real milliseconds. */
const replays = { least: 2, most: 5, timeMs: 15_000 } as const;

export interface Replayed {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
}

/**
 * @property hashes of the replays that were made to see it, in order
 * @property difference undefined when it did not come back
 * @property broken why they ended early
 */
export interface Sought {
  readonly hashes: readonly string[];
  readonly difference: Difference | undefined;
  readonly broken: string | undefined;
}

/**
 * Replays a plan until two replays differ. After the first all is made anew once, since what a program takes from its process
 * or its files may stay the same for as long as these do; then it is kept, for what a process remembers of an earlier run.
 */
export async function seekDifference({ coordinator, scenario, plan }: Replayed): Promise<Sought> {
  const hashes: string[] = [];
  let first: StepLog | undefined;
  const began = performance.now();
  const goesOn = () =>
    hashes.length < replays.least || (hashes.length < replays.most && performance.now() - began < replays.timeMs);
  try {
    while (goesOn()) {
      if (hashes.length === 1) coordinator.renew();
      const { hash, log } = await coordinator.orInNode(async () => {
        const steps = new StepLog();
        return { ...(await coordinator.run(scenario, plan, undefined, [steps])), log: steps };
      });
      hashes.push(hash);
      first ??= log;
      if (hash === hashes[0]) continue;
      return { hashes, difference: differenceOf(first, log), broken: undefined };
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const broken = error instanceof RunInterrupted ? 'they were interrupted.' : said;
    return { hashes, difference: undefined, broken };
  }
  return { hashes, difference: undefined, broken: undefined };
}

/**
 * What is known of a difference, as lines to print.
 *
 * @param before hashes of the runs that differed
 */
export function tellSought({ hashes, difference, broken }: Sought, before: readonly string[]): readonly string[] {
  if (difference !== undefined) return tellDifference(difference);
  const [hash = ''] = hashes;
  if (new Set(hashes).size > 1)
    return [`${hashes.length} further replays differ as well, though not in any of the steps that could be kept.`];
  const of = before.indexOf(hash);
  const which = of < 0 ? 'that of neither' : `that of ${of === 0 ? 'the first' : 'the other'}`;
  const made = hashes.length === 1 ? '1 further replay' : `${hashes.length} further replays`;
  return [
    ...(hashes.length === 0
      ? []
      : [`With every step kept it did not come back: ${made} gave one hash, ${short(hash)}, ${which}.`]),
    ...(broken === undefined ? [] : [`Further replays were not made: ${broken}`]),
    'A program decides now and then by something that is not in the plan (a clock, a race between threads of its own), or the ' +
      'run was not made by its plan alone.',
  ];
}

/** What to do about replays that differ. */
export const replayRemedy =
  'Same plan, same run is the first promise of Lockstep. Where none of your programs does such a thing, it is broken: report it ' +
  'with scenario, strategy, engine and seed.';

/**
 * The error to throw.
 *
 * @param hashes of the two runs; undefined for a replay that did not fail as the run did
 */
export async function replayDiffers(
  replayed: Replayed,
  ...hashes: readonly [string, string | undefined]
): Promise<LockstepError> {
  const [one, two] = hashes;
  const other = two === undefined ? 'did not' : `took another course (${short(one)} and ${short(two)})`;
  const sought = await seekDifference(replayed);
  const known = hashes.filter((hash) => hash !== undefined);
  const lines = [
    `A run of ${replayed.plan.scenario} violated an invariant, and its replay ${other}.`,
    ...tellSought(sought, known),
  ];
  return harnessError(replayDiffersCode, lines.join('\n'), replayRemedy);
}

/** The error for two runs that took the same steps, and of which the invariants said different things. */
export function judgedOtherwise(
  plan: Plan,
  { hash }: History,
  ...said: readonly [readonly Violation[], readonly Violation[]]
): LockstepError {
  const [one, two] = said.map((list) => list.map(({ invariant, message }) => `${invariant}: ${message}`));
  const differ = (mine: readonly string[] = [], its: readonly string[] = []) =>
    mine.find((line) => !its.includes(line));
  const lines = [
    `A run of ${plan.scenario} and its replay took the same steps (${short(hash)}), and were judged otherwise.`,
    `  one:   ${differ(one, two) ?? 'nothing of the kind'}`,
    `  other: ${differ(two, one) ?? 'nothing of the kind'}`,
    'An invariant is a pure function of the history: no clock, no chance, nothing that it keeps from the run before.',
  ];
  return harnessError(replayDiffersCode, lines.join('\n'), replayRemedy);
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
