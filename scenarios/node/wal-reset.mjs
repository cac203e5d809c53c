// The canary as anybody would write it in Node: nothing in it knows of Lockstep. Like wal-reset.program.ts, row for row.
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

const [what, name = '', ...numbers] = process.argv.slice(2);
const db = new Database('board.db', { timeout: 60_000 });
db.pragma('synchronous = NORMAL');
const rest = (/** @type {number} */ most) => sleep(1 + Math.floor(Math.random() * most));

if (what === 'checkpointer') {
  const [checkpoints = 0, sleepMs = 1] = [name, ...numbers].map(Number);
  db.pragma('wal_autocheckpoint = 0');
  for (let i = 0; i < checkpoints; i++) {
    db.pragma('wal_checkpoint(PASSIVE)');
    await rest(sleepMs);
  }
} else {
  const [transactions = 0, payloadBytes = 0, autocheckpointPages, sleepMs = 1] = numbers.map(Number);
  db.pragma(`wal_autocheckpoint = ${autocheckpointPages}`);
  const insert = db.prepare('INSERT INTO t(writer, n, payload) VALUES(?, ?, ?)');
  const pair = db.transaction((first) => {
    for (const n of [first, first + 1]) insert.run(name, n, 'x'.repeat(payloadBytes));
  });
  for (let i = 0; i < transactions; i++) {
    pair.immediate(2 * i);
    await rest(sleepMs);
  }
}
db.close();
