import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug } from './bug.ts';
import { counted } from './counted.ts';
import { adding, countOf, keep } from './counted.program.ts';

export const bug: PlantedBug = {
  ...counted,
  name: 'lock-not-taken',
  about: 'a lock is taken for every addition but the first of a process',
};

export function adder(world: World, args: Json): void {
  adding(world, args, (locked, n, fixed) => {
    const lock = fixed || n > 0 ? locked() : undefined;
    keep(world, countOf(world) + 1);
    lock?.release();
  });
}
