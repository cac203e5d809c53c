// A number in a file, for the mutants of a lock: read, and put back one higher.
import type { Flock, Json, World } from '../../harness/lane/world.ts';
import { work } from './work.program.ts';

export function countOf(world: World): number {
  if (!world.files.exists('count')) return 0;
  return Number([...world.files.read('count')].map((byte) => String.fromCodePoint(byte)).join(''));
}

export function keep(world: World, count: number): void {
  world.files.write('count', String(count));
  world.observe('kept', count);
}

/**
 * Additions, each after some commits.
 *
 * @param add makes one; `locked` takes the lock, `n` counts from 0, `fixed`: it is to do it right
 */
export function adding(
  world: World,
  args: Json,
  add: (locked: () => Flock | undefined, n: number, fixed: boolean) => void,
): void {
  const { before, additions, fixed } = args as { before: number; additions: number; fixed: boolean };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < additions; n++) {
    work(world, db, before);
    add(() => world.flock('count.lock', 'exclusive', { timeoutMs: 60_000, pollMs: 1 }), n, fixed);
  }
  db.close();
}
