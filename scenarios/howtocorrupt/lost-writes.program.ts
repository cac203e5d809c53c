// Lane programs of lost-writes.ts and full-disk.ts.
import { type Json, SqlError, type World } from '../../harness/lane/world.ts';
import { addRow, commitPair, openFile, rowsOf } from './common.program.ts';

/** What SQLite says when a disk is full, or a transaction was rolled back for that. */
const given: ReadonlySet<string> = new Set([
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_CANTOPEN',
]);

/** @returns false where the transaction was given up, and nothing is left of it */
function tried(world: World, body: () => void, rollBack: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    if (!(error instanceof SqlError) || !given.has(error.code)) throw error;
    world.observe('gave-up', error.code);
    rollBack();
    return false;
  }
}

/** Commits, and gives up a transaction for which there is no room. */
export function writer(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  world.observe('reached', null);
  for (let i = 0; i < transactions; i++) {
    tried(
      world,
      () => commitPair(world, db, i),
      () => undefined,
    );
    world.sleep(1);
  }
  db.close();
}

/** The same by savepoints: the second row of each transaction may be given up by itself. */
export function nester(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  db.exec('PRAGMA cache_size=4'); // statements spill their pages, and savepoints have much to take back
  world.observe('reached', null);
  for (let i = 0; i < transactions; i++) {
    const { table, keys } = rowsOf(world, i);
    const undo = () => (db.inTransaction ? db.exec('ROLLBACK') : undefined);
    const kept: string[] = [];
    const committed = tried(
      world,
      () => {
        db.exec('BEGIN IMMEDIATE');
        addRow(world, db, 2 * i);
        kept.push(String(keys[0]));
        const nested = tried(
          world,
          () => {
            db.exec('SAVEPOINT one');
            addRow(world, db, 2 * i + 1);
            db.run('UPDATE t SET payload = substr(payload, 7) || substr(payload, 1, 6) WHERE id % 3 = ?', i % 3);
            db.exec('RELEASE one');
          },
          () => (db.inTransaction ? db.exec('ROLLBACK TO one; RELEASE one') : undefined),
        );
        if (nested) kept.push(String(keys[1]));
        if (!db.inTransaction) throw new SqlError('SQLITE_FULL', 'all of the transaction was rolled back');
        world.observe('committing', { table, keys: kept });
        db.exec('COMMIT');
      },
      undo,
    );
    if (committed) world.observe('committed', { table, keys: kept });
    world.sleep(1);
  }
  db.close();
}
