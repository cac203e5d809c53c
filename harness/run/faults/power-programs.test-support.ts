// Lane programs of the tests of power losses in the middle of a run: they go on, after the next start, with what they find.
import type { Json, World } from '../../lane/world.ts';

/** Makes the database in the given journal mode, and a second name of a file. */
export function setup(world: World, journal: Json): void {
  const db = world.open('lab.db');
  db.get(`PRAGMA journal_mode=${journal as string}`);
  db.exec('CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT); CREATE INDEX t_v ON t(v)');
  db.close();
  world.files.write('note', 'begun');
  world.files.link('note', 'folder-note');
}

/** A row, and a second one in the same transaction, with the next keys that are free, every ms; acknowledged. */
export function counting(world: World, args: Json): void {
  const { pragmas, transactions = 1000 } = args as { pragmas: string; transactions?: number };
  const db = world.open('lab.db', { busyTimeoutMs: 60_000 });
  db.exec(pragmas);
  world.observe('found', { rows: Number(db.get('SELECT count(*) AS n FROM t')?.['n'] ?? 0) });
  for (let i = 0; i < transactions && !world.stopping(); i++) {
    let keys: number[] = [];
    db.immediate(() => {
      const next = Number(db.get('SELECT coalesce(max(k), 0) + 1 AS next FROM t')?.['next'] ?? 0);
      keys = [next, next + 1];
      world.observe('committing', { table: 't', keys });
      for (const k of keys) db.run('INSERT INTO t VALUES(?, ?)', k, `${world.process} ${i}`);
    });
    world.observe('committed', { table: 't', keys });
    world.sleep(1);
  }
  db.close();
}

/** Starts a process under a name, says how those of that name stand, and waits for its end. */
export function parent(world: World, name: Json): void {
  world.observe('before', { ended: world.poll('earlier') ?? null });
  world.spawn('counting', name as string, { pragmas: 'PRAGMA synchronous=FULL', transactions: 3 });
  world.spawn('counting', 'earlier', { pragmas: 'PRAGMA synchronous=FULL', transactions: 3 });
  world.observe('ended', {
    how: world.wait(name as string)?.how ?? null,
    of: world.processes().map((one) => one.name),
  });
}

/** Writes files by hand: what is synced, and what is not. */
export function files(world: World): void {
  const seen = ['note', 'folder-note', 'new', 'moved'].map((name) =>
    world.files.exists(name) ? `${name}: ${new TextDecoder().decode(world.files.read(name))}` : `${name}: none`,
  );
  world.observe('seen', seen);
  world.files.write('note', 'written');
  world.files.write('new', 'made');
  world.files.rename('new', 'moved');
  world.sleep(1000);
}
