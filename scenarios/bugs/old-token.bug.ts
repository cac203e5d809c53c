import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'old-token',
  about: 'who has the token writes, and nobody asks whether it was the last that was given',
  kind: 'mutant',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^token \d+ wrote after token \d+$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE token(n INT); INSERT INTO token VALUES(0); CREATE TABLE state(token INT);
    INSERT INTO state VALUES(0); ${noise}`,
  queries: {},
  processes: (draw) =>
    ['a', 'b', 'c'].map((name) => ({ name, program: 'user', args: { before: draw(0, 5), between: draw(0, 2) } })),
  rule: 'tokens write in the order in which they were given',
  broken: ({ observations }) => {
    let last = 0;
    for (const { kind, data } of observations) {
      if (kind !== 'wrote') continue;
      const token = Number(data);
      if (token < last) return `token ${token} wrote after token ${last}`;
      last = token;
    }
    return undefined;
  },
};

export function user(world: World, args: Json): void {
  const { before, between, fixed } = args as Told<{ before: number; between: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  const token = db.immediate(() => {
    db.run('UPDATE token SET n = n + 1');
    return Number(db.get('SELECT n FROM token')?.['n']);
  });
  work(world, db, between);
  db.immediate(() => {
    const last = Number(db.get('SELECT token FROM state')?.['token']);
    if (fixed && last > token) return;
    db.run('UPDATE state SET token = ?', token);
    world.observe('wrote', token);
  });
  db.close();
}
