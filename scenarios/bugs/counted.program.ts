// A number in a file, for the mutants of a lock: read, and put back one higher.
import type { World } from '../../harness/lane/world.ts';

export function countOf(world: World): number {
  if (!world.files.exists('count')) return 0;
  return Number([...world.files.read('count')].map((byte) => String.fromCodePoint(byte)).join(''));
}

export function keep(world: World, count: number): void {
  world.files.write('count', String(count));
  world.observe('kept', count);
}
