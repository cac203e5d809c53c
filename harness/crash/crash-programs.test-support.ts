// Lane programs of the tests of power losses: right ones and wrong ones. Each keeps the ledger of what it has acknowledged.
import type { Connection, Json, World } from '../lane/world.ts';

export function setup(world: World, journal: Json): void {
  const db = world.open('lab.db');
  db.get(`PRAGMA journal_mode=${journal as string}`);
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT); CREATE INDEX t_v ON t(v)');
  db.close();
}

function commit(world: World, db: Connection, keys: readonly number[]): void {
  world.observe('committing', { table: 't', keys: [...keys] });
  db.immediate(() => {
    for (const k of keys) db.run('INSERT INTO t VALUES(?, ?)', k, `${world.lane} ${k}`);
  });
  world.observe('committed', { table: 't', keys: [...keys] });
}

/** Pairs of rows, a transaction each. `pragmas` come first. */
export function inserting(world: World, args: Json): void {
  const { from = 0, count, pragmas } = args as { from?: number; count: number; pragmas: string };
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  db.exec(pragmas);
  for (let i = 0; i < count; i++) {
    commit(world, db, [from + 2 * i, from + 2 * i + 1]);
    world.sleep(1);
  }
  db.close();
}

/** Rows of which each is in a file of its own beside the database, synced, before it is committed. */
export function journaling(world: World, pragmas: Json): void {
  const db = world.open('lab.db');
  db.exec(pragmas as string);
  for (const key of [1, 2, 3]) {
    const file = world.files.open(`row-${key}`, 'w');
    file.write(String(key), 0);
    file.sync();
    file.close();
    const folder = world.files.open('.', 'r');
    folder.sync();
    folder.close();
    commit(world, db, [key]);
  }
  db.close();
}

/** Brings back what has such a file, or only opens the database. */
export function bringingBack(world: World, brings: Json): void {
  const db = world.open('lab.db');
  for (const key of brings === true ? [1, 2, 3] : [])
    if (world.files.stat(`row-${key}`) !== undefined) db.run('INSERT OR IGNORE INTO t VALUES(?, ?)', key, 'back');
  db.close();
}

/** Says so before it commits. */
export function hasty(world: World, pragmas: Json): void {
  const db = world.open('lab.db');
  db.exec(pragmas as string);
  world.observe('committing', { table: 't', keys: [0] });
  db.exec('BEGIN IMMEDIATE');
  db.run('INSERT INTO t VALUES(0, ?)', 'hasty');
  world.observe('committed', { table: 't', keys: [0] });
  db.exec('COMMIT');
  db.close();
}

/** Makes a new database beside the old one, and has it take the old one's name: the file is synced, and the folder, or not. */
export function replacing(world: World, args: Json): void {
  const { syncFile, syncFolder } = args as { syncFile: boolean; syncFolder: boolean };
  const db = world.open('lab.db');
  db.exec('PRAGMA synchronous=FULL');
  db.exec("VACUUM INTO 'new.db'");
  db.close();
  const next = world.open('new.db');
  next.exec('PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY');
  world.observe('committing', { table: 't', keys: [0] });
  next.run('INSERT INTO t VALUES(0, ?)', 'new');
  next.close();
  if (syncFile) {
    const file = world.files.open('new.db', 'r+');
    file.sync();
    file.close();
  }
  world.files.rename('new.db', 'lab.db');
  if (syncFolder) {
    const folder = world.files.open('.', 'r');
    folder.sync();
    folder.close();
  }
  world.observe('committed', { table: 't', keys: [0] });
}

/** Rows, and then a copy with all of them, not synced, that takes the database's name. */
export function replacingSilently(world: World): void {
  const db = world.open('lab.db');
  db.exec('PRAGMA synchronous=EXTRA');
  commit(world, db, [1, 2]);
  db.close();
  world.files.copy('lab.db', 'new.db');
  world.files.rename('new.db', 'lab.db');
  const folder = world.files.open('.', 'r');
  folder.sync();
  folder.close();
}

/** Puts the database aside for a while, as a person does; what is committed in between goes to another file of that name, which goes. */
export function puttingAside(world: World, pragmas: Json): void {
  const inserted = (keys: readonly number[]): void => {
    const db = world.open('lab.db');
    db.exec(pragmas as string);
    commit(world, db, keys);
    db.close();
  };
  inserted([1, 2]);
  const sync = (): void => {
    const folder = world.files.open('.', 'r');
    folder.sync();
    folder.close();
  };
  world.files.rename('lab.db', 'aside.db');
  sync();
  world.sleep(1000);
  world.files.rename('aside.db', 'lab.db');
  sync();
  inserted([3, 4]);
}

/** Plain files, in all ways that a World has. */
export function writingFiles(world: World): void {
  const { files } = world;
  files.mkdir('folder');
  files.write('folder/a', 'one');
  files.write('folder/a', 'three');
  files.copy('folder/a', 'b');
  files.link('b', 'c');
  files.symlink('b', 'd');
  files.rename('c', 'folder/c');
  const file = files.open('e', 'w');
  file.write('0123456789', 0);
  file.truncate(5);
  file.write('xy', 8);
  file.sync();
  file.close();
  const log = files.open('e', 'a');
  log.write('end', 0);
  files.unlink('e');
  log.write('unseen', 0);
  log.close();
  world.flock('the.lock', 'exclusive')?.release();
  files.unlink('b');
}

/** The same, and the last commits are not synced. */
export function forgetfulAndLoose(world: World): void {
  forgets(world, 'NORMAL');
}

/** Takes rows away again that it has acknowledged, and says nothing: harm without any power loss. */
export function forgetful(world: World): void {
  forgets(world, 'FULL');
}

function forgets(world: World, synchronous: string): void {
  const db = world.open('lab.db');
  db.exec(`PRAGMA synchronous=${synchronous}`);
  commit(world, db, [1, 2]);
  db.exec('DELETE FROM t WHERE k = 2');
  commit(world, db, [3, 4]);
  db.close();
}
