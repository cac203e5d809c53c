import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { firstSaid } from './facts.ts';

export const bug: PlantedBug = {
  name: 'told-before-commit',
  about: 'a message about rows goes out before their COMMIT',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^consumer was told of order \d+ and did not find it$/ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE orders(n INT);',
  queries: {},
  processes: (draw) => [
    { name: 'consumer', program: 'consumer', args: { orders: 4 } },
    { name: 'producer', program: 'producer', args: { orders: 4, rows: draw(1, 4) } },
  ],
  rule: 'what a message tells of is there',
  broken: (history) => {
    const missed = firstSaid(history, 'missed');
    return missed === undefined ? undefined : `consumer was told of order ${missed.said} and did not find it`;
  },
};

export function producer(world: World, args: Json): void {
  const { orders, rows, fixed } = args as Told<{ orders: number; rows: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < orders; n++) {
    db.immediate(() => {
      for (let row = 0; row < rows; row++) db.run('INSERT INTO orders VALUES(?)', n);
      if (!fixed) world.send('consumer', n);
    });
    if (fixed) world.send('consumer', n);
  }
  db.close();
}

export function consumer(world: World, args: Json): void {
  const { orders } = args as { orders: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < orders; n++) {
    const order = Number(world.receive()?.message);
    if (db.get('SELECT n FROM orders WHERE n = ?', order) === undefined) world.observe('missed', order);
  }
  db.close();
}
