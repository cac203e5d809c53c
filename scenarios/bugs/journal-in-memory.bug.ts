import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { rowsOf } from './facts.ts';

export const bug: PlantedBug = {
  name: 'journal-in-memory',
  about: 'the rollback journal is kept in memory, and the writer is killed in a COMMIT',
  kind: 'mutant',
  depth: 1,
  engine: '3.51.2',
  signature: { invariants: ['integrity', 'whole-transactions', 'planted'], says: /./ },
  schema: `PRAGMA page_size=512; CREATE TABLE t(n INTEGER PRIMARY KEY, v TEXT, w TEXT); CREATE INDEX t_v ON t(v);`,
  queries: { t: 'SELECT DISTINCT w FROM t NOT INDEXED' },
  processes: (draw) => [
    { name: 'writer', program: 'writer', args: { rows: draw(8, 30), commits: draw(4, 8) } },
    { name: 'reader', program: 'reader', args: { reads: draw(1, 4) } },
  ],
  faults: (draw) => [{ kind: 'kill', at: { lane: 'writer', op: 'write', role: 'db', nth: draw(1, 120) } }],
  rule: 'all rows are of one commit',
  broken: (history) => {
    const rows = rowsOf(history, 't');
    return rows.length > 1 ? `rows of ${rows.length} commits stand side by side` : undefined;
  },
};

export function writer(world: World, args: Json): void {
  const { rows, commits, fixed } = args as Told<{ rows: number; commits: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  db.get(`PRAGMA journal_mode=${fixed ? 'DELETE' : 'MEMORY'}`);
  for (let n = 0; n < commits; n++)
    db.immediate(() => {
      for (let row = 0; row < rows; row++)
        db.run('REPLACE INTO t VALUES(?, ?, ?)', row, `${n}-${'x'.repeat(40)}-${row}`, String(n));
    });
  db.close();
}

export function reader(world: World, args: Json): void {
  const { reads } = args as { reads: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < reads; n++) {
    db.get('SELECT count(*) FROM t');
    world.sleep(1);
  }
  db.close();
}
