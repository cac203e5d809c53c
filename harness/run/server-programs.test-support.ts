// Lane programs that work on the run's PostgreSQL server.
import { type ServerConnection, SqlError, type World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';

export function makesCounter(world: World): void {
  const db = world.connect();
  db.query('CREATE TABLE counter(id int PRIMARY KEY, n int NOT NULL); INSERT INTO counter VALUES (1, 0), (2, 0)');
  db.query('CREATE TABLE done(id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, by text NOT NULL, n int NOT NULL)');
  db.close();
}

function attempt(world: World, body: () => void): boolean {
  try {
    body();
    return true;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    world.observe('failed', { code: error.code });
    return false;
  }
}

/** Adds one so many times, each in a transaction: reads, and writes what it has made of it. `safe`: the read locks the row. */
export function counts(world: World, args: Json): void {
  const { times, safe } = args as { readonly times: number; readonly safe: boolean };
  const db = world.connect();
  for (let i = 0; i < times; i++) {
    db.query('BEGIN');
    const { rows } = db.query(`SELECT n FROM counter WHERE id = 1${safe ? ' FOR UPDATE' : ''}`);
    const n = Number(rows[0]?.['n']) + 1;
    db.query('UPDATE counter SET n = $1 WHERE id = 1', [n]);
    db.query('INSERT INTO done(by, n) VALUES ($1, $2)', [world.lane, n]);
    db.query('COMMIT');
    world.observe('committed', { table: 'done', keys: [`${world.lane}:${n}`] });
  }
  db.close();
}

/** One transaction under SERIALIZABLE that adds one, tried again until it is through. */
export function countsSerializably(world: World, args: Json): void {
  const { times } = args as { readonly times: number };
  const db = world.connect();
  for (let i = 0; i < times; ) {
    const isThrough = attempt(world, () => {
      db.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
      const { rows } = db.query('SELECT n FROM counter WHERE id = 1');
      db.query('UPDATE counter SET n = $1 WHERE id = 1', [Number(rows[0]?.['n']) + 1]);
      db.query('COMMIT');
    });
    if (db.inTransaction) db.query('ROLLBACK');
    if (isThrough) i++;
  }
  db.close();
}

function locks(db: ServerConnection, id: number): void {
  db.query('UPDATE counter SET n = n + 1 WHERE id = $1', [id]);
}

/** Takes two rows in this order, and its time between. */
export function takesTwo(world: World, args: Json): void {
  const { first, second, betweenMs } = args as {
    readonly first: number;
    readonly second: number;
    readonly betweenMs: number;
  };
  const db = world.connect();
  db.query('BEGIN');
  locks(db, first);
  world.sleep(betweenMs);
  attempt(world, () => locks(db, second));
  db.query(db.inTransaction ? 'COMMIT' : 'SELECT 1');
  world.observe('over', { by: world.lane });
  db.close();
}

/** Holds a row for so long, or until it is killed. */
export function holds(world: World, args: Json): void {
  const { forMs } = args as { readonly forMs: number };
  const db = world.connect();
  db.query('BEGIN');
  locks(db, 1);
  world.sleep(forMs);
  attempt(world, () => db.query('COMMIT'));
  db.close();
}

/** Wants the row for so long at most. */
export function wants(world: World, args: Json): void {
  const { timeoutMs } = args as { readonly timeoutMs?: number };
  const db = world.connect();
  world.sleep(100);
  const isThrough = attempt(world, () =>
    db.query('UPDATE counter SET n = 100 WHERE id = 1', [], timeoutMs === undefined ? {} : { timeoutMs }),
  );
  world.observe('got', { isThrough, atMs: world.now() });
  db.close();
}

/** Has so many connections at once. */
export function connectsOften(world: World, args: Json): void {
  const { times } = args as { readonly times: number };
  const all: ServerConnection[] = [];
  attempt(world, () => {
    for (let i = 0; i < times; i++) all.push(world.connect());
  });
  world.observe('connected', { times: all.length });
}

/** Starts who is killed in the middle of it. */
export function kills(world: World, args: Json): void {
  const { afterMs, name } = args as { readonly afterMs: number; readonly name: string };
  world.sleep(afterMs);
  world.kill(name);
}

/** Adds so many rows, five to a page, one a transaction, a second apart. */
export function fills(world: World, args: Json): void {
  const { times } = args as { readonly times: number };
  const db = world.connect();
  for (let n = 1; n <= times; n++) {
    const isThrough = attempt(world, () => db.query('INSERT INTO done(by, n) VALUES ($1, $2)', ['x'.repeat(1500), n]));
    if (isThrough) world.observe('through', { n });
    world.sleep(1000);
  }
  db.close();
}

/** Listens, and tells what it hears until nothing has come for so long. `inside`: in a transaction, for so long first. */
export function listens(world: World, args: Json): void {
  const { forMs, insideMs } = args as { readonly forMs: number; readonly insideMs?: number };
  const db = world.connect();
  db.query('LISTEN news');
  if (insideMs !== undefined) {
    db.query('BEGIN');
    world.observe('heard', { inside: true, all: tellable(db, insideMs), atMs: world.now() });
    db.query('COMMIT');
  }
  attempt(world, () => {
    for (;;) {
      const all = tellable(db, forMs);
      world.observe('heard', { all, atMs: world.now() });
      if (all.length === 0) break;
    }
  });
  db.close();
}

/** Waits for a notification, and listens to nothing. */
export function hears(world: World, args: Json): void {
  const { afterMs, forMs } = args as { readonly afterMs: number; readonly forMs: number };
  world.sleep(afterMs);
  const db = world.connect();
  world.observe('heard', { all: tellable(db, forMs) });
  db.close();
}

function tellable(db: ServerConnection, timeoutMs: number): Json & readonly string[] {
  return db.notifications({ timeoutMs }).map(({ channel, payload }) => `${channel}:${payload}`);
}

/** Tells so many things, each in a transaction that it commits a second later; every third it takes back. */
export function notifies(world: World, args: Json): void {
  const { times } = args as { readonly times: number };
  const db = world.connect();
  for (let n = 1; n <= times; n++) {
    db.query('BEGIN');
    db.query("SELECT pg_notify('news', $1), pg_notify('news', $1), pg_notify('other', $1)", [`${world.lane}-${n}`]);
    world.sleep(1000);
    db.query(n % 3 === 0 ? 'ROLLBACK' : 'COMMIT');
  }
  db.close();
}

/** Looks every so often, by a connection for each look, and tells when the counter has changed; promises to go on so for good. */
export function looksOften(world: World, args: Json): void {
  const { everyMs, forMs } = args as { readonly everyMs: number; readonly forMs: number };
  const endMs = world.now() + forMs;
  let looks = 0;
  let last: unknown;
  for (; world.now() < endMs; looks++) {
    const db = world.connect();
    const n = db.query('SELECT n FROM counter WHERE id = 1 AND n < $1', [world.now()]).rows[0]?.['n'];
    db.close();
    if (n !== last) world.observe('changed', { n: Number(n), atMs: world.now() });
    last = n;
    world.sleep(everyMs, { quietUntilMs: endMs });
  }
  world.observe('looks', { looks });
}
