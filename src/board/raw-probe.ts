// The raw header read of connect(), by policy, and the count of open connections that the policy `tracked` keeps. What
// stays out: what SQLite itself reads.
import type { World } from '../../harness/lane/world.ts';
import { BoardError, during } from './board-error.ts';
import type { BoardSettings } from './settings.ts';

const headerBytes = 64;
const magic = 'SQLite format 3\0';

/** `_validate_sqlite_header`: open, read 64 bytes, close. The close drops every POSIX lock this process has on the file. */
function readHeader(world: World, file: string): void {
  during('_validate_sqlite_header', () => {
    if (world.files.stat(file) === undefined) return;
    const bytes = world.files.read(file, { length: headerBytes });
    const text = String.fromCharCode(...bytes.subarray(0, magic.length));
    if (bytes.length === 0 || text === magic) return;
    throw new BoardError(
      'KANBAN_DB_CORRUPT',
      '_validate_sqlite_header',
      `Refusing to open corrupt kanban DB at ${file}`,
    );
  });
}

function openKey(file: string): string {
  return `open-connections:${file}`;
}

function openCount(world: World, file: string): number {
  return Number(world.shared.get(openKey(file)) ?? 0);
}

function changeCount(world: World, file: string, by: number): void {
  world.mutex('tracked', () => world.shared.set(openKey(file), openCount(world, file) + by));
}

/** Reads the header as the policy allows, and counts the connection that is about to be opened. */
export function probeBeforeOpen(world: World, { file, policies }: BoardSettings): void {
  if (policies.probe === 'every-connect') return readHeader(world, file);
  world.mutex('tracked', () => {
    if (openCount(world, file) === 0) readHeader(world, file);
    changeCount(world, file, 1);
  });
}

/** A connection has been closed, or was never opened. */
export function probeAfterClose(world: World, { file, policies }: BoardSettings): void {
  if (policies.probe === 'tracked') changeCount(world, file, -1);
}
