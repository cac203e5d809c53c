// Lane programs with the mistakes of whoever writes a scenario.
import type { World } from '../lane/world.ts';
import type { Json } from '../model/values.ts';

/** @param sql what it makes; null for no file at all */
export function setup(world: World, sql: Json): void {
  if (sql === null) return;
  const db = world.open('lab.db');
  db.exec(sql as string);
  db.close();
}

/** @param said the kind and the data of an observation */
export function saying(world: World, said: Json): void {
  const { kind, data } = said as { kind: string; data: Json };
  world.observe(kind, data);
}

/** Makes the table itself, and commits a row. */
export function making(world: World, { table, drops = false }: { table: string; drops?: boolean }): void {
  const db = world.open('lab.db');
  db.exec(`CREATE TABLE IF NOT EXISTS ${table}(k INTEGER PRIMARY KEY)`);
  db.run(`INSERT INTO ${table} VALUES(1)`);
  world.observe('committed', { table: 't', keys: [1] });
  if (drops) db.exec(`DROP TABLE ${table}`);
  db.close();
}

export function spawning(world: World, program: Json): void {
  world.spawn(program as string, 'child');
}

export function threading(world: World, program: Json): void {
  world.thread(program as string, 'child');
}
