// Lane programs of second-name.test-support.ts.
import type { World, Json } from '../../harness/lane/world.ts';

export function setup(world: World, args: Json): void {
  const { rows } = args as { rows: number };
  const db = world.open('cache.db');
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT); CREATE INDEX t_v ON t(v); CREATE TABLE log(n INT)');
  db.immediate(() => {
    for (let k = 0; k < rows; k++) db.run('INSERT INTO t VALUES(?, ?)', k, `old-${'x'.repeat(k % 50)}-${k}`);
  });
  db.close();
}

/** Links here, not in setup: a run starts on copies of the files that setup made, where a hard link is none. */
export function worker(world: World): void {
  world.files.link('cache.db', 'alias.db');
  const db = world.open('cache.db');
  db.run("UPDATE t SET v = 'new-' || k || '-' || v");
  db.close();
}

export function janitor(world: World, args: Json): void {
  const { strategy, writes } = args as { strategy: string; writes: boolean };
  world.wait('worker');
  world.observe('came', { journal: world.files.exists('cache.db-journal') });
  const db = world.open(strategy === 'own-name' ? 'cache.db' : 'alias.db');
  const check = strategy === 'alias' ? 'ok' : String(db.get('PRAGMA integrity_check')?.['integrity_check']);
  const count = (like: string) => Number(db.get('SELECT count(*) AS n FROM t NOT INDEXED WHERE v LIKE ?', like)?.['n']);
  world.observe('read', { old: count('old-%'), fresh: count('new-%'), sound: check.slice(0, 200) });
  if (writes) {
    db.run('INSERT INTO log VALUES(1)');
    world.observe('committed', { table: 'log', keys: [1] });
  }
  db.close();
}
