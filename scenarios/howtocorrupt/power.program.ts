// Lane program of power.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPairs, openFile } from './common.program.ts';

/** Writes, before the power goes and after it. */
export function writer(world: World, args: Json): void {
  const { synchronous, transactions } = args as { synchronous: string; transactions: number };
  if (world.process.includes('.boot-')) world.observe('reached', null);
  const db = openFile(world);
  db.exec(`PRAGMA synchronous=${synchronous}; PRAGMA wal_autocheckpoint=8`);
  commitPairs(world, db, transactions);
  db.close();
}
