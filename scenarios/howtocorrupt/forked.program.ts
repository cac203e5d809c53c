// Lane programs of forked.ts.
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { addRow, commitPair, commitPairs, openFile, rowsOf } from './common.program.ts';

export { committer as other } from './common.program.ts';

/** Adds rows of its own to the transaction of its parent, and commits it. */
function finish(world: World, db: Connection): void {
  const rows = rowsOf(world, 0);
  world.observe('committing', rows);
  addRow(world, db, 0);
  addRow(world, db, 1);
  db.run('COMMIT');
  world.observe('committed', rows);
}

/** Forks in the middle of a transaction. */
export function app(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  const ownWrites = (child: World) => commitPairs(child, openFile(child, { busyTimeoutMs: 5000 }), 2);
  if (way === 'forked-before') world.fork('child', ownWrites);
  const db = openFile(world);
  const inChild = (child: World): void => {
    if (way === 'child-closes') db.close();
    else if (way === 'child-goes-on') finish(child, db);
    else if (way === 'child-opens-another') ownWrites(child);
  };
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i, () => {
      if (i > 0) return;
      world.observe('reached', null);
      if (way !== 'forked-before') world.fork('child', inChild);
      world.sleep(2);
    });
    world.sleep(1);
  }
  world.wait('child');
  db.close();
}
