// Lane programs of old-bugs.ts.
import { type Connection, type Json, SqlError, type World } from '../../harness/lane/world.ts';
import { commitPair, openFile, rowsOf } from './common.program.ts';

/** Goes between the modes, as long as nobody else has the database open, and vacuums. */
export function switcher(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  for (let i = 0; i < transactions; i++) {
    const db = openFile(world);
    world.observe('reached', null);
    attempt(world, db, `PRAGMA journal_mode=${i % 2 === 0 ? 'WAL' : 'DELETE'}`);
    commitPair(world, db, i);
    attempt(world, db, 'VACUUM');
    db.close();
    world.sleep(1);
  }
}

/** Whoever is kept out, or meets an error of the disk, lets it be. */
function attempt(world: World, db: Connection, sql: string): void {
  try {
    db.exec(sql);
  } catch (error) {
    if (!(error instanceof SqlError) || !/^SQLITE_(BUSY|IOERR|LOCKED)/.test(error.code)) throw error;
    world.observe('kept-out', error.code);
  }
}

/** An error of the disk, or what it leaves behind: a lock that could not be given back keeps others out. */
const met = /^SQLITE_(IOERR|BUSY|PROTOCOL)/;

/** Goes on after errors of the disk, with the connection that met them. */
export function stubborn(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  world.observe('reached', null);
  for (let i = 0; i < transactions; i++) {
    try {
      commitPair(world, db, i);
    } catch (error) {
      if (!(error instanceof SqlError) || !met.test(error.code)) throw error;
      world.observe('gave-up', error.code);
    }
    world.sleep(1);
  }
  db.close();
}

/** Takes rows away and gives the room back, while another reads all. */
export function shrinker(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  world.observe('reached', null);
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i);
    const { table, keys } = rowsOf(world, i);
    world.observe('committing', { table, keys: [], gone: keys });
    db.immediate(() => db.run('DELETE FROM t WHERE writer = ? AND n >= ?', world.process, 2 * i));
    attempt(world, db, 'PRAGMA incremental_vacuum; VACUUM');
    world.sleep(1);
  }
  db.close();
}

/** Reads all rows by both indexes, again and again, with what it remembers of the last time. */
export function reader(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world, { readonly: true });
  for (let i = 0; i < 2 * transactions; i++) {
    db.all('SELECT payload FROM t ORDER BY payload');
    world.sleep(1);
    db.all('SELECT n FROM t ORDER BY writer, n');
    world.sleep(1);
  }
  db.close();
}

/** Savepoints in savepoints, each with more than its cache holds, their journals in memory, some of them taken back. */
export function nester(world: World, args: Json): void {
  const { transactions, depth } = args as { transactions: number; depth: number };
  const db = openFile(world);
  db.exec('PRAGMA cache_size=4; PRAGMA temp_store=MEMORY'); // the bug was in journals that are held in memory
  world.observe('reached', null);
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i, () => {
      for (let level = 0; level < depth; level++) {
        db.exec(`SAVEPOINT s${level}`);
        db.run('UPDATE t SET payload = substr(payload, 7) || substr(payload, 1, 6) WHERE id % 4 = ?', level % 4);
      }
      for (let level = depth - 1; level >= 0; level--)
        db.exec(level % 2 === i % 2 ? `ROLLBACK TO s${level}; RELEASE s${level}` : `RELEASE s${level}`);
    });
    world.sleep(1);
  }
  db.close();
}
