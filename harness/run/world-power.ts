// The disk of a run whose plan has a power loss: all that happens to it is kept, and when the power goes the world's files become what is
// left of them. What stays out: processes (lose-power.ts).
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DurableDisk } from '../disk/durable-disk.ts';
import { tellLoss } from '../disk/explain-crash.ts';
import { Images, writeImage } from '../disk/image.ts';
import { stateOfLoss } from '../disk/loss.ts';
import { isIn } from '../disk/ranges.ts';
import type { Durability } from '../model/file-systems.ts';
import { modelNames } from '../model/file-systems.ts';
import type { Plan } from '../model/plan.ts';
import type { DiskRecorder } from '../observe/disk-recorder.ts';
import type { LosePower } from './run-options.ts';

/** Can the power go in the middle of a run of this plan? */
export function losesPower({ faults }: Plan): boolean {
  return faults.some(({ kind }) => kind === 'power-loss');
}

/** Folders stay, whatever was in them: of them no file system's model says anything. */
function removeFiles(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) removeFiles(path);
    else rmSync(path);
  }
}

/**
 * @param disk has followed the run from its beginning
 * @param root the world's directory
 * @param shared what else the run keeps in files, and what goes with the memory of the machine
 * @param promised what the scenario promises of acknowledged commits, where the plan says nothing of it
 */
export function worldPower(disk: DiskRecorder, root: string, shared: string, promised: Durability): LosePower {
  return (loss) => {
    disk.end();
    const log = disk.log();
    const { model = modelNames[0], liars, promise = promised } = loss;
    const durable = new DurableDisk(log, { model, liars });
    const before = log.operations.length;
    durable.goTo(before);
    const state = stateOfLoss(durable, before, loss);
    const image = new Images(durable).of(state);
    removeFiles(root);
    rmSync(shared, { recursive: true, force: true });
    const links = writeImage(image, root);
    disk.begin(root);
    return {
      says: tellLoss(durable, state),
      digest: image.digest,
      names: [...image.files.keys()],
      links,
      model,
      promise,
      underWay: durable.pending.length,
      lost: durable.pending.filter((number) => isIn(state.lost, number)).length,
    };
  };
}
