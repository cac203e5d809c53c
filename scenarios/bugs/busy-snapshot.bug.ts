import { type Json, SqlError, type World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { firstSaid } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'busy-snapshot',
  about: 'a transaction begins with a read, goes on with a write, and takes no busy timeout to be refused',
  kind: 'use',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /was refused with SQLITE_BUSY/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE t(n INT); INSERT INTO t VALUES(0); ${noise}`,
  queries: {},
  processes: (draw) =>
    ['a', 'b'].map((name) => ({ name, program: 'user', args: { before: draw(2, 10), after: draw(1, 6) } })),
  rule: 'a write within the busy timeout is not refused',
  broken: (history) => {
    const refused = firstSaid(history, 'refused');
    return refused === undefined ? undefined : `${refused.lane} was refused with ${refused.said}`;
  },
};

export function user(world: World, args: Json): void {
  const { before, after, fixed } = args as Told<{ before: number; after: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  db.exec(fixed ? 'BEGIN IMMEDIATE' : 'BEGIN');
  try {
    const n = Number(db.get('SELECT n FROM t')?.['n']);
    db.run('UPDATE t SET n = ?', n + 1);
    db.exec('COMMIT');
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    world.observe('refused', error.code);
    db.exec('ROLLBACK');
  }
  work(world, db, after);
  db.close();
}
