// flock(2) for lanes. What stays out: who waits for a lock, and how long (lane-world.ts).
import { createRequire } from 'node:module';
import type * as Native from '../host/native.ts';

const load = createRequire(import.meta.url);

/** Loaded when needed: it takes a fifth of a process's start, and few lanes take file locks. */
function native(): typeof Native {
  return load('../host/native.ts') as typeof Native;
}

/** Result: 0 when the lock is held now, EWOULDBLOCK when another holds it, or the errno of any other failure. */
export function flock(fd: number, mode: 'shared' | 'exclusive'): number {
  return native().flock(fd, mode);
}

export function dropFlock(fd: number): void {
  native().dropFlock(fd);
}
