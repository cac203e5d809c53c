import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'guard-not-renewed',
  about: 'a lease is taken once, and not looked at again when the work behind it has taken long',
  kind: 'mutant',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^.+ writes under a lease that .+ has$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE lease(owner TEXT, until_ms INT); INSERT INTO lease VALUES(NULL, 0);
    CREATE TABLE done(who TEXT, n INT);`,
  queries: {},
  processes: (draw) =>
    ['a', 'b'].map((name) => ({
      name,
      program: 'holder',
      args: { startMs: draw(0, 40), parts: draw(2, 4), partMs: draw(1, 12), rounds: 3 },
    })),
  rule: 'only who has the lease writes',
  broken: ({ observations }) => {
    let owner = '';
    for (const { kind, lane } of observations) {
      if (kind === 'taken') owner = lane;
      if (kind === 'wrote' && lane !== owner) return `${lane} writes under a lease that ${owner} has`;
    }
    return undefined;
  },
};

const leaseMs = 45;

export function holder(world: World, args: Json): void {
  const { startMs, parts, partMs, rounds, fixed } = args as Told<
    Record<'startMs' | 'parts' | 'partMs' | 'rounds', number>
  >;
  world.sleep(startMs);
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const take = (): boolean =>
    db.immediate(() => {
      const sql = 'UPDATE lease SET owner = ?, until_ms = ? WHERE owner IS ? OR until_ms < ?';
      const { changes } = db.run(sql, world.process, world.now() + leaseMs, world.process, world.now());
      if (changes === 1) world.observe('taken', null);
      return changes === 1;
    });
  /** Looks and writes in one transaction. */
  const write = (n: number): void =>
    db.immediate(() => {
      const owner = db.get('SELECT owner FROM lease')?.['owner'];
      if (fixed && owner !== world.process) return;
      world.observe('wrote', null);
      db.run('INSERT INTO done VALUES(?, ?)', world.process, n);
    });
  for (let n = 0; n < rounds; n++) {
    while (!take()) world.sleep(5);
    for (let part = 0; part < parts; part++) {
      world.sleep(1 + Math.floor(world.random() * partMs));
      db.get('SELECT count(*) FROM done');
    }
    write(n);
    world.sleep(1 + Math.floor(world.random() * 20));
  }
  db.close();
}
