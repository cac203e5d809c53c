// Lane programs on a database whose name says nothing.
import type { Json } from '../model/values.ts';
import type { World } from '../lane/world.ts';

/** Makes a database of that name, in folders if it has any, with a table t(k, v). */
export function makes(world: World, args: Json): void {
  const { file } = args as { readonly file: string };
  const folders = file.split('/').slice(0, -1);
  for (const [i] of folders.entries()) world.files.mkdir(folders.slice(0, i + 1).join('/'));
  const db = world.open(file);
  db.exec('PRAGMA journal_mode=WAL; CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT)');
  db.close();
}

/** Holds a connection, and reads the file beside it; says what it writes. */
export function readsBeside(world: World, args: Json): void {
  const { file } = args as { readonly file: string };
  world.files.exists(file);
  const db = world.open(file);
  db.run('INSERT INTO t VALUES(1, ?)', 'mine');
  world.observe('committed', { table: 't', keys: [1] });
  world.files.read(file, { length: 16 });
  world.sleep(1000);
  db.run('INSERT INTO t VALUES(2, ?)', 'mine');
  world.observe('committed', { table: 't', keys: [2] });
  world.sleep(1000);
  db.close();
}

/** Connects and leaves meanwhile: it takes itself for the last. */
export function comesAndGoes(world: World, args: Json): void {
  const { file } = args as { readonly file: string };
  world.sleep(500);
  const db = world.open(file);
  db.run('INSERT INTO t VALUES(10, ?)', 'visitor');
  world.observe('committed', { table: 't', keys: [10] });
  db.close();
}

/** Opens further databases, of which no scenario says anything, and then works on one of another process raw. */
export function opensOther(world: World, args: Json): void {
  const { own, other } = args as { readonly own: string; readonly other: string };
  world.files.exists(other);
  const db = world.open(own);
  db.exec('CREATE TABLE IF NOT EXISTS x(y)');
  world.sleep(100);
  world.files.read(other, { length: 16 });
  world.files.read(own, { length: 16 });
  const path = String(db.get("SELECT file FROM pragma_database_list WHERE name = 'main'")?.['file']);
  db.run('VACUUM INTO ?', `${path}.copy`);
  world.files.read(`${own}.copy`, { length: 16 });
  db.close();
}
