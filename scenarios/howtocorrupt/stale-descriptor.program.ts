// Lane programs of stale-descriptor.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, openFile } from './common.program.ts';

export { committer as other } from './common.program.ts';

/** Writes a log beside its database. */
export function app(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  const log = world.files.open('app.log', 'w+');
  log.write('begun\n', 0);
  if (way === 'stale-number') log.close();
  const db = openFile(world);
  // Whoever still has the number writes to what it means by now.
  const target = way === 'stale-number' ? world.files.reuse(log) : log;
  for (let i = 0; i < transactions; i++) {
    commitPair(world, db, i);
    target.write(`transaction ${i} is done\n`, 0);
    world.observe('reached', null);
    world.sleep(1);
  }
  if (way !== 'stale-number') log.close();
  db.close();
}
