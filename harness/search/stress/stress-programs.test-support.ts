// Lane programs for the tests of free-running stress: sound ones, ones with a planted bug, and ones that cannot run free.
import { SqlError, type World } from '../../lane/world.ts';
import type { Json } from '../../model/values.ts';

export function setup(world: World): void {
  const db = world.open('lab.db');
  db.get('PRAGMA journal_mode=WAL');
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT)');
  db.close();
}

/** Commits rows one by one and acknowledges each after its COMMIT. */
export function sound(world: World, from: Json): void {
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  for (let k = Number(from); k < Number(from) + 10; k++) {
    const rows = { table: 't', keys: [k] };
    world.observe('committing', rows);
    db.immediate(() => void db.run('INSERT INTO t VALUES(?, ?)', k, world.process));
    world.observe('committed', rows);
    world.sleep(1);
  }
  db.close();
}

/** The planted bug: acknowledges before COMMIT, and takes no notice when another process holds the lock. */
export function acknowledgingEarly(world: World, from: Json): void {
  const db = world.open('lab.db', { busyTimeoutMs: 0 });
  for (let k = Number(from); k < Number(from) + 100; k++) {
    world.observe('committed', { table: 't', keys: [k] });
    try {
      db.immediate(() => void db.run('INSERT INTO t VALUES(?, ?)', k, world.process));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
    }
  }
  db.close();
}

/** Everything that needs no coordinator. */
export function touring(world: World): void {
  const { files } = world;
  files.write('a', 'one');
  files.rename('a', 'b');
  files.copy('b', 'c');
  files.link('c', 'd');
  const inodes = ['c', 'd'].map((file) => files.stat(file)?.inode);
  files.unlink('d');
  const lock = world.flock('lock', 'exclusive');
  const second = world.flock('lock', 'exclusive', { timeoutMs: 100 });
  lock?.release();
  world.shared.set('key', [1]);
  const before = world.now();
  world.sleep(60_000);
  world.step('nothing');
  files.write('b', 'two');
  world.observe('toured', {
    lane: world.lane,
    read: Buffer.from(files.read('c', { offset: 1, length: 1 })).toString(),
    list: files.list().filter((name) => !name.startsWith('lab.db')),
    exists: files.exists('a'),
    linked: inodes[0] === inodes[1],
    changed: (files.stat('b')?.mtimeNs ?? 0) > 0,
    flock: [lock !== undefined, second !== undefined],
    shared: world.shared.get('key') ?? null,
    mutex: world.mutex('m', () => world.mutex('m', () => 'inside')),
    slept: world.now() - before >= 60_000,
    refused: errorOf(() => files.read('nowhere')),
  });
  world.observe('drawn', [world.random(), world.random()]);
}

function errorOf(body: () => unknown): string {
  try {
    body();
    return 'none';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function untilStopped(world: World): void {
  let naps = 0;
  for (; !world.stopping(); naps++) world.sleep(60_000);
  world.observe('naps', naps);
}

/** Ends inside a transaction, with its connection open. */
export function leaking(world: World): void {
  const db = world.open('lab.db', { busyTimeoutMs: 0 });
  db.run('BEGIN IMMEDIATE');
  world.observe('locked', true);
}

export function throwing(): void {
  throw new Error('on purpose');
}

export function crashing(): void {
  process.kill(process.pid, 'SIGSEGV');
  for (;;);
}

export function neverReturning(): void {
  for (;;);
}

const refused: { readonly [call: string]: (world: World) => void } = {
  look: (world) => world.look('here'),
  spawn: (world) => world.spawn('sound', 'other'),
  thread: (world) => world.thread('sound', 'other'),
  wait: (world) => void world.wait('other'),
  poll: (world) => void world.poll('other'),
  kill: (world) => void world.kill('other'),
  'kill-group': (world) => void world.killGroup('group'),
  processes: (world) => void world.processes(),
  exit: (world) => world.exit(1),
  send: (world) => void world.send('other', null),
  receive: (world) => void world.receive(),
};

/** Calls that need a coordinator. */
export const refusedCalls = Object.keys(refused);

/** Makes one of them, and takes no notice of the error. */
export function asking(world: World, call: Json): void {
  try {
    refused[call as string]?.(world);
  } catch {
    // A program may catch everything; it must be heard of all the same.
  }
}
