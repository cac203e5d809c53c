import { type Json, SqlError, type World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'fingerprint-not-compared',
  about: 'a database is replaced under a lock while a writer that has it open looks at its inode only now and then',
  kind: 'mutant',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['acknowledged-commits'], says: /acknowledged rows are gone/ },
  schema: 'CREATE TABLE t(k TEXT);',
  queries: { t: 'SELECT k FROM t' },
  processes: (draw) => [
    { name: 'writer', program: 'writer', args: { commits: draw(6, 12), everyMs: 3 } },
    { name: 'restorer', program: 'restorer', args: { afterMs: draw(1, 20) } },
  ],
  rule: 'nothing more than that acknowledged rows stay',
  broken: () => undefined,
};

export function writer(world: World, args: Json): void {
  const { commits, everyMs, fixed } = args as Told<{ commits: number; everyMs: number }>;
  let db = world.open('app.db', { busyTimeoutMs: 60_000 });
  let inode = world.files.stat('app.db')?.inode;
  for (let n = 0; n < commits; n++) {
    if (fixed || n % 4 === 0) {
      const lock = world.flock('app.lock', 'exclusive', { timeoutMs: 60_000, pollMs: 1 });
      const now = world.files.stat('app.db')?.inode;
      if (now !== inode) {
        db.close();
        db = world.open('app.db', { busyTimeoutMs: 60_000 });
        inode = now;
      }
      if (fixed) commit();
      lock?.release();
    }
    if (!fixed) commit();
    world.sleep(1 + Math.floor(world.random() * everyMs));

    function commit(): void {
      const key = `${world.process}:${n}`;
      try {
        db.run('INSERT INTO t VALUES(?)', key);
        world.observe('committed', { table: 't', keys: [key] });
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        world.observe('refused', error.code); // SQLite looks at the inode too, as a transaction begins
      }
    }
  }
  db.close();
}

/** Puts a copy of all rows in the place of the database, under the lock. */
export function restorer(world: World, args: Json): void {
  const { afterMs } = args as { afterMs: number };
  world.sleep(afterMs);
  const lock = world.flock('app.lock', 'exclusive', { timeoutMs: 60_000, pollMs: 1 });
  const from = world.open('app.db', { busyTimeoutMs: 60_000 });
  const rows = from.all('SELECT k FROM t');
  from.close();
  const to = world.open('new.db');
  to.exec('CREATE TABLE t(k TEXT)');
  to.immediate(() => {
    for (const row of rows) to.run('INSERT INTO t VALUES(?)', String(row['k']));
  });
  to.close();
  world.files.rename('new.db', 'app.db');
  lock?.release();
}
