// Lane programs of the machine's own tests. Each does one thing and observes what came of it.
import { type Connection, FileError, SqlError, type World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';

export function setup(world: World, journal: Json): void {
  const db = world.open('lab.db');
  db.get(`PRAGMA journal_mode=${journal as string}`);
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT); CREATE INDEX t_v ON t(v)');
  db.close();
}

function codeOf(error: unknown): string {
  if (error instanceof SqlError || error instanceof FileError) return error.code;
  return error instanceof Error ? error.message : String(error);
}

/** Runs `body` and observes its value, or the code of its error. */
function observing(world: World, kind: string, body: () => Json): void {
  try {
    world.observe(kind, body());
  } catch (error) {
    world.observe(kind, { error: codeOf(error) });
  }
}

export function nothing(): void {
  // Ends at once.
}

export function throwing(_world: World, words: Json): void {
  throw new Error(typeof words === 'string' ? words : 'on purpose');
}

export function exiting(world: World, code: Json): void {
  world.open('lab.db').get('SELECT count(*) FROM t');
  world.exit(Number(code));
}

export function neverReturning(world: World): void {
  world.step('the last one');
  for (;;);
}

export function steppingForEver(world: World): void {
  for (;;) world.step('again');
}

export function sleeping(world: World, ms: Json): void {
  const before = world.now();
  world.sleep(Number(ms));
  world.observe('slept', world.now() - before);
}

export function sleepingUntilStopped(world: World, ms: Json): void {
  let naps = 0;
  while (!world.stopping()) {
    world.sleep(Number(ms));
    naps++;
  }
  world.observe('naps', naps);
}

export function drawing(world: World, count: Json): void {
  world.observe(
    'drawn',
    Array.from({ length: Number(count) }, () => world.random()),
  );
}

/** Inserts rows one transaction each, in the order of keys, and keeps the ledger of what was acknowledged. */
export function inserting(world: World, args: Json): void {
  const {
    from,
    count,
    sleepMs = 0,
    synchronous = 'NORMAL',
  } = args as { from: number; count: number; sleepMs?: number; synchronous?: string };
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  db.exec(`PRAGMA synchronous=${synchronous}; PRAGMA wal_autocheckpoint=4`);
  for (let k = from; k < from + count; k++) {
    observing(world, 'insert', () => {
      world.observe('committing', { table: 't', keys: [k] });
      db.immediate(() => void db.run('INSERT INTO t VALUES(?, ?)', k, `${world.lane} ${k}`));
      world.observe('committed', { table: 't', keys: [k] });
      return k;
    });
    if (sleepMs > 0) world.sleep(sleepMs);
  }
  db.close();
}

export function reading(world: World, times: Json): void {
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  for (let i = 0; i < Number(times); i++)
    observing(world, 'count', () => Number(db.get('SELECT count(*) c FROM t')?.['c']));
  db.close();
}

/** Holds a read transaction, or a write transaction, for a while. */
export function holding(world: World, args: Json): void {
  const { begin, ms, close = true } = args as { begin: string; ms: number; close?: boolean };
  const db = world.open('lab.db');
  db.exec(begin);
  db.get('SELECT count(*) FROM t');
  world.observe('holding', true);
  world.sleep(ms);
  world.look('holding');
  observing(world, 'commit', () => {
    db.exec('COMMIT');
    return true;
  });
  if (close) db.close();
}

/** Opens, reads and forgets: the connection lives until the process ends. */
export function leaking(world: World, ms: Json): void {
  world.open('lab.db').get('SELECT count(*) FROM t');
  world.sleep(Number(ms));
}

export function rawReading(world: World): void {
  world.observe('header', Buffer.from(world.files.read('lab.db', { length: 15 })).toString('latin1'));
}

export function usingFiles(world: World): void {
  const { files } = world;
  files.write('a', 'hello');
  observing(world, 'exclusive', () => {
    files.write('a', 'again', { exclusive: true });
    return null;
  });
  files.link('a', 'b');
  const [a, b] = [files.stat('a'), files.stat('b')];
  files.copy('a', 'c');
  files.rename('c', 'd');
  const d = files.stat('d');
  files.unlink('b');
  observing(world, 'gone', () => Buffer.from(files.read('b')).toString());
  world.observe('files', {
    sameInode: a?.inode === b?.inode,
    otherInode: a?.inode !== d?.inode,
    size: d?.size ?? -1,
    gone: files.stat('b') === undefined,
    part: Buffer.from(files.read('d', { offset: 1, length: 3 })).toString(),
    list: files.list(),
  });
}

export function flocking(world: World, args: Json): void {
  const {
    file = 'the.lock',
    holdMs = 0,
    timeoutMs = 0,
    mode = 'exclusive',
  } = args as { file?: string; holdMs?: number; timeoutMs?: number; mode?: 'shared' | 'exclusive' };
  const before = world.now();
  const lock = world.flock(file, mode, { timeoutMs });
  world.observe('flock', { lane: world.lane, held: lock !== undefined, afterMs: world.now() - before });
  world.sleep(holdMs);
  lock?.release();
}

/** Waits in vain for a flock(2) while it reads. */
export function flockingWhileReading(world: World, args: Json): void {
  const { file } = args as { file: string };
  const db = world.open('lab.db');
  db.exec('BEGIN');
  db.get('SELECT count(*) FROM t');
  world.observe('held', world.flock(file, 'exclusive', { timeoutMs: 100 }) !== undefined);
  world.look('after');
  db.exec('COMMIT');
  db.close();
}

export function parent(world: World): void {
  world.spawn('sleeping', 'child', 1000);
  world.observe('alive', world.poll('child') === undefined);
  world.observe('too-early', world.wait('child', { timeoutMs: 10 }) === undefined);
  world.observe('ending', world.wait('child') as Json);
  observing(world, 'taken', () => {
    world.spawn('nothing', 'child');
    return null;
  });
  observing(world, 'unknown-name', () => {
    world.spawn('nothing', 'a b');
    return null;
  });
  world.spawn('sleeping', 'victim', 100_000);
  world.observe('killed', world.kill('victim'));
  world.observe('killed-again', world.kill('victim'));
  world.observe('victim', world.poll('victim') as Json);
  world.spawn('sleepingUntilStopped', 'polite', 5000);
  world.sleep(12_000);
  world.observe('asked', world.kill('polite', 'SIGTERM'));
  world.observe('polite', world.wait('polite') as Json);
}

export function threads(world: World): void {
  world.shared.set('turn', 0);
  for (const name of ['one', 'two']) world.thread('thread', name, name);
  world.wait(`${world.process}/one`);
  world.wait(`${world.process}/two`);
  world.observe('shared', world.shared.get('turn') ?? null);
}

export function thread(world: World, name: Json): void {
  for (let i = 0; i < 3; i++) {
    world.mutex('turn', () => {
      const turn = Number(world.shared.get('turn'));
      world.sleep(10); // another thread would take the same turn here, but for the mutex
      world.mutex('turn', () => world.shared.set('turn', turn + 1));
    });
  }
  world.observe('thread', { name, lane: world.lane, process: world.process });
}

/** The first thread gives back what the second waits for, and goes on without asking anybody anything. */
export function handingOver(world: World, name: Json): void {
  if (name === null) world.thread('handingOver', 'second', 'second');
  world.mutex('turn', () => {
    if (name === null) world.sleep(1);
  });
  for (let i = 0; i < 40; i++) world.step('after');
}

/** Two connections of one process, in two threads, on one database. */
export function connectingThreads(world: World, args: Json): void {
  const db: Connection = world.open('lab.db', { busyTimeoutMs: 60_000 });
  world.thread('inserting', 'a', { from: 0, count: 5, ...(args as object) });
  world.thread('inserting', 'b', { from: 100, count: 5, ...(args as object) });
  db.get('SELECT count(*) FROM t');
  world.wait(`${world.process}/a`);
  world.wait(`${world.process}/b`);
  db.close();
}

/** Draws from SQLite's own chance, which is one for the process, between asking for two threads that do the same. */
export function drawingFromSqlite(world: World, name: Json): void {
  const db = world.open('lab.db');
  const draw = () => {
    world.step('draw');
    world.observe('chance', {
      lane: world.lane,
      drawn: String(db.get('SELECT hex(randomblob(8)) AS drawn')?.['drawn']),
    });
  };
  draw();
  for (const child of name === null ? ['a', 'b'] : []) {
    world.thread('drawingFromSqlite', child, child);
    draw();
  }
  draw();
  db.close();
}

export function talking(world: World, to: Json): void {
  const nobody = world.send('nobody', 1);
  const somebody = world.send(to as string, { text: 'hello "you" \u00e9' });
  world.observe('sent', { nobody, somebody });
  world.observe('answer', world.receive({ timeoutMs: 5000 }) ?? null);
  world.observe('silence', world.receive({ timeoutMs: 5000 }) ?? null);
}

export function listening(world: World): void {
  const got = world.receive();
  world.observe('got', got ?? null);
  if (got !== undefined) world.send(got.from, 'thanks');
  world.observe('stopped', world.receive() === undefined && world.stopping());
}

/** Looks again and again, while others work. */
export function looking(world: World, times: Json): void {
  for (let i = 0; i < Number(times); i++) {
    world.look(`look ${i}`);
    world.step('between');
  }
}

/** Writes chance into a file, and tries to lock one where there is no folder. */
export function writingChance(world: World): void {
  world.files.write('chance', String(world.random()));
  world.flock('nofolder/the.lock', 'exclusive');
}

/** Asked to stop, it still waits for messages. */
export function listeningWhenStopped(world: World): void {
  while (!world.stopping()) world.sleep(1000);
  world.observe('heard', world.receive() ?? null);
}

export function stopping(world: World, name: Json): void {
  world.sleep(5000);
  world.kill(name as string, 'SIGTERM');
}

/** Raw operations on names, one after the other, as a person with a shell does them. */
export function shelling(world: World, args: Json): void {
  const { afterMs, acts } = args as { afterMs: number; acts: readonly (readonly [string, string, string?])[] };
  world.sleep(afterMs);
  for (const [act, from, to = ''] of acts) {
    if (act === 'unlink') world.files.unlink(from);
    if (act === 'rename') world.files.rename(from, to);
    if (act === 'copy') world.files.copy(from, to);
    if (act === 'link') world.files.link(from, to);
    if (act === 'exists') world.files.exists(from);
  }
}

/** Reads through a memory map while another makes the file shorter: the kernel ends whoever touches what is gone. */
export function mapping(world: World): void {
  const db = world.open('lab.db');
  db.exec(`PRAGMA journal_mode=DELETE; PRAGMA mmap_size=${1 << 24}`);
  db.immediate(() => {
    for (let k = 1; k <= 200; k++) db.run('INSERT INTO t(k, v) VALUES(?, ?)', k, 'x'.repeat(1000));
  });
  db.exec('PRAGMA cache_size=10; BEGIN');
  db.get('SELECT sum(length(v)) FROM t');
  world.sleep(1000);
  observing(world, 'mapped', () => Number(db.get('SELECT sum(length(v)) AS n FROM t')?.['n']));
}

export function shortening(world: World): void {
  world.sleep(500);
  world.files.write('lab.db', world.files.read('lab.db', { length: 4096 }));
}

/** One statement after the other, a second between them; only an error of the last one is let out. */
export function carryingOn(world: World, args: Json): void {
  const statements = args as readonly string[];
  const db = world.open('lab.db');
  for (const [i, statement] of statements.entries()) {
    try {
      db.exec(statement);
    } catch (error) {
      if (i === statements.length - 1) throw error;
    }
    world.sleep(1000);
  }
  db.close();
}

/** One act after the other, each of one kind by which lanes can meet; what it sees it says. */
export function acting(world: World, args: Json): void {
  const { files } = world;
  for (const [act, what = '', to = ''] of args as readonly (readonly [act: string, what?: string, to?: string])[]) {
    if (act === 'append') {
      const before = files.exists(what) ? Buffer.from(files.read(what)).toString() : '';
      files.write(what, before + world.lane);
    }
    if (act === 'read') observing(world, 'read', () => Buffer.from(files.read(what)).toString());
    if (act === 'copy') files.copy(what, to);
    if (act === 'rename') files.rename(what, to);
    if (act === 'unlink') observing(world, 'unlink', () => (files.unlink(what), null));
    if (act === 'flock') observing(world, 'flock', () => flockedFor(world, what));
    if (act === 'sleep') world.sleep(Number(what));
    if (act === 'send') world.observe('sent', world.send(what, world.now()));
    if (act === 'receive') world.observe('got', world.receive({ timeoutMs: Number(what) }) ?? null);
    if (act === 'spawn') world.spawn('acting', `${world.lane}-${what}`, [['append', what]]);
    if (act === 'insert') inserting(world, { from: Number(what), count: 1 });
    if (act === 'count') reading(world, 1);
    if (act === 'step') world.step(what);
  }
}

function flockedFor(world: World, mode: string): boolean {
  const lock = world.flock('the.lock', mode === 'shared' ? 'shared' : 'exclusive', { timeoutMs: 2 });
  world.step('inside');
  lock?.release();
  return lock !== undefined;
}
