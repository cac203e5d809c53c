// Lane programs of schema-memory.test-support.ts.
import type { Connection, World, Json } from '../../harness/lane/world.ts';

const schema = 'CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, who TEXT, n INT)';

export function setup(world: World): void {
  const db = world.open('app.db');
  db.get('PRAGMA journal_mode=WAL');
  db.exec(schema);
  db.close();
}

function connect(world: World, strategy: string): Connection {
  const missing = strategy === 'exists-check' && !world.files.exists('app.db');
  const db = world.open('app.db');
  const table = () => db.get("SELECT 1 FROM sqlite_master WHERE name = 't'");
  const known = world.shared.get('init:app.db') !== undefined && !missing;
  if (known && (strategy !== 'sentinel-table' || table() !== undefined)) return db;
  db.get('PRAGMA journal_mode=WAL');
  db.exec(schema);
  world.shared.set('init:app.db', true);
  return db;
}

export function ticker(world: World, args: Json): void {
  const { strategy } = args as { strategy: string };
  for (let n = 0; !world.stopping(); n++) {
    let db: Connection | undefined;
    try {
      db = connect(world, strategy);
      db.run('INSERT INTO t(who, n) VALUES(?, ?)', world.process, n);
      world.observe('committed', { table: 't', keys: [`${world.process}:${n}`] });
      world.observe('tick', { ok: true, error: '' });
    } catch (error) {
      world.observe('tick', { ok: false, error: String(error) });
    } finally {
      db?.close();
    }
    world.sleep(20_000);
  }
}

export function person(world: World, args: Json): void {
  const { removeMs } = args as { removeMs: number };
  world.sleep(removeMs);
  world.look('removing');
  for (const file of ['app.db', 'app.db-wal', 'app.db-shm']) if (world.files.exists(file)) world.files.unlink(file);
}
