import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { rowsOf } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'served-twice',
  about: 'a request that comes twice is looked for in one transaction and served in another',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^request \d+ was served \d+ times$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE served(request INT); ${noise}`,
  queries: { served: 'SELECT request, count(*) FROM served GROUP BY request' },
  processes: (draw) =>
    ['a', 'b', 'c'].map((name) => ({ name, program: 'server', args: { before: draw(1, 6), requests: 2 } })),
  rule: 'a request is served once',
  broken: (history) => {
    const rows = rowsOf(history, 'served');
    const twice = rows.find(([, times]) => Number(times) > 1);
    return twice === undefined ? undefined : `request ${Number(twice[0])} was served ${Number(twice[1])} times`;
  },
};

export function server(world: World, args: Json): void {
  const { before, requests, fixed } = args as Told<{ before: number; requests: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let request = 0; request < requests; request++) {
    work(world, db, before);
    const serve = () => {
      if (db.get('SELECT 1 FROM served WHERE request = ?', request) === undefined)
        db.run('INSERT INTO served VALUES(?)', request);
    };
    if (fixed) db.immediate(serve);
    else serve();
  }
  db.close();
}
