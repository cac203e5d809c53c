// Lane programs with a planted bug: writers that add to a counter by reading it and writing what they have read plus one.
// Without a transaction around the two, whoever adds in between is forgotten.
import type { Connection, World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';

/** add: one to the counter · note: a row of so many bytes · rest: stand still */
export type Round =
  | { readonly act: 'add' }
  | { readonly act: 'note'; readonly bytes: number }
  | { readonly act: 'rest'; readonly ms: number };

interface WriterArgs {
  readonly atomic: boolean;
  readonly rounds: readonly Round[];
}

export interface ReaderArgs {
  readonly times: number;
  /** Says something that an invariant forbids. */
  readonly grumbles?: boolean | undefined;
}

export function setup(world: World, args: Json): void {
  const { broken = false } = (args ?? {}) as { readonly broken?: boolean };
  if (broken) throw new Error('on purpose');
  const db = world.open('counter.db');
  db.get('PRAGMA journal_mode=WAL');
  db.exec('CREATE TABLE counter(value INTEGER); INSERT INTO counter VALUES(0); CREATE TABLE notes(text TEXT)');
  db.close();
}

function addOne(db: Connection): void {
  const value = Number(db.get('SELECT value FROM counter')?.['value']);
  db.run('UPDATE counter SET value = ?', value + 1);
}

export function writer(world: World, args: Json): void {
  const { atomic, rounds } = args as unknown as WriterArgs;
  const db = world.open('counter.db', { busyTimeoutMs: 60_000 });
  for (const round of rounds) {
    if (round.act === 'rest') {
      world.sleep(round.ms);
      world.observe('rested', round.ms);
    } else if (round.act === 'note') {
      db.run('INSERT INTO notes VALUES(?)', 'x'.repeat(round.bytes));
    } else {
      world.observe('adding', null);
      if (atomic) db.immediate(() => addOne(db));
      else addOne(db);
      world.observe('added', null);
    }
  }
  db.close();
}

export function reader(world: World, args: Json): void {
  const { times, grumbles = false } = args as unknown as ReaderArgs;
  const db = world.open('counter.db', { busyTimeoutMs: 60_000 });
  for (let i = 0; i < times; i++) {
    db.get('SELECT count(*) FROM notes');
    if (grumbles) world.observe('grumble', i);
    world.sleep(1);
  }
  db.close();
}

/** What SQLite is set to, as the program finds it, and after a setting of its own. */
export function settings(world: World, args: Json): void {
  const { own = [] } = (args ?? {}) as { readonly own?: readonly string[] };
  const db = world.open('counter.db');
  for (const pragma of own) db.exec(`PRAGMA ${pragma}`);
  const of = (name: string) => Number(db.get(`PRAGMA ${name}`)?.[name]);
  world.observe(
    'settings',
    Object.fromEntries(['page_size', 'cache_size', 'wal_autocheckpoint'].map((n) => [n, of(n)])),
  );
  const fresh = world.open('fresh.db');
  fresh.exec('CREATE TABLE t(x)');
  world.observe('fresh', Number(fresh.get('PRAGMA page_size')?.['page_size']));
  fresh.close();
  db.close();
}
