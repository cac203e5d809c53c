// Lane programs of ofd-locks.ts.
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { armDescriptors, sharedBytes } from '../../src/board-file/ofd-lock.ts';
import { commitPair, file, openFile } from './common.program.ts';

export { committer as other } from './common.program.ts';

/** Drops all locks that SQLite has on these files. */
function readRaw(world: World): void {
  for (const name of [file, `${file}-shm`]) if (world.files.exists(name)) world.files.read(name, { length: 100 });
  world.observe('reached', null);
}

function visit(world: World, name: string): void {
  world.spawn('other', name, { transactions: 1 });
  world.wait(name);
}

/** In WAL mode, beside others that come and go. */
function inWal(world: World, db: Connection, transactions: number): void {
  visit(world, 'other-1');
  for (let i = 1; i < transactions; i++) commitPair(world, db, i);
  visit(world, 'other-2');
}

/** Without the lock of the process that SQLite would not know of: with it, whoever waits here keeps out the one he waits for. */
function lift(world: World): void {
  for (const one of world.files.descriptors(file)) one.unlock('descriptor', sharedBytes);
}

/** With a rollback journal, beside another that waits for its turn as long as the lock is there. */
function inTurns(world: World, db: Connection, transactions: number, isLifted: boolean): void {
  world.spawn('other', 'other', { transactions });
  for (let i = 1; i < transactions; i++) {
    world.sleep(1);
    if (isLifted) lift(world);
    commitPair(world, db, i);
    if (isLifted) armDescriptors(world, file);
  }
  lift(world);
}

export function app(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  const db = openFile(world);
  commitPair(world, db, 0);
  if (way !== 'posix-alone') armDescriptors(world, file);
  readRaw(world);
  if (way.endsWith('commit')) inTurns(world, db, transactions, way === 'ofd-lifted-for-a-commit');
  else inWal(world, db, transactions);
  db.close();
}
