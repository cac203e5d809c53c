// Makes the database that a run begins with, of statements in SQL.
import type { Json, World } from '../lane/world.ts';

/**
 * @property database below the world's directory
 * @property sql any number of statements; none leave no file
 */
export interface SetupOrder {
  readonly database: string;
  readonly sql: string;
}

export function setup(world: World, args: Json): void {
  const { database, sql } = args as unknown as SetupOrder;
  if (sql === '') return;
  const db = world.open(database);
  db.exec(sql);
  db.close();
}
