// Lane programs of init-lock.test-support.ts.
import type { Connection, World, Json } from '../../harness/lane/world.ts';

const lockFile = 'app.db.init.lock';
const tables = ['t(id INTEGER PRIMARY KEY, who TEXT, n INT)', 'a(x)', 'b(x)', 'c(x)'];

export function setup(world: World): void {
  const db = world.open('app.db');
  db.get('PRAGMA journal_mode=WAL');
  db.close();
}

/** Makes the schema, slowly, where there is none; a part of it is taken for corruption. */
function open(world: World, slowMs: number, locked: boolean): Connection | undefined {
  const db = world.open('app.db', { busyTimeoutMs: 30_000 });
  const there = Number(db.get("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'")?.['n']);
  if (there === tables.length) return db;
  if (there > 0) {
    world.observe('refused', { locked });
    db.close();
    return undefined;
  }
  for (const table of tables) {
    db.exec(`CREATE TABLE IF NOT EXISTS ${table}`);
    world.sleep(slowMs / tables.length + 1);
  }
  return db;
}

function connect(world: World, strategy: string, slowMs: number): Connection | undefined {
  if (strategy !== 'blocking' && world.shared.get('made') !== undefined) return open(world, slowMs, false);
  let lock = world.flock(lockFile, 'exclusive', { timeoutMs: 10_000, pollMs: 500 });
  if (lock === undefined) {
    world.observe('lock-kept-from', null);
    if (strategy === 'bounded-skip') return undefined;
    if (strategy === 'blocking') lock = world.flock(lockFile, 'exclusive', { timeoutMs: Infinity, pollMs: 2000 });
  }
  const db = open(world, slowMs, lock !== undefined);
  if (db !== undefined) world.shared.set('made', true);
  lock?.release();
  return db;
}

export function gateway(world: World, args: Json): void {
  const { strategy, slowMs, intervalMs } = args as { strategy: string; slowMs: number; intervalMs: number };
  world.observe('up', null);
  for (let n = 0; !world.stopping(); n++) {
    const db = connect(world, strategy, slowMs);
    if (db !== undefined) {
      db.run('INSERT INTO t(who, n) VALUES(?, ?)', world.process, n);
      world.observe('committed', { table: 't', keys: [`${world.process}:${n}`] });
      db.close();
    }
    world.observe('tick', null);
    world.sleep(intervalMs);
  }
}

export function holder(world: World, args: Json): void {
  const { holdFromMs } = args as { holdFromMs: number };
  world.sleep(holdFromMs);
  const lock = world.flock(lockFile, 'exclusive', { timeoutMs: 60_000 });
  while (!world.stopping()) world.sleep(60_000);
  lock?.release();
}
