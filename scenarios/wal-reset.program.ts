// Lane programs of the canary: writers that commit pairs of rows now and then, and a checkpointer that comes by now and
// then, as a maintenance job would. Nothing in them is placed.
import type { World, Json } from '../harness/lane/world.ts';

interface WriterArgs {
  readonly transactions: number;
  readonly payloadBytes: number;
  readonly autocheckpointPages: number;
  readonly sleepMs: number;
}

interface CheckpointerArgs {
  readonly checkpoints: number;
  readonly sleepMs: number;
}

/** Makes the table and switches to WAL. */
export function setup(world: World): void {
  const db = world.open('board.db');
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, writer TEXT, n INT, payload TEXT);
    CREATE INDEX t_writer ON t(writer, n); CREATE INDEX t_payload ON t(payload);`);
  db.get('PRAGMA journal_mode=WAL');
  db.close();
}

/** Sleeps 1 ms to `mostMs`. */
function rest(world: World, mostMs: number): void {
  world.sleep(1 + Math.floor(world.random() * mostMs));
}

/** Commits pairs of rows, each acknowledged in the history once COMMIT has returned. */
export function writer(world: World, args: Json): void {
  const { transactions, payloadBytes, autocheckpointPages, sleepMs } = args as unknown as WriterArgs;
  const db = world.open('board.db', { busyTimeoutMs: 60_000 });
  db.exec(`PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=${autocheckpointPages}`);
  const payload = 'x'.repeat(payloadBytes);
  const insert = 'INSERT INTO t(writer, n, payload) VALUES(?, ?, ?)';
  for (let i = 0; i < transactions; i++) {
    const pair = [2 * i, 2 * i + 1];
    const rows = { table: 't', keys: pair.map((n) => `${world.process}:${n}`) };
    world.observe('committing', rows);
    db.immediate(() => {
      for (const n of pair) db.run(insert, world.process, n, payload);
    });
    world.observe('committed', rows);
    rest(world, sleepMs);
  }
  db.close();
}

/** Runs passive checkpoints. */
export function checkpointer(world: World, args: Json): void {
  const { checkpoints, sleepMs } = args as unknown as CheckpointerArgs;
  const db = world.open('board.db', { busyTimeoutMs: 60_000 });
  db.exec('PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0');
  for (let i = 0; i < checkpoints; i++) {
    db.get('PRAGMA wal_checkpoint(PASSIVE)');
    rest(world, sleepMs);
  }
  db.close();
}
