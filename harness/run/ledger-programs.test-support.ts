// Lane programs that commit, and say nothing of it: the gate does.
import type { Json } from '../model/values.ts';
import type { Connection, World } from '../lane/world.ts';

export function makesJobs(world: World): void {
  const db = world.open('jobs.sqlite');
  db.exec(
    'PRAGMA journal_mode=WAL; CREATE TABLE jobs(id INTEGER PRIMARY KEY, state TEXT UNIQUE, n NOT NULL DEFAULT 0)',
  );
  db.exec('CREATE TABLE other(x); CREATE TABLE plain(id TEXT PRIMARY KEY) WITHOUT ROWID');
  db.exec('CREATE TRIGGER follows AFTER INSERT ON other BEGIN INSERT INTO jobs(id) VALUES (new.x + 1000); END');
  db.close();
}

function attempt(body: () => void): void {
  try {
    body();
  } catch {
    // What is refused is the point.
  }
}

/** Runs statements, one after the other; what fails is passed over. Says when each has returned. */
export function says(world: World, args: Json): void {
  const { sql, file = 'jobs.sqlite' } = args as { readonly sql: readonly string[]; readonly file?: string };
  const db: Connection = world.open(file);
  for (const statement of sql) {
    attempt(() => db.exec(statement));
    world.step(statement);
  }
  db.close();
}

/** Commits rows for ever, each in a transaction of its own, without a step of its own in between. */
export function commits(world: World, args: Json): void {
  const { from, count } = args as { readonly from: number; readonly count: number };
  const db = world.open('jobs.sqlite', { busyTimeoutMs: 60_000 });
  for (let id = from; id < from + count; id++) db.immediate(() => db.run('INSERT INTO jobs(id) VALUES(?)', id));
  db.close();
}

/** Reads the file beside its connection, by which the locks of its process go. */
export function cancels(world: World): void {
  const db = world.open('jobs.sqlite');
  db.run('INSERT INTO jobs(id) VALUES(1)');
  world.files.read('jobs.sqlite', { length: 16 });
  world.sleep(1000);
  db.run('INSERT INTO jobs(id) VALUES(2)');
  world.sleep(1000);
  db.close();
}

export function visits(world: World): void {
  world.sleep(500);
  const db = world.open('jobs.sqlite');
  db.run('INSERT INTO jobs(id) VALUES(10)');
  db.close();
}
