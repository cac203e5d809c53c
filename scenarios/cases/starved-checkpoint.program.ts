// Lane programs of starved-checkpoint.test-support.ts.
import type { World, Json } from '../../harness/lane/world.ts';

const capMs = 120_000;

export function setup(world: World): void {
  const db = world.open('app.db');
  db.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, who TEXT, n INT)');
  db.get('PRAGMA journal_mode=WAL');
  db.close();
}

/** Until the next whole multiple of the cap. */
function untilNextMs(world: World): number {
  return capMs - (world.now() % capMs);
}

export function seat(world: World, args: Json): void {
  const { startMs, holdMs, strategy } = args as { startMs: number; holdMs: number; strategy: string };
  const gap = strategy === 'age-cap-and-gap';
  world.sleep(startMs);
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  while (!world.stopping()) {
    db.exec('BEGIN');
    db.get('SELECT count(*) FROM t');
    world.observe('snapshot', null);
    world.sleep(gap ? untilNextMs(world) : strategy === 'age-cap' ? capMs : holdMs);
    db.exec('ROLLBACK');
    world.observe('released', null);
    if (gap) world.sleep(1000);
  }
  db.close();
}

export function writer(world: World, args: Json): void {
  const { everyMs } = args as { everyMs: number };
  const db = world.open('app.db', { busyTimeoutMs: 60_000 });
  db.exec('PRAGMA wal_autocheckpoint=0');
  for (let n = 0; !world.stopping(); n++) {
    db.run('INSERT INTO t(who, n) VALUES(?, ?)', world.process, n);
    world.observe('committed', { table: 't', keys: [`${world.process}:${n}`] });
    world.sleep(everyMs);
  }
  db.close();
}

export function checkpointer(world: World, args: Json): void {
  const { strategy } = args as { strategy: string };
  const db = world.open('app.db', { busyTimeoutMs: 2000 });
  while (!world.stopping()) {
    world.sleep(strategy === 'age-cap-and-gap' ? untilNextMs(world) + 500 : 60_000);
    const row = db.get('PRAGMA wal_checkpoint(PASSIVE)');
    const back = Number(row?.['log']) - Number(row?.['checkpointed']);
    if (back > 0 && strategy === 'truncate-escalation') db.get('PRAGMA wal_checkpoint(TRUNCATE)');
    const walFrames = Math.floor((world.files.stat('app.db-wal')?.size ?? 0) / 4120);
    world.observe('checkpoint', { back, walFrames });
  }
  db.close();
}
