import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug } from './bug.ts';
import { counted } from './counted.ts';
import { adding, countOf, keep } from './counted.program.ts';

export const bug: PlantedBug = {
  ...counted,
  name: 'lock-taken-late',
  about: 'a lock is taken after what it protects has been read',
};

export function adder(world: World, args: Json): void {
  adding(world, args, (locked, _n, fixed) => {
    const early = fixed ? locked() : undefined;
    const count = countOf(world);
    const lock = early ?? locked();
    keep(world, count + 1);
    lock?.release();
  });
}
