// Names are on the disk only when their folder has been synced (fsync(2)): what must be there before the next step is synced so.
import type { World } from '../../harness/lane/world.ts';

export function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash < 0 ? '.' : file.slice(0, slash);
}

/** @throws FileError */
export function syncFolder(world: World, folder: string): void {
  synced(world, folder, 'r');
}

/** What SQLite has written to a file without waiting. No connection may be open to it: closing this would drop its locks. @throws FileError */
export function syncFile(world: World, file: string): void {
  synced(world, file, 'r+');
}

function synced(world: World, name: string, flags: 'r' | 'r+'): void {
  const descriptor = world.files.open(name, flags);
  try {
    descriptor.sync();
  } finally {
    descriptor.close();
  }
}
