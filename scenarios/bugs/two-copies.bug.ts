import type { Json, World } from '../../harness/lane/world.ts';
import type { PlantedBug, Told } from './bug.ts';

export const bug: PlantedBug = {
  name: 'two-copies',
  about: 'a backup copies the database and then its -wal, at once, beside writers (neotoma #2075)',
  kind: 'use',
  depth: 3,
  engine: '3.51.2',
  signature: { invariants: ['acknowledged-commits', 'integrity'], says: /./ },
  schema: 'PRAGMA journal_mode=WAL; CREATE TABLE t(k TEXT);',
  database: 'backup.db',
  queries: { t: 'SELECT k FROM t' },
  processes: (draw) => [
    { name: 'setup-writer', program: 'writer', args: { commits: draw(20, 40), makes: true } },
    { name: 'writer', program: 'writer', args: { commits: draw(20, 40), makes: false } },
    { name: 'backup', program: 'backup', args: { afterMs: draw(1, 6) } },
  ],
  rule: 'nothing more than that acknowledged rows are in the backup',
  broken: () => undefined,
};

export function writer(world: World, args: Json): void {
  const { commits, makes } = args as { commits: number; makes: boolean };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  db.exec('PRAGMA wal_autocheckpoint=4');
  if (makes) {
    db.get('PRAGMA journal_mode=WAL');
    db.exec('CREATE TABLE t(k TEXT)');
    world.files.write('made', '');
  }
  while (!world.files.exists('made')) world.sleep(1);
  for (let n = 0; n < commits; n++) {
    db.run('INSERT INTO t VALUES(?)', `${world.process}:${n}`);
    if (n % 5 === 4) world.sleep(1);
  }
  world.wait('backup'); // the last close is a checkpoint too
  db.close();
}

export function backup(world: World, args: Json): void {
  const { afterMs, fixed } = args as Told<{ afterMs: number }>;
  while (!world.files.exists('made')) world.sleep(1);
  world.sleep(afterMs);
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  const keys = db.all('SELECT k FROM t').map((row) => String(row['k']));
  db.close();
  world.observe('committed', { table: 't', keys });
  if (fixed) {
    const source = world.open('app.db', { busyTimeoutMs: 60_000 });
    source.run('VACUUM INTO ?', String(source.get('PRAGMA database_list')?.['file']).replace('app.db', 'new.db'));
    source.close();
    world.files.rename('new.db', 'backup.db');
    return;
  }
  world.files.copy('app.db', 'backup.db');
  if (world.files.exists('app.db-wal')) world.files.copy('app.db-wal', 'backup.db-wal');
}
