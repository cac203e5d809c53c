// Lane programs of shrunk-mapping.test-support.ts.
import type { World, Json } from '../../harness/lane/world.ts';

export function setup(world: World, args: Json): void {
  const { rows } = args as { rows: number };
  const db = world.open('app.db');
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, payload TEXT)');
  db.immediate(() => {
    for (let k = 0; k < rows; k++) db.run('INSERT INTO t VALUES(?, ?)', k, 'x'.repeat(500));
  });
  db.get('PRAGMA journal_mode=WAL');
  db.close();
}

export function reader(world: World, args: Json): void {
  const { scans, mmap, strategy } = args as { scans: number; mmap: boolean; strategy: string };
  const open = () => {
    const db = world.open('app.db', { busyTimeoutMs: 60_000 });
    db.exec(`PRAGMA mmap_size=${mmap ? 67_108_864 : 0}; PRAGMA cache_size=10`);
    return db;
  };
  const take = () => world.flock('swap.lock', 'shared', { timeoutMs: 100_000, pollMs: 3 });
  let gate = take();
  let db = open();
  for (let i = 0; i < scans; i++) {
    db.exec('BEGIN');
    db.get('SELECT sum(length(payload)) FROM t WHERE k % 2 = 0');
    world.step('between');
    db.get('SELECT sum(length(payload)) FROM t');
    db.exec('COMMIT');
    if (strategy === 'build-aside') {
      db.close();
      gate?.release();
      world.sleep(5);
      gate = take();
      db = open();
    } else world.sleep(5);
  }
  db.close();
}

export function sibling(world: World, args: Json): void {
  const { atMs, strategy } = args as { atMs: number; strategy: string };
  world.sleep(atMs);
  const size = () => world.files.stat('app.db')?.size ?? 0;
  const before = size();
  const aside = strategy === 'build-aside';
  const rewrite = strategy.startsWith('rewrite');
  if (rewrite || aside) world.files.copy('app.db', 'tmp.db');
  const db = world.open(rewrite || aside ? 'tmp.db' : 'app.db', { busyTimeoutMs: 60_000 });
  db.exec('DELETE FROM t WHERE k > 20; VACUUM');
  db.get(`PRAGMA wal_checkpoint(${strategy === 'passive' ? 'PASSIVE' : 'TRUNCATE'})`);
  db.close();
  if (rewrite) world.files.write('app.db', world.files.read('tmp.db'));
  if (aside) {
    const gate = world.flock('swap.lock', 'exclusive', { timeoutMs: Infinity });
    for (const file of ['app.db-wal', 'app.db-shm']) if (world.files.exists(file)) world.files.unlink(file);
    world.files.rename('tmp.db', 'app.db');
    gate?.release();
  }
  world.observe('shrunk', { before, after: size() });
}
