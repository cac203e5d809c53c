import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'raw-read',
  about:
    'a thread reads the database file, and its close drops the locks of a transaction of another one (howtocorrupt.html 2.2)',
  kind: 'use',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['acknowledged-commits', 'integrity', 'planted'], says: /./ },
  schema: 'CREATE TABLE t(k TEXT PRIMARY KEY); CREATE TABLE u(k TEXT);',
  queries: { t: 'SELECT k FROM t' },
  processes: (draw) => [
    { name: 'gateway', program: 'gateway', args: { commits: draw(3, 6), reads: draw(1, 4) } },
    { name: 'other', program: 'writer', args: { commits: draw(3, 6), rows: 2 } },
  ],
  rule: 'nothing more than that acknowledged rows stay',
  broken: () => undefined,
};

export function gateway(world: World, args: Json): void {
  const { commits, reads, fixed } = args as Told<{ commits: number; reads: number }>;
  world.thread('writer', 'writer', { commits, rows: 3 });
  world.thread('prober', 'prober', { reads, fixed });
}

export function writer(world: World, args: Json): void {
  const { commits, rows } = args as { commits: number; rows: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < commits; n++) {
    const keys = Array.from({ length: rows }, (_, row) => `${world.lane}:${n}:${row}`);
    db.immediate(() => {
      for (const key of keys) db.run('INSERT INTO t VALUES(?)', key);
    });
    world.observe('committed', { table: 't', keys });
  }
  db.close();
}

export function prober(world: World, args: Json): void {
  const { reads, fixed } = args as Told<{ reads: number }>;
  for (let n = 0; n < reads; n++) {
    if (!fixed) world.files.read('app.db', { length: 16 });
    const db = world.open('app.db', { busyTimeoutMs: 60_000 });
    db.get('SELECT count(*) FROM t');
    db.close();
  }
}
