// Lane programs of broken-locks.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPairs, openFile } from './common.program.ts';

export function writer(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  if (way === 'taking-turns' && world.process !== 'writer-1') world.wait('writer-1');
  world.observe('reached', null);
  const db = openFile(world, { walIndex: way === 'wal-index-apart' ? 'alone' : 'shared' });
  commitPairs(world, db, transactions);
  db.close();
}
