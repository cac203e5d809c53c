// Lane programs of links.ts.
import type { Json, World } from '../../harness/lane/world.ts';
import { commitPair, commitPairs, file, openFile } from './common.program.ts';

const alias = 'alias.db';

/** The plan has it die somewhere. A link is made here: a run begins on copies of what setup made, where a hard link is none. */
export function writer(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  if (way === 'hard-link') world.files.link(file, alias);
  else world.files.symlink(file, alias);
  const db = openFile(world);
  commitPairs(world, db, transactions);
  db.close();
}

/** Comes when the writer is gone, by the other name or by the same. */
export function visitor(world: World, args: Json): void {
  const { way } = args as { way: string };
  world.wait('writer');
  if (world.files.exists(`${file}-journal`)) world.observe('reached', null);
  const db = way === 'same-name' ? openFile(world) : world.open(alias);
  commitPair(world, db, 0);
  db.close();
}
