// Lane programs of the fault tests, beside those of testing/. Each does one thing and observes what came of it.
import { readFileSync } from 'node:fs';
import { FileError, SqlError, type World } from '../../lane/world.ts';
import type { Json } from '../../model/values.ts';

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

/** A dead process that its parent has not collected yet is dead. */
function lives(pid: string | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Is its parent who launched it, and does that process still live? */
export function tellingParent(world: World, args: Json): void {
  const launcher = process.env['LOCKSTEP_LAUNCHER'];
  world.observe('parent', {
    process: world.process,
    args,
    launched: launcher !== undefined,
    isLauncher: String(process.ppid) === launcher,
    launcherLives: lives(launcher),
  });
  world.sleep(1000);
  world.observe(
    'parents',
    world.processes().map(({ name, parent, group }) => ({ name, parent, group })),
  );
}

/** Keeps so many connections open. */
export function keepingOpen(world: World, count: Json): void {
  for (let i = 0; i < Number(count); i++) world.open('lab.db').get('SELECT count(*) FROM t');
  world.sleep(10_000);
}

/** A supervisor of one unit: starts its processes in a control group of that name. */
export function supervising(world: World, args: Json): void {
  const { group, names } = args as { group: string; names: readonly string[] };
  for (const name of names) world.spawn('sleeping', name, 10_000, { group });
  world.sleep(10_000);
  world.observe('endings', Object.fromEntries(names.map((name) => [name, world.poll(name)?.how ?? 'alive'])));
}

/** Fills the table and ends; the last close leaves everything in the database file. */
export function filling(world: World, rows: Json): void {
  const db = world.open('lab.db');
  db.immediate(() => {
    for (let k = 0; k < Number(rows); k++) db.run('INSERT INTO t VALUES(?, ?)', k, `row ${k} ${'x'.repeat(50)}`);
  });
  db.close();
  world.observe('filled', rows);
}

/** Connects for each use, every so often, as the reported gateways do; observes the first column or the error's code. */
export function using(world: World, args: Json): void {
  const { sql, times, everyMs } = args as { sql: readonly string[]; times: number; everyMs: number };
  for (let i = 0; i < times; i++) {
    observing(world, 'used', () => {
      const db = world.open('lab.db', { busyTimeoutMs: 0 });
      try {
        return sql.map((one) => {
          if (/^(SELECT|PRAGMA)/.test(one)) return Object.values(db.get(one) ?? {})[0] as Json;
          return db.run(one).changes;
        });
      } finally {
        db.close();
      }
    });
    world.sleep(everyMs);
  }
}

/** Sets WAL mode on each connection, and goes back to DELETE when that meets an I/O error. */
export function downgrading(world: World, times: Json): void {
  for (let i = 0; i < Number(times); i++) {
    const db = world.open('lab.db');
    try {
      world.observe('mode', db.get('PRAGMA journal_mode=WAL')?.['journal_mode'] as Json);
    } catch (error) {
      world.observe('refused', codeOf(error));
      world.observe('mode', db.get('PRAGMA journal_mode=DELETE')?.['journal_mode'] as Json);
    }
    db.close();
    world.sleep(1000);
  }
}

/** Raw file operations, every so often. */
export function usingFiles(world: World, args: Json): void {
  const { times, everyMs } = args as { times: number; everyMs: number };
  world.files.write('a', 'hello');
  for (let i = 0; i < times; i++) {
    world.sleep(everyMs);
    observing(world, 'raw-read', () => Buffer.from(world.files.read('a')).toString());
    observing(world, 'raw-write', () => {
      world.files.write('b', 'hello');
      return 'written';
    });
    observing(world, 'raw-copy', () => {
      world.files.copy('a', 'c');
      return 'copied';
    });
    observing(world, 'raw-unlink', () => {
      world.files.link('a', 'd');
      world.files.unlink('d');
      return 'unlinked';
    });
  }
}

/** Opens and closes, so many times, and looks from outside in the end. */
export function closing(world: World, times: Json): void {
  for (let i = 0; i < Number(times); i++) {
    const db = world.open('lab.db');
    db.get('SELECT count(*) FROM t');
    db.close();
    world.observe('open', db.isOpen);
  }
  world.look('closed');
  world.sleep(1000);
}

/** Says at each look whether the file's contents have changed since the last. */
export function watchingMtime(world: World, args: Json): void {
  const { file, times, everyMs } = args as { file: string; times: number; everyMs: number };
  let last = world.files.stat(file)?.mtimeNs;
  for (let i = 1; i < times; i++) {
    world.sleep(everyMs);
    const now = world.files.stat(file)?.mtimeNs;
    world.observe('changed', now !== last);
    last = now;
  }
}

/** One connection for all inserts; a look from outside before it closes. */
export function insertingAndLooking(world: World, args: Json): void {
  const { count, everyMs } = args as { count: number; everyMs: number };
  const db = world.open('lab.db');
  for (let k = 0; k < count; k++) {
    observing(world, 'insert', () => {
      world.observe('committing', { table: 't', keys: [k] });
      db.immediate(() => void db.run('INSERT INTO t VALUES(?, ?)', k, `row ${k}`));
      world.observe('committed', { table: 't', keys: [k] });
      return k;
    });
    world.sleep(everyMs);
  }
  world.look('in the end');
  observing(world, 'close', () => {
    db.close();
    return true;
  });
}

/** Two files in a folder beside the database; later says what is in them, of one after it has written it again. */
export function keepingBeside(world: World, args: Json): void {
  const { laterMs, again = false } = args as { laterMs: number; again?: boolean };
  world.files.mkdir('beside');
  for (const name of ['part.9', 'part.10']) world.files.write(`beside/${name}`, 'abcdefghij');
  world.sleep(laterMs);
  if (again) world.files.write('beside/part.10', 'again');
  if (!world.files.exists('beside')) return world.observe('beside', null);
  const text = (name: string) => new TextDecoder('latin1').decode(world.files.read(`beside/${name}`));
  world.observe('beside', Object.fromEntries(world.files.list('beside').map((name) => [name, text(name)])));
}
