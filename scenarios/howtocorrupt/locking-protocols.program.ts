// Lane programs of locking-protocols.ts.
import type { Json, Vfs, World } from '../../harness/lane/world.ts';
import { commitPairs, openFile } from './common.program.ts';

export function writer(world: World, args: Json): void {
  const { vfs, transactions } = args as { vfs: Vfs; transactions: number };
  world.observe('reached', null);
  const db = openFile(world, { vfs });
  commitPairs(world, db, transactions);
  db.close();
}
