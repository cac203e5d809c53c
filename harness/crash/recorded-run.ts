// A run whose disk is kept, and the opening of an image as one: the database is opened for the first time after a power loss, in lock
// step, so that the power can go once more. What stays out: states and their images.
import type { Coordinator } from '../run/coordinator.ts';
import { sqlName } from '../run/faults/programs/catalogue.ts';
import { checkPowerLoss } from '../run/server-store.ts';
import { harnessError } from '../errors/errors.ts';
import type { DiskLog } from '../model/disk.ts';
import type { History } from '../model/history.ts';
import type { Plan } from '../model/plan.ts';
import type { Scenario } from '../model/scenario.ts';
import { DiskRecorder } from '../observe/disk-recorder.ts';
import { type Image, writeImage } from '../disk/image.ts';
import type { FirstUser } from './first-use.ts';

export interface RecordedRun {
  readonly history: History;
  readonly log: DiskLog;
}

/** @property fill the files that it begins with; default: what setup has made */
export interface RecordOptions {
  readonly coordinator: Coordinator;
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly stop: () => boolean;
  readonly fill?: (folder: string) => void;
}

async function record({ coordinator, scenario, plan, stop, fill }: RecordOptions): Promise<RecordedRun> {
  return coordinator.orInNode(async () => {
    const disk = new DiskRecorder();
    try {
      const special = { disk, ...(fill === undefined ? {} : { fill }) };
      const history = await coordinator.run(scenario, plan, undefined, [], stop, special);
      return { history, log: disk.log() };
    } finally {
      disk.close();
    }
  });
}

/**
 * The run of a plan, with all that it does to its disk; it is made twice, once without anybody looking.
 *
 * @throws a harness error when the two differ
 */
export async function recordRun(options: RecordOptions): Promise<RecordedRun> {
  const { coordinator, scenario, plan, stop } = options;
  checkPowerLoss(scenario, plan);
  const plain = await coordinator.orInNode(() => coordinator.run(scenario, plan, undefined, [], stop));
  const recorded = await record(options);
  if (recorded.history.hash === plain.hash) return recorded;
  throw harnessError(
    'RECORDING_DIFFERS',
    `The run is another one when its disk is looked at after each step: ${plain.hash} without, ${recorded.history.hash} with.`,
    'Replay the plan several times (`lockstep replay PLAN --times 20`); if those hashes are one, report this with the plan.',
  );
}

/**
 * The first opening of an image: recovers what there is to recover, reads, and closes.
 *
 * @param options `first`: who uses it in place of SQLite alone
 */
export async function recordRecovery(
  { first, ...options }: Omit<RecordOptions, 'fill'> & { readonly first: FirstUser | undefined },
  image: Image,
): Promise<RecordedRun> {
  const { scenario, plan } = options;
  const fill = (folder: string) => void writeImage(image, folder);
  if (first !== undefined) return record({ ...options, ...first, fill });
  const args = { database: scenario.database, statements: ['SELECT count(*) FROM sqlite_schema'] };
  const opening: Scenario = {
    ...scenario,
    start: () => [{ name: 'recovery', program: sqlName, args }],
  };
  const { crash: _, ...rest } = plan;
  const quiet: Plan = { ...rest, faults: [], preemptions: [] };
  return record({ ...options, scenario: opening, plan: quiet, fill });
}
