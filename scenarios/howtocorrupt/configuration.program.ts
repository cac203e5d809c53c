// Lane programs of configuration.ts.
import type { Connection, Json, World } from '../../harness/lane/world.ts';
import { commitPair, commitPairs, openFile } from './common.program.ts';

const dangerous: { readonly [way: string]: string } = {
  'journal-off': 'PRAGMA journal_mode=OFF',
  'journal-memory': 'PRAGMA journal_mode=MEMORY',
  'schema-written': `PRAGMA writable_schema=ON;
    UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 't_payload') WHERE name = 't_writer'`,
};

/** `defensive-…`: the same, with SQLite told to refuse it. */
function configure(db: Connection, way: string): void {
  db.exec(dangerous[way.replace('defensive-', 'journal-')] ?? '');
}

/** The plan has it die somewhere. */
export function writer(world: World, args: Json): void {
  const { way, transactions } = args as { way: string; transactions: number };
  const db = openFile(world, { defensive: way.startsWith('defensive-') });
  configure(db, way);
  commitPairs(world, db, transactions);
  db.close();
}

export function visitor(world: World): void {
  world.wait('writer');
  world.observe('reached', null);
  const db = openFile(world);
  commitPair(world, db, 0);
  db.close();
}
