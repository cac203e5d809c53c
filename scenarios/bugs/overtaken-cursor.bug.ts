import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { rowsOf } from './facts.ts';

export const bug: PlantedBug = {
  name: 'overtaken-cursor',
  about:
    'numbers are given before the rows that carry them are committed, and a reader goes on behind the highest (outbox)',
  kind: 'planted',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^event \d+ was never read$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE seq(n INT); INSERT INTO seq VALUES(0); CREATE TABLE event(n INTEGER PRIMARY KEY);`,
  queries: { event: 'SELECT n FROM event' },
  processes: (draw) => [
    ...['a', 'b'].map((name) => ({ name, program: 'writer', args: { events: draw(2, 4) } })),
    { name: 'reader', program: 'reader', args: { reads: draw(3, 6) } },
  ],
  rule: 'an event below the cursor has been read',
  broken: (history) => {
    const { observations } = history;
    const rows = rowsOf(history, 'event');
    const read = new Set<number>();
    let cursor = 0;
    for (const { kind, data } of observations) {
      if (kind !== 'read') continue;
      for (const n of data as number[]) read.add(n);
      cursor = Math.max(cursor, ...(data as number[]));
    }
    const missed = rows.find(([n]) => Number(n) <= cursor && !read.has(Number(n)));
    return missed === undefined ? undefined : `event ${Number(missed[0])} was never read`;
  },
};

export function writer(world: World, args: Json): void {
  const { events, fixed } = args as Told<{ events: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const next = () => {
    db.run('UPDATE seq SET n = n + 1');
    return Number(db.get('SELECT n FROM seq')?.['n']);
  };
  for (let n = 0; n < events; n++) {
    if (fixed) db.immediate(() => db.run('INSERT INTO event VALUES(?)', next()));
    else db.run('INSERT INTO event VALUES(?)', db.immediate(next));
  }
  db.close();
}

export function reader(world: World, args: Json): void {
  const { reads } = args as { reads: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  let cursor = 0;
  for (let n = 0; n < reads; n++) {
    const found = db.all('SELECT n FROM event WHERE n > ? ORDER BY n', cursor).map((row) => Number(row['n']));
    cursor = found.at(-1) ?? cursor;
    world.observe('read', found);
  }
  db.close();
}
