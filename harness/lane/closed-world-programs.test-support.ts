// Lane programs that try to leave the world: through World, through SQL, and past both with Node's own modules, as code would
// that got into a lane.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  promises,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { World, Json } from './world.ts';

function observing(world: World, kind: string, body: () => Json): void {
  let data: Json;
  try {
    data = body();
  } catch (error) {
    const { code } = error as { readonly code?: string };
    data = { error: code ?? String(error) };
  }
  world.observe(kind, data);
}

/** A database with a second name, a folder with another, and links within the world. */
export function setupWorld(world: World): void {
  const db = world.open('lab.db');
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT)');
  db.close();
  world.files.link('lab.db', 'twin.db');
  world.files.mkdir('folder');
  world.files.copy('lab.db', 'folder/inner.db');
  world.files.symlink('folder/inner.db', 'link.db');
  world.files.symlink('folder/later.db', 'folder/dangling.db');
}

export function lookingRound(world: World): void {
  const { files } = world;
  world.observe('list', [files.list(), files.list('folder')]);
  world.observe(
    'inodes',
    ['lab.db', 'twin.db', 'link.db', 'folder/inner.db'].map((name) => files.stat(name)?.inode ?? 0),
  );
  for (const [name, key] of [
    ['twin.db', 1],
    ['link.db', 2],
    ['folder/dangling.db', 3],
  ] as const) {
    const db = world.open(name);
    db.exec('CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v TEXT)');
    db.run('INSERT INTO t(k) VALUES(?)', key);
    db.close();
  }
  world.observe('exists', files.exists('folder/later.db'));
}

/** Where the world lies: a lane is not told, but its process can be made to tell. */
function rootOf(world: World): string {
  const db = world.open('lab.db');
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  db.close();
  return (links.find((path) => path.endsWith('/lab.db')) ?? '/lab.db').slice(0, -'/lab.db'.length);
}

/** @param args.outside a folder: what links lead to that nobody but broken code can have made */
export function usingNames(world: World, args: Json): void {
  const { outside, names } = args as { readonly outside: string; readonly names: readonly string[] };
  const root = rootOf(world);
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(join(outside, 'made-by-link.db'), join(root, 'out.db'));
  const db = world.open('lab.db');
  const { files } = world;
  for (const name of names) {
    observing(world, 'world-open', () => {
      world.open(name).close();
      return name;
    });
    observing(world, 'attach', () => {
      db.run('ATTACH ? AS other', name);
      db.exec('DETACH other');
      return name;
    });
    observing(world, 'vacuum', () => db.run('VACUUM INTO ?', name).changes);
    for (const [kind, body] of [
      ['read', () => files.read(name).length],
      ['write', () => files.write(name, 'x')],
      ['copy', () => files.copy('lab.db', name)],
      ['flock', () => world.flock(name, 'exclusive')?.release()],
      ['rename', () => files.rename(name, 'taken')],
      ['rename-to', () => files.rename('lab.db', name)],
      ['link', () => files.link('lab.db', name)],
      ['symlink', () => files.symlink(name, 'new-link')],
      ['mkdir', () => files.mkdir(name)],
      ['list', () => files.list(name)],
      ['unlink', () => files.unlink(name)],
    ] as const)
      observing(world, kind, () => body() ?? null);
  }
  db.close();
}

/** A transaction over two files: SQLite writes their full names into a super-journal. */
export function writingBoth(world: World): void {
  const db = world.open('lab.db');
  db.exec("PRAGMA journal_mode=DELETE; ATTACH 'second.db' AS second; CREATE TABLE second.t(k)");
  db.immediate(() => {
    db.run('INSERT INTO t(k) VALUES(7)');
    db.run('INSERT INTO second.t(k) VALUES(7)');
  });
  world.observe('files', db.all('PRAGMA database_list') as unknown as Json);
  observing(world, 'pragma', () => {
    db.exec("PRAGMA temp_store_directory='/tmp'");
    return null;
  });
  db.close();
}

/** By the threads of Node's pool, of which each must be held by itself; the last file is made when all others were tried. */
function writeByThreads(outside: string, root: string): null {
  const stillness = new Int32Array(new SharedArrayBuffer(4));
  const files = [...Array.from({ length: 12 }, (_, i) => join(outside, `by-thread-${i}`)), join(root, 'by-thread')];
  for (const file of files) void promises.writeFile(file, 'x').catch(() => {});
  while (!existsSync(join(root, 'by-thread'))) Atomics.wait(stillness, 0, 0, 1);
  return null;
}

/** Past World and SQLite: what only the kernel can refuse. */
export function breakingOut(world: World, args: Json): void {
  const { outside } = args as { readonly outside: string };
  const root = rootOf(world);
  const file = join(outside, 'precious');
  const tries = {
    'write inside': () => writeFileSync(join(root, 'free'), 'x'),
    write: () => writeFileSync(file, 'x'),
    create: () => writeFileSync(join(outside, 'new'), 'x'),
    unlink: () => unlinkSync(file),
    rename: () => renameSync(join(root, 'free'), join(outside, 'free')),
    'take in': () => renameSync(file, join(root, 'precious')),
    mkdir: () => mkdirSync(join(outside, 'folder')),
    symlink: () => symlinkSync('x', join(outside, 'link')),
    run: () => {
      const { error } = spawnSync('/bin/true');
      if (error !== undefined) throw error;
    },
    signal: () => process.kill(process.ppid, 0),
  };
  for (const [kind, body] of Object.entries(tries)) observing(world, kind, () => body() ?? null);
  observing(world, 'by threads', () => writeByThreads(outside, root));
  const line = (path: string, of: RegExp): string => of.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  world.observe('core', line('/proc/self/limits', /^Max core file size\s+(\d+)/m));
  world.observe('new privileges', line('/proc/self/status', /^NoNewPrivs:\s+(\d)/m));
}
