import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';
import { firstSaid } from './facts.ts';

export const bug: PlantedBug = {
  name: 'missed-wakeup',
  about: 'a consumer says that it waits after it has looked whether there is something, and is not called',
  kind: 'planted',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the consumer slept beside \d+ items$/ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE item(n INT);',
  queries: {},
  processes: (draw) => [{ name: 'queue', program: 'queue', args: { items: draw(1, 3), pauseMs: draw(0, 1) } }],
  rule: 'nobody sleeps beside an item',
  broken: (history) => {
    const found = firstSaid(history, 'slept-beside');
    return found === undefined ? undefined : `the consumer slept beside ${found.said} items`;
  },
};

/** A process with two threads. */
export function queue(world: World, args: Json): void {
  world.thread('consumer', 'consumer', args);
  world.thread('producer', 'producer', args);
}

export function producer(world: World, args: Json): void {
  const { items, pauseMs } = args as { items: number; pauseMs: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < items; n++) {
    db.run('INSERT INTO item VALUES(?)', n);
    const waits = world.mutex('queue', () => {
      world.shared.set('made', n + 1);
      return world.shared.get('waits') === true;
    });
    if (waits) world.send('queue/consumer', 'more');
    if (pauseMs > 0) world.sleep(pauseMs);
  }
  db.close();
}

export function consumer(world: World, args: Json): void {
  const { items, fixed } = args as Told<{ items: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const made = () => Number(world.shared.get('made') ?? 0);
  for (let taken = 0; taken < items; ) {
    const isEmpty = () => made() === taken;
    const waits = fixed
      ? world.mutex('queue', () => {
          world.shared.set('waits', true);
          return isEmpty();
        })
      : world.mutex('queue', isEmpty);
    if (waits) {
      if (!fixed) world.mutex('queue', () => world.shared.set('waits', true));
      const called = world.receive({ timeoutMs: 10_000 });
      if (called === undefined && made() > taken) world.observe('slept-beside', made() - taken);
      world.mutex('queue', () => world.shared.set('waits', false));
    }
    db.get('SELECT count(*) FROM item');
    taken = made();
  }
  db.close();
}
