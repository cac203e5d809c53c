// What the programs of planted bugs do beside their bug: transactions that harm nobody, so that the few steps that matter lie among many.
import type { Connection, World } from '../../harness/lane/world.ts';

/** So many commits to a table of its own, `noise(who, n)`. */
export function work(world: World, db: Connection, commits: number): void {
  for (let n = 0; n < commits; n++) db.run('INSERT INTO noise VALUES(?, ?)', world.lane, n);
}

export const noise = 'CREATE TABLE noise(who TEXT, n INT);';
