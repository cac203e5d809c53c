// What a lane is told of a run before its first step (lane/run-job.ts). What stays out: how it is told.
import type { Job, LaneSetting } from '../lane/run-job.ts';
import type { Json } from '../model/values.ts';
import { epochMs } from './epoch.ts';
import { isCommand, type ProgramRef } from '../model/process.ts';
import { placesOf } from '../model/program-places.ts';
import type { LaneState } from './lanes.ts';
import type { RunOptions } from './run-options.ts';

/** The seeds of two lanes, and of one lane in two runs, are far apart. */
const seedStride = 0x10001n;

/** @returns for a program over World what to run; for a command, which knows what it is, the setting alone */
export function jobOf(lane: LaneState, { plan, root }: RunOptions, ref: ProgramRef, args: Json): Job | LaneSetting {
  const setting: LaneSetting = {
    lane: lane.name,
    process: lane.process.name,
    program: lane.process.program,
    epochMs,
    number: lane.number,
    seed: String(BigInt.asIntN(64, BigInt(plan.seed) * seedStride + BigInt(lane.number))),
    root,
    args,
    outOfMemory: plan.faults.some((fault) => 'code' in fault && fault.code.endsWith('NOMEM')),
    sqlite: plan.parameters.sqlite ?? {},
  };
  return isCommand(ref)
    ? { ...setting, places: placesOf(ref) }
    : { ...setting, module: ref.module, export: ref.export };
}
