// Workers that take numbers from one counter, with promises. Run with --fix for the version without its fault.
import Database from 'better-sqlite3';
import { setTimeout as sleep } from 'node:timers/promises';

const [name, fixed] = [process.argv[2], process.argv.includes('--fix')];
const db = new Database('jobs.db');

async function answerOfAService() {
  await sleep(20);
  return 1;
}

/** What another worker adds during the await is lost. */
async function take() {
  const { n } = db.prepare('SELECT n FROM counter').get();
  const more = await answerOfAService();
  db.prepare('UPDATE counter SET n = ?').run(n + more);
  db.prepare('INSERT INTO log VALUES (?, ?)').run(name, n + more);
}

const takeSafely = db.transaction((more) => {
  const { n } = db.prepare('SELECT n FROM counter').get();
  db.prepare('UPDATE counter SET n = ?').run(n + more);
  db.prepare('INSERT INTO log VALUES (?, ?)').run(name, n + more);
});

for (let i = 0; i < 10; i++) {
  if (fixed) takeSafely.immediate(await answerOfAService());
  else await take();
  await sleep(500);
}
db.close();
