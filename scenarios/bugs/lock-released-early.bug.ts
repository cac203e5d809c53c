import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug } from './bug.ts';
import { counted } from './counted.ts';
import { adding, countOf, keep } from './counted.program.ts';

export const bug: PlantedBug = {
  ...counted,
  name: 'lock-released-early',
  about: 'a lock is given back before what was read under it is written',
};

export function adder(world: World, args: Json): void {
  adding(world, args, (locked, _n, fixed) => {
    const lock = locked();
    const count = countOf(world);
    if (!fixed) lock?.release();
    keep(world, count + 1);
    if (fixed) lock?.release();
  });
}
