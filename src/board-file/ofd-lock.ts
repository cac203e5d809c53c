// The read locks of an open file description (fcntl(2), F_OFD_SETLK) that upstream's guard takes on SQLite's own descriptors: on the
// bytes of SHARED in the database (lockingv3.html), and on the dead-man switch of the wal-index (os_unix.c, UNIX_SHM_DMS). They keep
// others from EXCLUSIVE as SQLite's own locks do, and a stray close of the process does not drop them. What stays out: when they are
// taken and lifted (policies/ofd-guard).
import type { ByteRange, World } from '../../harness/lane/world.ts';
import { unlessOsError } from './os-error.ts';

export const sharedBytes: ByteRange = { offset: 0x4000_0002, length: 510 };
const deadManSwitch: ByteRange = { offset: 128, length: 1 };

function guarded(file: string): readonly (readonly [string, ByteRange])[] {
  return [
    [file, sharedBytes],
    [`${file}-shm`, deadManSwitch],
  ];
}

/** Locks every descriptor that SQLite has of the two files here. Result: have both files one that is locked? */
export function armDescriptors(world: World, file: string): boolean {
  const armed = guarded(file).map(([name, bytes]) => {
    const locked = world.files
      .descriptors(name)
      .map((descriptor) => unlessOsError(() => descriptor.lock('descriptor', bytes)) === true);
    return locked.includes(true);
  });
  return armed.every(Boolean);
}

/** Lifts them, and first takes the lock of the process on SHARED again, which SQLite believes it has. */
export function disarmDescriptors(world: World, file: string): void {
  const [main] = world.files.descriptors(file);
  unlessOsError(() => main?.lock('process', sharedBytes));
  for (const [name, bytes] of guarded(file))
    for (const descriptor of world.files.descriptors(name)) unlessOsError(() => descriptor.unlock('descriptor', bytes));
}
