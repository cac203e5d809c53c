// Lane programs of two-copies.test-support.ts.
import type { World, Json } from '../../harness/lane/world.ts';

export function setup(world: World): void {
  const db = world.open('app.db');
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, writer TEXT, n INT); CREATE INDEX t_n ON t(writer, n)');
  db.get('PRAGMA journal_mode=WAL');
  db.close();
}

export function writer(world: World, args: Json): void {
  const { commits, pages } = args as { commits: number; pages: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  db.exec(`PRAGMA wal_autocheckpoint=${pages}`);
  for (let n = 0; n < commits; n++) {
    db.run('INSERT INTO t(writer, n) VALUES(?, ?)', world.process, n);
    world.observe('wrote', null);
    world.sleep(1 + Math.floor(world.random() * 3));
  }
  world.wait('backup'); // The last close is a checkpoint too.
  db.close();
}

/** Reads of this process drop no lock: it has no connection when it reads. */
function inPieces(world: World, from: string, to: string): void {
  const size = world.files.stat(from)?.size ?? 0;
  const whole = new Uint8Array(size);
  for (let offset = 0; offset < size; offset += 4096) {
    whole.set(world.files.read(from, { offset, length: Math.min(4096, size - offset) }), offset);
    if (world.random() < 0.5) world.sleep(1);
  }
  world.files.write(to, whole);
}

export function backup(world: World, args: Json): void {
  const { strategy, afterMs, betweenMs } = args as { strategy: string; afterMs: number; betweenMs: number };
  const salt = () => (world.files.exists('app.db-wal') ? world.files.read('app.db-wal', { length: 32 }).join() : '');
  world.sleep(afterMs);
  const db = world.open('app.db');
  const keys = db.all("SELECT writer || ':' || n AS k FROM t").map((row) => String(row['k']));
  world.observe('committed', { table: 't', keys });
  world.observe('backup-begins', null);
  if (strategy === 'vacuum-into') {
    // A relative name would mean the folder in which lockstep was started.
    const path = String(db.get('PRAGMA database_list')?.['file']);
    db.run('VACUUM INTO ?', path.replace('app.db', 'backup.db'));
    db.close();
    world.observe('backup-ends', null);
    return;
  }
  db.close();
  const before = salt();
  const copy = strategy === 'in-pieces' ? inPieces : (_: World, from: string, to: string) => world.files.copy(from, to);
  copy(world, 'app.db', 'backup.db');
  if (strategy === 'two-copies-at-once') world.step('between');
  else world.sleep(betweenMs);
  if (world.files.exists('app.db-wal')) copy(world, 'app.db-wal', 'backup.db-wal');
  world.observe('backup-ends', salt() !== before);
}
