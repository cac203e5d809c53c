// Lane programs of hazards.test.ts: each observes what it sees.
import { type Connection, FileError, type Json, SqlError, type World } from './world.ts';

const file = 'lab.db';

function codeOf(body: () => void): string {
  try {
    body();
    return 'done';
  } catch (error) {
    if (error instanceof SqlError || error instanceof FileError) return error.code;
    throw error;
  }
}

/** @param args the journal mode */
export function setup(world: World, args: Json): void {
  const journal = args as 'wal' | 'delete';
  const db = world.open(file);
  db.exec(`CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT); PRAGMA journal_mode=${journal}`);
  db.close();
}

const count = (db: Connection) => Number(db.get('SELECT count(*) AS n FROM t')?.['n']);

function fill(db: Connection, rows: number): void {
  db.immediate(() => {
    db.run('DELETE FROM t');
    for (let k = 0; k < rows; k++) db.run('INSERT INTO t VALUES(?, ?)', k, 'x'.repeat(400));
  });
}

function backups(world: World): Json {
  const db = world.open(file);
  fill(db, 60);
  const made = db.backup('copy.db');
  const left = [made.step(2), made.step(2)];
  db.run('INSERT INTO t VALUES(1000, NULL)'); // by the same connection: the backup follows
  while (made.step(5) !== 0) left.push(0);
  made.close();
  const half = db.backup('half.db');
  half.step(1);
  half.close();
  const copy = world.open('copy.db');
  const other = world.open('half.db');
  const seen = [left.map((one) => typeof one), count(copy), other.all('SELECT * FROM sqlite_master').length];
  for (const one of [copy, other, db]) one.close();
  return seen;
}

function vfses(world: World): Json {
  const dotted = world.open('dotted.db', { vfs: 'unix-dotfile' });
  dotted.exec('CREATE TABLE u(x); BEGIN IMMEDIATE');
  const held = world.files.list('.').filter((name) => name.endsWith('.lock'));
  const byDot = world.open('dotted.db', { vfs: 'unix-dotfile', busyTimeoutMs: 0 });
  const byLock = world.open('dotted.db', { busyTimeoutMs: 0 });
  const refused = [byDot, byLock].map((db) => codeOf(() => db.exec('BEGIN IMMEDIATE')));
  for (const db of [byLock, byDot, dotted]) db.close();
  const unknown = codeOf(() => world.open(file, { vfs: 'unix-strange' as 'unix' }));
  return [held, refused, unknown, world.files.list('.').filter((name) => name.endsWith('.lock'))];
}

function defences(world: World): Json {
  return [true, false].map((defensive) => {
    const db = world.open(file, { defensive });
    const mode = (wanted: string) => String(db.get(`PRAGMA journal_mode=${wanted}`)?.['journal_mode']);
    const seen = [mode('delete'), mode('off')];
    db.close();
    return seen;
  });
}

function pokes(world: World): Json {
  const poke = (name: string) => codeOf(() => world.files.poke(name, new Uint8Array([0]), 4000));
  const db = world.open(file);
  db.exec('PRAGMA journal_mode=WAL; PRAGMA mmap_size=1000000');
  fill(db, 60);
  db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  count(db);
  const seen = [poke(file), poke(`${file}-shm`), poke('none.db')];
  db.close();
  return seen;
}

function numbers(world: World): Json {
  const log = world.files.open('log', 'w+');
  log.close();
  const nothing = codeOf(() => world.files.reuse(log));
  const db = world.open(file);
  const meant = world.files.reuse(log);
  const header = new TextDecoder().decode(meant.read(13, 0));
  db.close();
  return [nothing, meant.file, header, codeOf(() => meant.read(1, 0))];
}

/** All that both hosts can. */
export function tour(world: World): void {
  for (const [kind, see] of Object.entries({ backups, vfses, defences, pokes, numbers }))
    world.observe(kind, see(world));
}

/** @param args whether its wal-index is its own */
export function apart(world: World, args: Json): void {
  const db = world.open(file, { walIndex: args === true ? 'alone' : 'shared', busyTimeoutMs: 60_000 });
  for (let n = 0; n < 3; n++) {
    db.run('INSERT INTO t VALUES(NULL, ?)', world.process);
    world.sleep(2);
  }
  world.observe('rows', count(db));
  db.close();
}

/** Forks with a connection open, in a transaction. */
export function forking(world: World): void {
  const db = world.open(file);
  db.exec('BEGIN IMMEDIATE');
  db.run("INSERT INTO t VALUES(1, 'parent')");
  world.fork('child', (child) => {
    child.observe('child', { inTransaction: db.inTransaction, process: child.process });
    db.close(); // rolls back what its parent has begun
  });
  const ending = world.wait('child') as unknown as Json;
  world.observe('parent', { ending, committed: codeOf(() => db.exec('COMMIT')) });
}

/** Two copies of SQLite in one process: the second knows nothing of the first one's locks. */
export function twice(world: World): void {
  const first = world.open(file);
  first.exec('BEGIN IMMEDIATE');
  world.look('held');
  const second = world.open(file, { library: 2, readonly: true });
  const rows = count(second);
  second.close();
  world.look('lost');
  world.observe('rows', rows);
  first.exec('ROLLBACK');
  first.close();
}
