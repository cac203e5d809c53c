// Lane programs that keep descriptors of plain files, and wait for file locks.
import type { Json } from '../model/values.ts';
import { FileError, type World } from './world.ts';

/** Has a connection open, and beside it a descriptor of the database, which it closes. */
export function closesBeside(world: World, args: Json): void {
  const { file } = args as { readonly file: string };
  const db = world.open(file);
  db.get('SELECT count(*) AS n FROM t');
  const held = world.files.open(file, 'r');
  world.observe('header', held.read(15, 0).length);
  world.look('held');
  world.sleep(100);
  held.close();
  world.look('closed');
  world.sleep(100);
  db.close();
}

/** Has a connection open, with a lock on its descriptor, and loses the locks of its process; closes it when it has given that back. */
export function holdsOn(world: World): void {
  const shared = { offset: 0x4000_0002, length: 510 };
  const db = world.open('lab.db');
  db.get('SELECT count(*) AS n FROM t');
  const second = world.open('lab.db');
  second.get('SELECT count(*) AS n FROM t');
  const [first, ...more] = world.files.descriptors('lab.db');
  const index = world.files.descriptors('lab.db-shm');
  world.observe('found', [1 + more.length, index.length, world.files.descriptors('lab.db-journal').length]);
  const locked = [first?.lock('descriptor', shared), index[0]?.lock('descriptor', { offset: 128, length: 1 })];
  world.observe('locked', locked as Json);
  world.files.read('lab.db', { length: 64 });
  world.look('lost');
  world.sleep(200);
  world.observe('taken', first?.lock('process', shared) ?? null);
  first?.unlock('descriptor', shared);
  index[0]?.unlock('descriptor', { offset: 128, length: 1 });
  world.look('taken');
  second.close();
  db.close();
  world.observe('left', world.files.list());
}

/** Tightens the mode of a database by a descriptor. */
export function tightens(world: World): void {
  const db = world.open('lab.db');
  db.get('SELECT count(*) AS n FROM t');
  const held = world.files.open('lab.db', 'r');
  held.chmod(0o600);
  held.close();
  world.look('closed');
  db.close();
}

/** Waits until the other has lost its locks, and connects: by itself, as far as the kernel knows. */
export function visits(world: World, args: Json): void {
  const { file, atMs } = args as { readonly file: string; readonly atMs: number };
  world.sleep(atMs);
  const db = world.open(file);
  db.run('INSERT INTO t VALUES(?, ?)', 1000 + atMs, 'visitor');
  db.close();
}

/** Writes into a database by a descriptor, and on when its name is gone. */
export function overwrites(world: World): void {
  const held = world.files.open('lab.db', 'r+');
  held.write('SQLite format 3', 0);
  world.files.rename('lab.db', 'aside.db');
  held.truncate(0);
  held.write('x', 0);
  world.observe('stat', held.stat() as unknown as Json);
  held.close();
}

/** Writes to a log, and says what each call came to. */
export function logs(world: World): void {
  const coming = (body: () => unknown): string => {
    try {
      body();
      return 'done';
    } catch (error) {
      return error instanceof FileError ? error.code : String(error);
    }
  };
  const held = world.files.open('log', 'a');
  const lines = [1, 2, 3].map((n) => coming(() => held.write(`${n}\n`, 0)));
  const rest = [
    coming(() => held.sync()),
    coming(() => held.stat()),
    coming(() => world.files.open('log', 'r').close()),
    coming(() => world.files.open('new', 'w').close()),
    coming(() => held.close()),
  ];
  world.observe('came', [...lines, ...rest]);
}

/** Leaves a descriptor open when it ends. */
export function leavesOpen(world: World): void {
  world.files.open('left', 'w').write('x', 0);
}

/** Takes a file lock, keeps it for a while, says when, and lives on for a while without it. */
export function locks(world: World, args: Json): void {
  const { mode, keepMs, timeoutMs, restMs } = args as {
    readonly mode: 'shared' | 'exclusive';
    readonly keepMs: number;
    readonly timeoutMs?: number;
    readonly restMs?: number;
  };
  const lock = world.flock('the.lock', mode, { wait: true, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  world.observe(lock === undefined ? 'refused' : 'had', world.now() % 86_400_000);
  if (lock === undefined) return;
  world.sleep(keepMs);
  lock.release();
  if (restMs !== undefined) world.sleep(restMs);
}
