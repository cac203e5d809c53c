// How many connections to a board this process has open: the registry of #71724 (`connect_tracked`). What stays out: who
// asks (policies/probe, policies/corruption).
import type { Connection, World } from '../../harness/lane/world.ts';

function key(file: string): string {
  return `open-connections:${file}`;
}

function openCount(world: World, file: string): number {
  return Number(world.shared.get(key(file)) ?? 0);
}

function change(world: World, file: string, by: number): void {
  world.mutex(key(file), () => world.shared.set(key(file), openCount(world, file) + by));
}

/** A connection is about to be opened. */
export function countOpened(world: World, file: string): void {
  change(world, file, 1);
}

/** A connection could not be opened. */
export function countRefused(world: World, file: string): void {
  change(world, file, -1);
}

/** Closes a connection. One that leaks, whose close never happens, stays in the registry, as it would there. */
export function closeCounted(world: World, connection: Connection): void {
  connection.close();
  if (!connection.isOpen) change(world, connection.file, -1);
}

/** Does `body` unless a connection is open; none is opened meanwhile. Result: was it done? */
export function whileNoneOpen(world: World, file: string, body: () => void): boolean {
  return world.mutex(key(file), () => {
    if (openCount(world, file) > 0) return false;
    body();
    return true;
  });
}
