// What the programs of the sections have in common: a table, and transactions of two rows that a lane is told of.
import type { Connection, Json, OpenOptions, World } from '../../harness/lane/world.ts';

export const file = 'app.db';

const insert = 'INSERT INTO t(writer, n, payload) VALUES(?, ?, ?)';
const payloadBytes = 150;

export function setup(world: World, args: Json): void {
  const { journal, pageBytes } = args as { journal: string; pageBytes: number };
  const db = world.open(file);
  db.exec(`PRAGMA page_size=${pageBytes}; PRAGMA journal_mode=${journal};
    CREATE TABLE t(id INTEGER PRIMARY KEY, writer TEXT, n INT, payload TEXT);
    CREATE INDEX t_writer ON t(writer, n); CREATE INDEX t_payload ON t(payload);`);
  db.immediate(() => {
    for (let n = 0; n < 40; n++) db.run(insert, 'setup', n, payloadOf('setup', n));
  });
  db.close();
}

/** Scattered in the index, the same in every run. */
function payloadOf(writer: string, n: number): string {
  const digits = String((n * 7919 + 104_729) % 1_000_003);
  return `${digits}-${writer}-`.padEnd(payloadBytes, 'x');
}

/** Whoever else has it is waited for, two virtual minutes. */
export function openFile(world: World, options: OpenOptions = {}): Connection {
  return world.open(file, { busyTimeoutMs: 120_000, ...options });
}

export function rowsOf(world: World, i: number): { readonly table: 't'; readonly keys: string[] } {
  return { table: 't', keys: [2 * i, 2 * i + 1].map((n) => `${world.process}:${n}`) };
}

/** One of the two rows of a transaction. */
export function addRow(world: World, db: Connection, n: number): void {
  db.run(insert, world.process, n, payloadOf(world.process, n));
}

/** @param between what happens in the middle of the transaction */
export function commitPair(world: World, db: Connection, i: number, between: () => void = () => undefined): void {
  world.observe('committing', rowsOf(world, i));
  db.immediate(() => {
    addRow(world, db, 2 * i);
    between();
    addRow(world, db, 2 * i + 1);
  });
  world.observe('committed', rowsOf(world, i));
}

/** Transactions with rests before, in the middle of and between them, so that others come in between. */
export function commitPairs(world: World, db: Connection, transactions: number): void {
  const rest = () => world.sleep(1 + Math.floor(world.random() * 3));
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i, rest);
    rest();
  }
}

/** Commits transactions, and does nothing else. */
export function committer(world: World, args: Json): void {
  const { transactions } = args as { transactions: number };
  const db = openFile(world);
  commitPairs(world, db, transactions);
  db.close();
}
