import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { rowsOf } from './facts.ts';
import { noise, work } from './work.program.ts';

export const bug: PlantedBug = {
  name: 'lost-update',
  about: 'a counter is read before the transaction that writes it',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the counter is \d+ after \d+ additions$/ },
  schema: `PRAGMA journal_mode=WAL; CREATE TABLE counter(n INT); INSERT INTO counter VALUES(0); ${noise}`,
  queries: { counter: 'SELECT n FROM counter' },
  processes: (draw) =>
    ['a', 'b', 'c'].map((name) => ({ name, program: 'adder', args: { before: draw(1, 6), after: draw(1, 6) } })),
  rule: 'the counter is as high as there were additions',
  broken: (history) => {
    const { observations } = history;
    const additions = observations.filter(({ kind }) => kind === 'added').length;
    const rows = rowsOf(history, 'counter');
    const counter = Number(rows[0]?.[0]);
    return counter === additions ? undefined : `the counter is ${counter} after ${additions} additions`;
  },
};

export function adder(world: World, args: Json): void {
  const { before, after, fixed } = args as Told<{ before: number; after: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  work(world, db, before);
  const read = () => Number(db.get('SELECT n FROM counter')?.['n']);
  const seen = read();
  db.immediate(() => db.run('UPDATE counter SET n = ?', (fixed ? read() : seen) + 1));
  world.observe('added', null);
  work(world, db, after);
  db.close();
}
