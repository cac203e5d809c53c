// Lane programs of schema-version.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, openFile } from './common.program.ts';

/** Prepares its statements before the schema changes, and goes on with them. */
export function writer(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  const db = openFile(world);
  commitPair(world, db, 0);
  world.sleep(5);
  world.spawn('changer', 'changer', { way });
  world.wait('changer');
  for (let i = 1; i < transactions; i++) {
    commitPair(world, db, i);
    world.sleep(1);
  }
  db.close();
}

export function changer(world: World, args: Json): void {
  const { way } = args as { way: string };
  const db = openFile(world, { defensive: way === 'version-put-back-defensive' });
  const before = Number(db.get('PRAGMA schema_version')?.['schema_version']);
  db.immediate(() => {
    db.exec(way === 'column-added' ? 'ALTER TABLE t ADD COLUMN more TEXT' : 'CREATE INDEX t_n ON t(n, payload)');
    if (way.startsWith('version-put-back')) db.exec(`PRAGMA schema_version=${before}`);
  });
  world.observe('reached', null);
  db.close();
}

/** One transaction over all that the others do: in it the schema may not change. */
export function reader(world: World): void {
  const db = openFile(world);
  const schema = () => JSON.stringify(db.all('SELECT name, sql FROM sqlite_schema ORDER BY name'));
  const rows = () => JSON.stringify(db.all('SELECT * FROM t ORDER BY id'));
  db.exec('BEGIN');
  const seen = [schema(), rows()];
  world.wait('writer');
  const again = [schema(), rows()];
  db.exec('COMMIT');
  if (again.some((one, i) => one !== seen[i])) throw new Error('what a transaction reads has changed in it');
  if (!/\bmore\b|\bt_n\b/.test(schema())) throw new Error('the changed schema is not seen after the transaction');
  db.close();
}
