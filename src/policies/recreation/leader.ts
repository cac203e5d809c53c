// The memory of processes: whoever has seen the board knows that there has been one, and while a leader lives it does. Nothing is kept on the
// disk, so nothing there can be lost; and once all of them have ended nobody remembers. What stays out: electing a leader
// (programs/gateway/leadership.ts).
import { unlessOsError } from '../../board-file/os-error.ts';
import type { World } from '../../../harness/lane/world.ts';
import type { BoardUse } from '../corruption/corruption.ts';
import { board as scope } from '../leader-scope/board.ts';
import type { Recreation } from './recreation.ts';
import { isMissing, refuse, registry } from './registry.ts';

function seenKey(file: string): string {
  return `seen:${file}`;
}

function leadsKey(file: string): string {
  return `leads:${file}`;
}

/** This process holds the leader's lock: its own memory is the leader's. */
export function rememberLeading(world: World, file: string): void {
  world.shared.set(leadsKey(file), true);
}

/** Is there a leader, in another process? Where nobody can ask, there may be one. */
function leaderLives({ world, file }: BoardUse): boolean {
  if (world.shared.get(leadsKey(file)) === true) return false;
  const free = unlessOsError(() => {
    const lock = world.flock(scope.lockFile(file), 'exclusive');
    lock?.release();
    return lock !== undefined;
  });
  return free !== true;
}

function isRemembered(use: BoardUse): boolean {
  return use.world.shared.get(seenKey(use.file)) === true || leaderLives(use);
}

export const leader: Recreation = {
  ...registry,
  says: 'no new board while the leader lives, or a process that has seen one, but by kanban init --new',
  opening(use) {
    if (!isMissing(use)) return use.world.shared.get(seenKey(use.file)) === true;
    if (isRemembered(use)) refuse(use);
    return false;
  },
  creating(use) {
    if (isRemembered(use)) refuse(use);
  },
  known({ world, file }) {
    world.shared.set(seenKey(file), true);
  },
  forget(use) {
    use.world.shared.set(seenKey(use.file), false);
    registry.forget(use);
  },
};
