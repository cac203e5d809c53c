// Counted for each file of the board: the last guarded connection of the process lifts the locks before its own close, which would
// be refused EXCLUSIVE otherwise, so that a true last close still ends the WAL.
import type { World } from '../../../harness/lane/world.ts';
import { armDescriptors, disarmDescriptors } from '../../board-file/ofd-lock.ts';
import type { OfdGuard } from './ofd-guard.ts';

/** Connections that are guarded, by the inode that the name means. */
function keyOf(world: World, file: string): string {
  return `ofd-guarded:${file}:${world.files.stat(file)?.inode ?? 0}`;
}

function counted(world: World, key: string): number {
  return Number(world.shared.get(key) ?? 0);
}

/** Guards one connection more. Result: {@link armDescriptors} */
export function guardOneMore(world: World, file: string): boolean {
  const key = keyOf(world, file);
  return world.mutex('ofd-guard', () => {
    world.shared.set(key, counted(world, key) + 1);
    return armDescriptors(world, file);
  });
}

/** Guards one connection less. */
export function guardOneLess(world: World, file: string): void {
  const key = keyOf(world, file);
  world.mutex('ofd-guard', () => {
    const left = Math.max(0, counted(world, key) - 1);
    world.shared.set(key, left);
    if (left === 0) disarmDescriptors(world, file);
  });
}

export const renewed: OfdGuard = {
  says: 'taken at each open and checkpoint, counted for each file, lifted before the last close (#110872)',
  opened: (world, file) => void guardOneMore(world, file),
  checkpointed(world, file) {
    const key = keyOf(world, file);
    world.mutex('ofd-guard', () => {
      // Nothing is pinned after the last close.
      if (counted(world, key) > 0) armDescriptors(world, file);
    });
  },
  closing: guardOneLess,
};
