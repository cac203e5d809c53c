// Lane programs of the canary: writers that commit pairs of rows, and a checkpointer. Nothing in them is placed.
import type { Json, World } from '../harness/lane/world.ts';

interface WriterArgs {
  readonly transactions: number;
  readonly payloadBytes: number;
  readonly autocheckpointPages: number;
}

interface CheckpointerArgs {
  readonly checkpoints: number;
}

/** Makes the table and switches to WAL. */
export function setup(world: World): void {
  const db = world.open('board.db');
  db.exec(`CREATE TABLE t(id INTEGER PRIMARY KEY, writer TEXT, n INT, payload TEXT);
    CREATE INDEX t_writer ON t(writer, n); CREATE INDEX t_payload ON t(payload);`);
  db.get('PRAGMA journal_mode=WAL');
  db.close();
}

/** Commits pairs of rows, each acknowledged in the history once COMMIT has returned. */
export function writer(world: World, args: Json): void {
  const { transactions, payloadBytes, autocheckpointPages } = args as unknown as WriterArgs;
  const db = world.open('board.db', { busyTimeoutMs: 60_000 });
  db.exec(`PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=${autocheckpointPages}`);
  const payload = 'x'.repeat(payloadBytes);
  const insert = 'INSERT INTO t(writer, n, payload) VALUES(?, ?, ?)';
  for (let i = 0; i < transactions; i++) {
    db.immediate(() => {
      db.run(insert, world.process, 2 * i, payload);
      db.run(insert, world.process, 2 * i + 1, payload);
    });
    world.observe('committed', { table: 't', keys: [`${world.process}:${2 * i}`, `${world.process}:${2 * i + 1}`] });
  }
  db.close();
}

/** Runs passive checkpoints, reading now and then so that its view of the WAL moves on. */
export function checkpointer(world: World, args: Json): void {
  const { checkpoints } = args as unknown as CheckpointerArgs;
  const db = world.open('board.db', { busyTimeoutMs: 60_000 });
  db.exec('PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0');
  for (let i = 0; i < checkpoints; i++) {
    if (i % 5 === 0) db.get('SELECT count(*) FROM t');
    db.get('PRAGMA wal_checkpoint(PASSIVE)');
  }
  db.close();
}
