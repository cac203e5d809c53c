import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { firstSaid } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'crossed-locks',
  about: 'two locks are taken in either order',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /waited in vain for the lock/ },
  schema: `PRAGMA journal_mode=WAL; ${noise}`,
  queries: {},
  processes: (draw) =>
    ['one', 'two'].map((first) => ({
      name: `from-${first}`,
      program: 'user',
      args: { first, second: first === 'one' ? 'two' : 'one', before: draw(1, 8), rounds: draw(1, 3) },
    })),
  rule: 'who waits for a lock gets it',
  broken: (history) => {
    const vain = firstSaid(history, 'in-vain');
    return vain === undefined ? undefined : `${vain.lane} waited in vain for the lock ${vain.said}`;
  },
};

export function user(world: World, args: Json): void {
  const { first, second, before, rounds, fixed } = args as Told<{
    first: string;
    second: string;
    before: number;
    rounds: number;
  }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const order = fixed ? [first, second].toSorted() : [first, second];
  for (let round = 0; round < rounds; round++) {
    work(world, db, before);
    const held = order.map((name) => {
      const lock = world.flock(`${name}.lock`, 'exclusive', { timeoutMs: 5000, pollMs: 10 });
      if (lock === undefined) world.observe('in-vain', name);
      return lock;
    });
    work(world, db, 1);
    for (const lock of held.toReversed()) lock?.release();
  }
  db.close();
}
