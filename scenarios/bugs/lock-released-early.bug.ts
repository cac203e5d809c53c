import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { countOf, keep } from './counted.program.ts';
import { brokenCount } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'lock-released-early',
  about: 'a lock is given back before what was read under it is written',
  kind: 'mutant',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the file says \d+ after \d+ additions$/ },
  schema: `PRAGMA journal_mode=WAL; ${noise}`,
  queries: {},
  processes: (draw) =>
    ['a', 'b', 'c'].map((name) => ({ name, program: 'adder', args: { before: draw(1, 5), additions: draw(1, 2) } })),
  rule: 'no addition to a file under a lock is lost',
  broken: brokenCount,
};

export function adder(world: World, args: Json): void {
  const { before, additions, fixed } = args as Told<{ before: number; additions: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < additions; n++) {
    work(world, db, before);
    const locked = () => world.flock('count.lock', 'exclusive', { timeoutMs: 60_000, pollMs: 1 });
    const lock = locked();
    const count = countOf(world);
    if (!fixed) lock?.release();
    keep(world, count + 1);
    if (fixed) lock?.release();
  }
  db.close();
}
