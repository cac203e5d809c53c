// A lane program that promises too early: what the crash sweep must catch.
import { SqlError, type World } from '../lane/world.ts';

/** Says that its row is committed, and then commits it. */
export function hasty(world: World): void {
  const db = world.open('lab.db');
  db.exec('PRAGMA wal_autocheckpoint=0');
  db.immediate(() => {
    db.run("INSERT INTO t VALUES(1, 'one')");
    world.observe('committed', { table: 't', keys: [1] });
  });
  db.close();
}

/** Does the same once `a` has been killed, in its place: its recovery promises too early. */
export function heir(world: World): void {
  if (world.wait('a')?.how === 'killed') hasty(world);
}

/** Tells of a row as committed, whatever came of its COMMIT: no kill shows that, an error does. */
export function careless(world: World): void {
  const db = world.open('lab.db');
  try {
    db.immediate(() => db.run("INSERT INTO t VALUES(1, 'one')"));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
  }
  world.observe('committed', { table: 't', keys: [1] });
  db.close();
}
