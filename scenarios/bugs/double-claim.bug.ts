import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'double-claim',
  about: 'workers look for a job and claim it in two statements, the second of which asks for nothing',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^job \d+ was done by / },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE job(id INTEGER PRIMARY KEY, owner TEXT); ${noise}
    INSERT INTO job(id) VALUES(1), (2), (3);`,
  queries: {},
  processes: (draw) =>
    ['a', 'b'].map((name) => ({ name, program: 'worker', args: { before: draw(1, 8), each: draw(0, 3) } })),
  rule: 'a job is done once',
  broken: ({ observations }) => {
    const owners = new Map<number, string>();
    for (const { kind, data, lane } of observations) {
      if (kind !== 'claimed') continue;
      const owner = owners.get(Number(data));
      if (owner !== undefined) return `job ${Number(data)} was done by ${owner} and by ${lane}`;
      owners.set(Number(data), lane);
    }
    return undefined;
  },
};

export function worker(world: World, args: Json): void {
  const { before, each, fixed } = args as Told<{ before: number; each: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  for (;;) {
    const id = db.get('SELECT id FROM job WHERE owner IS NULL ORDER BY id LIMIT 1')?.['id'];
    if (id === undefined) break;
    const unclaimed = fixed ? ' AND owner IS NULL' : '';
    const { changes } = db.run(`UPDATE job SET owner = ? WHERE id = ?${unclaimed}`, world.process, Number(id));
    if (changes === 1) world.observe('claimed', Number(id));
    work(world, db, each);
  }
  db.close();
}
