import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'starved-checkpoint',
  about: 'readers whose snapshots overlap keep every checkpoint from its end (khive #1812)',
  kind: 'use',
  depth: 2,
  engine: '3.51.2',
  signature: { invariants: ['planted'], says: /^the WAL has \d+ frames$/ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE t(n INT);',
  queries: {},
  processes: (draw) => [
    ...[1, 2, 3].map((n) => ({ name: `reader-${n}`, program: 'reader', args: { snapshots: 8, holdMs: draw(1, 5) } })),
    { name: 'writer', program: 'writer', args: { commits: 45 } },
  ],
  rule: 'the WAL stays below 40 frames',
  broken: ({ observations }) => {
    const most = Math.max(0, ...observations.filter(({ kind }) => kind === 'frames').map(({ data }) => Number(data)));
    return most < 40 ? undefined : `the WAL has ${most} frames`;
  },
};

export function reader(world: World, args: Json): void {
  const { snapshots, holdMs, fixed } = args as Told<{ snapshots: number; holdMs: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  for (let n = 0; n < snapshots; n++) {
    db.exec('BEGIN');
    db.get('SELECT count(*) FROM t');
    if (!fixed) world.sleep(1 + Math.floor(world.random() * holdMs));
    db.exec('ROLLBACK');
    world.sleep(1 + Math.floor(world.random() * 4));
  }
  db.close();
}

export function writer(world: World, args: Json): void {
  const { commits, fixed } = args as Told<{ commits: number }>;
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  db.exec('PRAGMA wal_autocheckpoint=10');
  for (let n = 0; n < commits; n++) {
    db.run('INSERT INTO t VALUES(?)', n);
    if (fixed && n % 10 === 9) db.get('PRAGMA wal_checkpoint(TRUNCATE)');
    world.observe('frames', Math.floor((world.files.stat('app.db-wal')?.size ?? 0) / 4120));
    if (n % 3 === 0) world.sleep(1);
  }
  db.close();
}
