import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'close-window',
  about:
    'a last close unlinks the -wal of a connection whose lock a raw read has dropped and whose -shm is not mapped yet',
  kind: 'engine',
  depth: 4,
  engine: '3.54.1',
  signature: { invariants: ['acknowledged-commits', 'integrity', 'no-stray-writes', 'no-deleted-files'], says: /./ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE t(k TEXT);',
  queries: { t: 'SELECT k FROM t' },
  processes: (draw) => [
    { name: 'gateway', program: 'gateway', args: { ticks: draw(3, 6), reads: draw(3, 6) } },
    { name: 'closer', program: 'ticker', args: { ticks: draw(3, 6) } },
  ],
  rule: 'nothing more than that acknowledged rows stay',
  broken: () => undefined,
};

export function gateway(world: World, args: Json): void {
  const { ticks, reads, fixed } = args as Told<{ ticks: number; reads: number }>;
  world.thread('ticker', 'ticker', { ticks });
  world.thread('prober', 'prober', { reads, fixed });
}

/** Opens, commits, closes. */
export function ticker(world: World, args: Json): void {
  const { ticks } = args as { ticks: number };
  for (let n = 0; n < ticks; n++) {
    const db = world.open('app.db', { busyTimeoutMs: 60_000 });
    const key = `${world.lane}:${n}`;
    db.run('INSERT INTO t VALUES(?)', key);
    world.observe('committed', { table: 't', keys: [key] });
    db.close();
  }
}

export function prober(world: World, args: Json): void {
  const { reads, fixed } = args as Told<{ reads: number }>;
  for (let n = 0; n < reads; n++) {
    if (!fixed) world.files.read('app.db', { length: 16 });
    world.step('between');
  }
}
