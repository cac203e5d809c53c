import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { countOf, keep } from './counted.program.ts';
import { brokenCount } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'lock-not-taken',
  about: 'a lock is taken for every addition but the first of a process',
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
    const lock = fixed || n > 0 ? locked() : undefined;
    keep(world, countOf(world) + 1);
    lock?.release();
  }
  db.close();
}
