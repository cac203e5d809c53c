import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { rowsOf } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'handed-on-twice',
  about: 'a job is given back to the queue after a look at its heartbeat, and its owner finishes it between the two',
  kind: 'planted',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^job \d+ was done and is in the queue again$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE job(id INTEGER PRIMARY KEY, state TEXT, beat INT); ${noise}
    INSERT INTO job VALUES(1, 'queued', 0), (2, 'queued', 0);`,
  queries: { job: "SELECT id FROM job WHERE state = 'queued'" },
  processes: (draw) => [
    { name: 'worker', program: 'worker', args: { work: draw(1, 5) } },
    { name: 'reaper', program: 'reaper', args: { rounds: draw(1, 3), before: draw(1, 6) } },
  ],
  rule: 'a job that was done is not in the queue',
  broken: (history) => {
    const { observations } = history;
    const queued = rowsOf(history, 'job');
    const done = observations.filter(({ kind }) => kind === 'done').map(({ data }) => Number(data));
    const again = queued.find(([id]) => done.includes(Number(id)));
    return again === undefined ? undefined : `job ${Number(again[0])} was done and is in the queue again`;
  },
};

export function worker(world: World, args: Json): void {
  const { work: much } = args as { work: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (const id of [1, 2]) {
    const { changes } = db.run("UPDATE job SET state = 'running' WHERE id = ? AND state = 'queued'", id);
    if (changes === 0) continue;
    work(world, db, much);
    db.run("UPDATE job SET state = 'done' WHERE id = ?", id);
    world.observe('done', id);
    work(world, db, much);
  }
  db.close();
}

export function reaper(world: World, args: Json): void {
  const { rounds, before, fixed } = args as Told<{ rounds: number; before: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < rounds; n++) {
    work(world, db, before);
    const stale = db.all("SELECT id FROM job WHERE state = 'running' AND beat = 0").map((row) => Number(row['id']));
    for (const id of stale)
      db.run(`UPDATE job SET state = 'queued' WHERE id = ?${fixed ? " AND state = 'running'" : ''}`, id);
  }
  db.close();
}
