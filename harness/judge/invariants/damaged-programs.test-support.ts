// A program for damaged-by-plan.test.ts: fills two tables and says so, and on request loses a row without a word, before or
// after half a second, when the plan strikes.
import type { World } from '../../lane/world.ts';
import type { Json } from '../../model/values.ts';

interface Losses {
  readonly before?: string;
  readonly after?: string;
}

export function keeping(world: World, args: Json): void {
  const { before, after } = args as Losses;
  const db = world.open('lab.db');
  db.run('CREATE TABLE u(k INTEGER PRIMARY KEY, v TEXT)');
  db.run('CREATE INDEX u_v ON u(v)');
  const commit = (table: 't' | 'u', from: number): void => {
    const rows = Array.from({ length: 50 }, (_, i) => from + i);
    db.immediate(() => {
      for (const k of rows) db.run(`INSERT INTO ${table}(k, v) VALUES(?, ?)`, k, `${k} ${'x'.repeat(80)}`);
    });
    world.observe('committed', { table: 'all', keys: rows.map((k) => `${table}:${k}`) });
  };
  for (let from = 0; from < 400; from += 50) for (const table of ['t', 'u'] as const) commit(table, from);
  if (before !== undefined) db.run(before);
  db.run('PRAGMA wal_checkpoint(TRUNCATE)');
  world.sleep(1000);
  commit('u', 400);
  if (after !== undefined) db.run(after);
  db.close();
}
