import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'memory-counter',
  about: 'threads raise a number of their process without its mutex',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^number \d+ was given twice$/ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE t(n INT);',
  queries: {},
  processes: (draw) => [{ name: 'pool', program: 'pool', args: { threads: draw(2, 3), each: 1, before: draw(1, 8) } }],
  rule: 'each number is given once',
  broken: ({ observations }) => {
    const given = observations.filter(({ kind }) => kind === 'given').map(({ data }) => Number(data));
    const twice = given.find((n, i) => given.indexOf(n) !== i);
    return twice === undefined ? undefined : `number ${twice} was given twice`;
  },
};

export function pool(world: World, args: Json): void {
  const { threads } = args as { threads: number };
  for (let n = 0; n < threads; n++) world.thread('taker', `taker-${n + 1}`, args);
}

export function taker(world: World, args: Json): void {
  const { each, before, fixed } = args as Told<{ each: number; before: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < before; n++) db.run('INSERT INTO t VALUES(?)', -n);
  const take = () => {
    const number = Number(world.shared.get('next') ?? 0);
    db.get('SELECT count(*) FROM t');
    world.shared.set('next', number + 1);
    world.observe('given', number);
    return number;
  };
  for (let n = 0; n < each; n++) db.run('INSERT INTO t VALUES(?)', fixed ? world.mutex('next', take) : take());
  db.close();
}
