// A plan with a power loss, run again: the run, what the power loss leaves of its disk, and what a fresh process finds there. One plan,
// one hash. What stays out: looking for such a plan (crash-search.ts).
import { createHash } from 'node:crypto';
import { usageError } from '../errors/errors.ts';
import type { Crash, CrashState } from '../model/crash.ts';
import type { Durability, FileSystem } from '../model/file-systems.ts';
import type { DiskLog } from '../model/disk.ts';
import type { History } from '../model/history.ts';
import type { Violation } from '../model/invariant.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Coordinator } from '../run/coordinator.ts';
import { diskBefore, type DurableDisk } from '../disk/durable-disk.ts';
import { tellState } from '../disk/explain-crash.ts';
import { type Image, Images } from '../disk/image.ts';
import { firstUserOf, useFirst } from './first-use.ts';
import { historyAt, judgeImage } from './judge-image.ts';
import type { Openers } from './openers.ts';
import { promisedBy } from '../disk/promised.ts';
import { recordRecovery, recordRun } from './recorded-run.ts';

/**
 * @property history as it stood when the power went, with what was found afterwards; its hash is over both
 * @property digest of the files that were left
 * @property promise what it was held to
 * @property bare violations that SQLite's own opening finds, where a first use may bring back what is gone
 * @property lostRows acknowledged rows that are gone
 * @property says what happened, in sentences
 */
export interface ReplayedCrash {
  readonly history: History;
  readonly digest: string;
  readonly promise: Durability;
  readonly violations: readonly Violation[];
  readonly bare: readonly Violation[];
  readonly lostRows: number;
  readonly says: readonly string[];
}

export interface ReplayCrashOptions {
  readonly coordinator: Coordinator;
  readonly openers: Openers;
  readonly scenario: Scenario;
  readonly plan: Plan & { readonly crash: Crash };
  readonly stop: () => boolean;
}

/** The image of a state. @throws a usage error for a state that does not fit the run */
function imageOf(log: DiskLog, system: FileSystem, state: CrashState): { image: Image; disk: DurableDisk } {
  if (state.before > log.operations.length) {
    throw usageError(
      'CRASH_TOO_LATE',
      `The plan has the power go before operation ${state.before} of the disk, and its run has ${log.operations.length}.`,
      'The plan was changed, or belongs to other programs: look for its crash states again with `lockstep crash`.',
    );
  }
  const disk = diskBefore(log, system, state.before);
  return { image: new Images(disk).of(state), disk };
}

/** What those said who used it first, each kind once. */
function toldUse({ observations }: History): string {
  const kinds = [...new Set(observations.map(({ kind }) => kind))];
  return kinds.length === 0 ? 'nothing is told' : kinds.join(', ');
}

export async function replayCrash(options: ReplayCrashOptions): Promise<ReplayedCrash> {
  const { coordinator, openers, scenario, plan, stop } = options;
  const { model, liars, recovery, promise = promisedBy(scenario, plan.strategy), ...state } = plan.crash;
  const system = { model, liars };
  const { crash: _, ...rest } = plan;
  const run = await recordRun({ coordinator, scenario, plan: rest, stop });
  const first = imageOf(run.log, system, state);
  const says = tellState(first.disk, state, 'The power goes');
  const hash = createHash('sha256').update(`${run.history.hash} ${first.image.digest}`);
  let { image } = first;
  const firstUser = firstUserOf(scenario, plan);
  if (recovery !== undefined) {
    const again = await recordRecovery({ coordinator, scenario, plan, first: firstUser, stop }, image);
    const second = imageOf(again.log, system, recovery);
    says.push(...tellState(second.disk, recovery, 'While the database is opened for the first time, it goes again'));
    hash.update(`${again.history.hash} ${second.image.digest}`);
    image = second.image;
  }
  const autopsy = openers.answer(openers.ask(image, false));
  hash.update(JSON.stringify(autopsy));
  const used = firstUser === undefined ? undefined : await useFirst(coordinator, firstUser, image, stop);
  if (used !== undefined) {
    hash.update(used.hash);
    says.push(`then the disk is used first: ${toldUse(used)}`);
  }
  const step = run.log.operations[state.before]?.step ?? Infinity;
  const history = historyAt({ ...run.history, hash: hash.digest('hex') }, { before: state.before, step }, autopsy);
  const judged = judgeImage(scenario, history, promise, { used, more: firstUser?.invariants ?? [] });
  return { history, digest: image.digest, says, promise, ...judged };
}
